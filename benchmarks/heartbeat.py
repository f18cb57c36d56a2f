"""How fluid a window is: the beats of a timer in its thread, and why they were late."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import numpy as np

BEAT_MS = 16
STALL_MS = 50
"""A gap that can be felt."""


class Heartbeat:
    """Notes, phase by phase, the time from one beat of 16 ms to the next: a gap is a moment in which nothing could be
    clicked. What was late is told apart: the window's own work, waiting for Python's lock (also long where whoever
    holds it waits for a core), and what no program can help: a core that another had or that stood still.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._rows: list[tuple[str, np.ndarray]] = []
        self._beats: list[tuple[float, float, float]] = []
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._beats.append(_moment()))
        self._idlers = Idlers()

    def phase(self, name: str) -> Heartbeat:
        self._name = name
        return self

    def __enter__(self) -> None:
        self._beats = [_moment()]
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        beats = np.array(self._beats)
        gaps, own, queued = np.diff(beats, axis=0).T
        still = self._idlers.stood_still_in(beats[:, 0])
        # A late wake-up may be counted in both.
        seen = gaps - np.maximum(queued, still)
        self._rows.append((self._name, np.stack([gaps, own, seen, still]) * 1e3))

    def percentile(self, name: str, share: float) -> float:
        """Milliseconds below which this share (0 to 100) of a phase's gaps lie, without what no program can help."""
        seen = next(row[2] for each, row in self._rows if each == name)
        return float(np.percentile(seen, share))

    def report(self) -> bool:
        """Print a line a phase; whether no gap is a stall, but for what no program can help."""
        print(f"{'ms':30} {'p50':>6} {'p99':>6} {'max':>7} {'stalls':>12} {'still':>6} | {'the program alone':>27}")
        fair = f"{'p99':>6} {'max':>7} {'stalls':>12} {'worst: own':>11} {'lock':>6}"
        print(f"{'':30} {'':6} {'':6} {'':7} {'':12} {'':6} | {fair}")
        good = True
        for name, (gaps, own, seen, still) in self._rows:
            worst = int(seen.argmax())
            lock = max(0.0, seen[worst] - own[worst] - BEAT_MS)
            good = good and bool((seen <= STALL_MS).all())
            print(
                f"{name:30} {np.median(gaps):6.1f} {np.percentile(gaps, 99):6.1f} {gaps.max():7.1f} {_stalls(gaps)}"
                f" {still.max():6.1f} | {np.percentile(seen, 99):6.1f} {seen.max():7.1f} {_stalls(seen)}"
                f" {own[worst]:11.1f} {lock:6.1f}"
            )
        return good


def _stalls(gaps: np.ndarray) -> str:
    return f"{int((gaps > STALL_MS).sum()):>4} of {len(gaps):>5,}"


def _moment() -> tuple[float, float, float]:
    """Seconds by the clock, of this thread's own work, and of its waiting for a core (0 where the system is silent)."""
    try:
        with open(f"/proc/self/task/{threading.get_native_id()}/schedstat", "rb") as file:
            own, queued, _ = file.read().split()
        return time.perf_counter(), int(own) / 1e9, int(queued) / 1e9
    except OSError:
        return time.perf_counter(), time.thread_time(), 0.0


_IDLE = """
import os, sys, threading, time

os.sched_setaffinity(0, {{{core}}})
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except PermissionError:
    pass

def moment():
    with open("/proc/thread-self/schedstat", "rb") as file:
        return time.perf_counter(), int(file.read().split()[1]) / 1e9

def watch():
    last, queued = moment()
    while True:
        time.sleep({step})
        now, waited = moment()
        late = now - last - {step} - (waited - queued)
        if late > {least}:
            print(now - late, now, flush=True)
        last, queued = now, waited

threading.Thread(target=watch, daemon=True).start()
sys.stdin.read()
"""


class Idlers:
    """Tell when a core itself stood still, as those of virtual machines do while others have theirs.

    On each core a process does nothing but sleep 2 ms at a time, goes before all others where the system lets it, and
    notes when it came late though it did not wait for the core. Linux alone has one clock for all processes, counted
    from the machine's start; elsewhere nothing is noted.
    """

    STEP_S = 0.002
    LEAST_S = 0.003

    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []
        if sys.platform != "linux":
            return
        for core in os.sched_getaffinity(0):
            idle = _IDLE.format(core=core, step=self.STEP_S, least=self.LEAST_S)
            process = subprocess.Popen(
                [sys.executable, "-c", idle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            began, ended = line.split()
            self._seen.append((float(began), float(ended)))

    def stood_still_in(self, edges: np.ndarray) -> np.ndarray:
        """Seconds for which a core stood still between each two of `edges` (n moments, n - 1 spans)."""
        still = np.zeros(len(edges) - 1)
        ended_last = 0.0
        for began, ended in sorted(self._seen):
            # Two cores that stand still at once do so once.
            began, ended_last = max(began, ended_last), max(ended, ended_last)
            still += np.clip(np.minimum(edges[1:], ended) - np.maximum(edges[:-1], began), 0.0, None)
        return still


class Pulse:
    """Notes the time between the beats of a timer, and the processor time of this thread in it, in seconds."""

    def __init__(self, timer: type) -> None:
        from PySide6.QtCore import Qt

        self.gaps: list[float] = []
        self.work: list[float] = []
        self.last = self._worked = 0.0
        self._timer = timer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.begin()
        self._timer.start()

    def begin(self) -> None:
        """Whatever was done before is not counted."""
        self.last, self._worked = time.perf_counter(), time.thread_time()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps.append(now - self.last)
        self.work.append(worked - self._worked)
        self.last, self._worked = now, worked


class Control:
    """The same beat in a process that does nothing else: what the machine adds, with whatever else runs on it."""

    def __init__(self) -> None:
        beat = (
            "import sys, threading, time\n"
            "over = threading.Event()\n"
            "threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()\n"
            "last, worst = time.perf_counter(), 0.0\n"
            "while not over.is_set():\n"
            f"    time.sleep({BEAT_MS / 1e3})\n"
            "    now = time.perf_counter()\n"
            "    worst, last = max(worst, now - last), now\n"
            "print(worst * 1e3)\n"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", beat], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def stop(self) -> float:
        """The longest gap, milliseconds."""
        said, _ = self._process.communicate("")
        return float(said)
