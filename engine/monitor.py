"""How the machine and the answering are doing: one sampler for the window, the API and /metrics."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.bulletin import Bulletin, News, Predicted

EVERY_S = 1.0
KEPT = 3600  # samples: an hour
FIRST_LOOK_S = 0.1
FRESH_S = 0.5  # two askers within this time are given the same sample
LATENCIES = 1000  # the latest answers, of which percentiles are taken


@dataclass(frozen=True)
class Sample:
    """The machine at one moment.

    Attributes:
        at: Seconds since 1970.
        cpu_percent, memory_percent: Of the whole machine, 0 to 100.
        disk_percent: Of the disk that holds the home; None when it cannot be asked.
        process_cpu_percent: Of one core, so that two busy cores are 200.
        process_memory_bytes: Resident memory.
        process_threads: Threads alive.
        predictions_per_second: Since the sample before.
        latency: Of the latest answers.
    """

    at: float
    cpu_percent: float
    memory_percent: float
    disk_percent: float | None
    process_cpu_percent: float
    process_memory_bytes: int
    process_threads: int
    predictions_per_second: float
    latency: Latency


@dataclass(frozen=True)
class Latency:
    """Time from picture to answer, milliseconds, over the latest `count` answers; None while there are none."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True)
class Counts:
    """Answers since the program started; an unknown picture is not counted as its nearest class."""

    total: int
    unknown: int
    per_class: dict[str, int]


class Monitor:
    """Counts answers as they are told, and looks at the machine when asked. Safe to use from many threads.

    Args:
        bulletin: Tells of predictions.
        disk: A path on the disk to watch.
        clock: Monotonic seconds.
    """

    def __init__(self, bulletin: Bulletin, disk: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._disk = disk
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._total = 0
        self._unknown = 0
        self._per_class: Counter[str] = Counter()
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._looked = -math.inf
        self._total_then = 0
        self._followers = 0
        self._stop = threading.Event()
        self._stop_listening = bulletin.listen(self._hear)

    @property
    def uptime_s(self) -> float:
        """Seconds since the program started."""
        return self._clock() - self._began

    def counts(self) -> Counts:
        with self._lock:
            return Counts(self._total, self._unknown, dict(self._per_class.most_common()))

    def latency(self) -> Latency:
        with self._lock:
            latest = sorted(self._latencies)
        return Latency(len(latest), *(percentile(latest, share) for share in (0.5, 0.95, 0.99)))

    def sample(self) -> Sample:
        """The machine now, at most half a second old."""
        with self._looking:
            if self._samples and self._clock() - self._looked < FRESH_S:
                return self._samples[-1]
            sample = self._look()
            self._samples.append(sample)
            return sample

    def samples(self, seconds: float = KEPT) -> list[Sample]:
        """The samples of the last `seconds`, oldest first. They come once a second while somebody follows."""
        since = time.time() - seconds
        with self._looking:
            return [sample for sample in self._samples if sample.at >= since]

    def follow(self) -> Callable[[], None]:
        """Take a sample each second until the returned callable is called, by the last of all who follow."""
        with self._lock:
            self._followers += 1
            if self._followers == 1:
                self._stop = threading.Event()
                threading.Thread(target=self._keep_looking, args=(self._stop,), name="monitor", daemon=True).start()
        left = threading.Event()

        def leave() -> None:
            with self._lock:
                if left.is_set():
                    return
                left.set()
                self._followers -= 1
                if self._followers == 0:
                    self._stop.set()

        return leave

    def close(self) -> None:
        """Stop listening and looking."""
        self._stop_listening()
        with self._lock:
            self._stop.set()

    def _keep_looking(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.sample()
            stop.wait(EVERY_S)

    def _look(self) -> Sample:
        # 10 ms to import, which opening the window need not pay.
        import psutil

        now = self._clock()
        if not hasattr(self, "_process"):
            self._process = psutil.Process()
            # Load is measured between two looks; the first has nothing to compare with and makes its own.
            self._process.cpu_percent()
            self._cpu = psutil.cpu_times()
            time.sleep(FIRST_LOOK_S)
        # psutil.cpu_percent() would compare with the last call of the same thread, not with ours.
        cpu_before, self._cpu = self._cpu, psutil.cpu_times()
        with self._lock:
            total = self._total
        passed = now - (self._looked if math.isfinite(self._looked) else self._began)
        rate = (total - self._total_then) / passed if passed > 0 else 0.0
        self._looked, self._total_then = now, total
        with self._process.oneshot():
            return Sample(
                at=time.time(),
                cpu_percent=_busy_percent(cpu_before, self._cpu),
                memory_percent=float(psutil.virtual_memory().percent),
                disk_percent=_disk_percent(self._disk),
                process_cpu_percent=float(self._process.cpu_percent()),
                process_memory_bytes=int(self._process.memory_info().rss),
                process_threads=int(self._process.num_threads()),
                predictions_per_second=rate,
                latency=self.latency(),
            )

    def _hear(self, news: News) -> None:
        if not isinstance(news, Predicted):
            return
        with self._lock:
            for prediction in news.predictions:
                self._total += 1
                self._latencies.append(prediction.elapsed_ms)
                if prediction.unknown:
                    self._unknown += 1
                else:
                    self._per_class[prediction.predicted_class] += 1


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share`, above 0 and up to 1, of the ordered values do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _busy_percent(before: Any, after: Any) -> float:
    """Share of processor time, 0 to 100, that was not idle between two psutil.cpu_times()."""
    # Linux counts a guest's time in user time already.
    spent = {
        name: getattr(after, name) - getattr(before, name)
        for name in after._fields
        if name not in ("guest", "guest_nice", "dpc", "interrupt")
    }
    total = sum(spent.values())
    idle = spent["idle"] + spent.get("iowait", 0.0)
    return round(min(100.0, max(0.0, 100.0 * (1.0 - idle / total))), 1) if total > 0 else 0.0


def _disk_percent(path: Path) -> float | None:
    import psutil

    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        return float(psutil.disk_usage(str(path)).percent)
    except OSError:
        return None
