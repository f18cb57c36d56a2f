"""How fluid a window is: the beats of a timer in its thread, and why they were late."""

from __future__ import annotations

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
    clicked. What was late is told apart: the window's own work, waiting for a core that another program had, and
    waiting for Python's lock (which is also long where whoever holds the lock waits for a core).
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._rows: list[tuple[str, np.ndarray]] = []
        self._beats: list[tuple[float, float, float]] = []
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._beats.append(_moment()))

    def phase(self, name: str) -> Heartbeat:
        self._name = name
        return self

    def __enter__(self) -> None:
        self._beats = [_moment()]
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._rows.append((self._name, np.diff(np.array(self._beats), axis=0) * 1e3))

    def percentile(self, name: str, share: float) -> float:
        """Milliseconds below which this share (0 to 100) of a phase's gaps lie, without waiting for a core."""
        beats = next(beats for each, beats in self._rows if each == name)
        return float(np.percentile(beats[:, 0] - beats[:, 2], share))

    def report(self) -> bool:
        """Print a line a phase; whether no gap is a stall, but for what other programs took."""
        print(f"{'ms':30} {'p50':>6} {'p99':>6} {'max':>7} {'stalls':>12} | {'without waiting for a core':>27}")
        fair = f"{'p99':>6} {'max':>7} {'stalls':>12} {'worst: own':>11} {'lock':>6}"
        print(f"{'':30} {'':6} {'':6} {'':7} {'':12} | {fair}")
        good = True
        for name, beats in self._rows:
            gaps, own, queued = beats.T
            seen = gaps - queued
            worst = int(seen.argmax())
            lock = seen[worst] - own[worst] - BEAT_MS
            good = good and bool((seen <= STALL_MS).all())
            print(
                f"{name:30} {np.median(gaps):6.1f} {np.percentile(gaps, 99):6.1f} {gaps.max():7.1f} {_stalls(gaps)} |"
                f" {np.percentile(seen, 99):6.1f} {seen.max():7.1f} {_stalls(seen)} {own[worst]:11.1f} {lock:6.1f}"
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
