"""The one sampler: it looks at the machine when asked, and once a second while somebody follows."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bulletin import Bulletin
from engine.errors import HistoryError
from engine.monitor.answers import Answers, Counts, Latency, Since
from engine.monitor.points import Point, Range, Timeline
from engine.monitor.sample import Sample

# psutil and ctypes take some 15 ms to import, which opening the window need not pay.
if TYPE_CHECKING:
    from engine.monitor.gpu import Gpu, GpuLoad
    from engine.monitor.machine import Look, Machine
    from engine.monitor.store import PointStore

log = logging.getLogger(__name__)

EVERY_S = 1.0
FRESH_S = 0.5  # two askers within this time are given the same sample
SAVED_EVERY_S = 60.0
"""Seldom enough to be nothing to a disk; what a crash can lose of the charts."""
CLOSE_S = 1.0


Follower = Callable[[Sample], None]


class Monitor:
    """Counts answers as they are told, and looks at the machine when asked. Safe to use from many threads.

    Args:
        bulletin: Tells of predictions and requests.
        disk: A path on the disk to watch.
        clock: Monotonic seconds.
        now: Seconds since 1970; may be set back or leap.
        store: Opens what keeps the last hour and day, when it is first needed.
        children: The numbers of processes this program has started.

    Attributes:
        problem: Why the last hour and day are not being kept; empty while they are.
    """

    def __init__(
        self,
        bulletin: Bulletin,
        disk: Path,
        clock: Callable[[], float] = time.monotonic,
        *,
        now: Callable[[], float] = time.time,
        store: Callable[[], PointStore] | None = None,
        children: Callable[[], Iterable[int]] = tuple,
    ) -> None:
        self.problem = ""
        self.answers = Answers()
        self._disk, self._children = disk, children
        self._clock, self._now = clock, now
        self._began = clock()
        self._open_store = store
        self._timeline = Timeline()
        self._gpu: Gpu | None = None
        self._machine: Machine | None = None
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._telling = threading.Lock()
        self._saving = threading.Lock()
        self._latest: Sample | None = None
        self._looked = -math.inf
        self._saved = -math.inf
        self._store: PointStore | None = None
        self._followers: list[tuple[Follower | None, bool]] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._stop_listening = bulletin.listen(self.answers.hear)

    @property
    def uptime_s(self) -> float:
        """Seconds since the program started."""
        return self._clock() - self._began

    def counts(self) -> Counts:
        return self.answers.counts()

    def latency(self) -> Latency:
        return self.answers.latency()

    def sample(self) -> Sample:
        """The machine now, at most half a second old."""
        with self._looking:
            if self._latest is None or self._clock() - self._looked >= FRESH_S:
                self._latest = self._look()
            return self._latest

    def points(self, spell: Range) -> list[Point]:
        """The last minute, hour or day, oldest first; where nobody followed there are none."""
        return self._timeline.points(spell, self._now())

    def follow(self, each: Follower | None = None, *, closely: bool = False) -> Callable[[], None]:
        """Take a sample each second until the returned callable is called, by the last of all who follow.

        Args:
            each: Is given every sample, in the sampler's thread; quick, and never raising. It is not called any more
                once the returned callable is back.
            closely: Ask the graphics card too, which keeps it awake.
        """
        follower = (each, closely)
        with self._lock:
            self._followers.append(follower)
            if len(self._followers) == 1:
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._keep_looking, args=(self._stop,), name="monitor", daemon=True
                )
                self._thread.start()
        left = threading.Event()

        def leave() -> None:
            with self._telling, self._lock:
                # After closing nobody follows any more.
                if left.is_set() or follower not in self._followers:
                    return
                left.set()
                self._followers.remove(follower)
                if not self._followers:
                    self._stop.set()

        return leave

    def close(self) -> None:
        """Stop listening and looking, and keep what was seen."""
        self._stop_listening()
        with self._lock:
            self._stop.set()
            self._followers.clear()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_S)
        if self._store is not None:
            # A database that another program holds must not hold up the end of this one.
            self._keep_elsewhere().join(CLOSE_S)

    def _keep_looking(self, stop: threading.Event) -> None:
        while not stop.is_set():
            sample = self.sample()
            with self._telling:
                with self._lock:
                    eager = [each for each, _ in self._followers if each is not None]
                for each in eager:
                    each(sample)
            if self._open_store is not None and self._clock() - self._saved >= SAVED_EVERY_S:
                self._keep_elsewhere()
            stop.wait(EVERY_S)

    def _look(self) -> Sample:
        if self._machine is None:
            from engine.monitor.machine import Machine

            self._machine = Machine(self._disk, self._children)
        look, gpu = self._machine.look(), self._look_at_gpu()
        at, moment = self._now(), self._clock()
        passed = max(1e-3, moment - (self._looked if math.isfinite(self._looked) else self._began))
        since, self._looked = self.answers.since(), moment
        sample = self._sample_of(at, passed, look, gpu, since)
        self._timeline.add(at, sample.figures(), since.times)
        return sample

    def _sample_of(self, at: float, passed: float, look: Look, gpu: GpuLoad | None, since: Since) -> Sample:
        assert self._machine is not None
        return Sample(
            at=at,
            cpu_percent=look.cpu_percent,
            memory_percent=look.memory_percent,
            disk_percent=look.disk_percent,
            process_cpu_percent=look.process_cpu_percent,
            process_memory_bytes=look.process_memory_bytes,
            process_threads=look.process_threads,
            predictions_per_second=since.answers / passed,
            latency=self.latency(),
            cores=self._machine.cores,
            memory_total_bytes=look.memory_total_bytes,
            disk_read_per_second=look.disk_read_per_second,
            disk_written_per_second=look.disk_written_per_second,
            gpu_percent=None if gpu is None else gpu.percent,
            gpu_memory_percent=None if gpu is None else gpu.memory_percent,
            requests_per_second=since.requests / passed,
            received_per_second=since.received / passed,
            sent_per_second=since.sent / passed,
        )

    def _look_at_gpu(self) -> GpuLoad | None:
        with self._lock:
            wanted = any(closely for _, closely in self._followers)
        if not wanted:
            if self._gpu is not None:
                self._gpu.let_go()
            return None
        if self._gpu is None:
            from engine.monitor.gpu import Gpu

            self._gpu = Gpu()
        return self._gpu.look()

    def _keep_elsewhere(self) -> threading.Thread:
        """In a thread of its own: a database that is busy makes others wait, and samples must not."""
        self._saved = self._clock()
        thread = threading.Thread(target=self._keep, name="monitor-keep", daemon=True)
        thread.start()
        return thread

    def _keep(self) -> None:
        """Store what is new; the first time, take up what an earlier run stored instead."""
        with self._saving:
            fresh: list[Point] = []
            try:
                if self._store is None:
                    assert self._open_store is not None
                    store = self._open_store()
                    self._timeline.put_back(store.load(self._now()))
                    self._store = store
                else:
                    fresh = self._timeline.take_fresh()
                    self._store.save(fresh, self._now())
            except HistoryError as error:
                self._timeline.give_back(fresh)
                self._say(error)
            else:
                self.problem = ""

    def _say(self, error: HistoryError) -> None:
        # What a closing program no longer waited for is no news.
        if not self.problem and not self._stop.is_set():
            log.warning("the charts of the last hour and day are not kept: %s", error)
        self.problem = str(error)
