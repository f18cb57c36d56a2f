"""The last minute, hour and day as a few hundred points each, however long the program runs."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.monitor.answers import percentiles

# Of the machine: whoever looks sees the same.
MACHINE = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "disk_read_per_second",
    "disk_written_per_second",
    "gpu_percent",
    "gpu_memory_percent",
)
# Of this program: what two of them on one home did at once adds up.
PROGRAM = (
    "program_cpu_percent",
    "program_memory_percent",
    "program_memory_bytes",
    "predictions_per_second",
    "requests_per_second",
    "received_per_second",
    "sent_per_second",
)
LATENCY = ("latency_p50", "latency_p95", "latency_p99")
FIGURES = (*MACHINE, *PROGRAM, *LATENCY)


@dataclass(frozen=True)
class Range:
    """A stretch of time up to now, `seconds` long, in points of `step` seconds."""

    key: str
    seconds: int
    step: int


MINUTE = Range("minute", 60, 1)
HOUR = Range("hour", 3_600, 10)
DAY = Range("day", 86_400, 240)
RANGES = (MINUTE, HOUR, DAY)
KEPT = (HOUR, DAY)
"""Those that outlive the program; a minute is over before it is back."""


@dataclass
class Point:
    """Samples of one step taken together.

    Attributes:
        at: When the step begins, whole seconds since 1970.
        step: Its length, seconds.
        samples: How many were taken.
        sums, counts: Of each figure that was known; what could not be asked is missing.
        times: Latencies, as `answers.sketch` counts them.
    """

    at: int
    step: int
    samples: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    _percentiles: tuple[int, tuple[float, float, float] | None] = field(default=(0, None), compare=False, repr=False)

    def add(self, values: Mapping[str, float | None], times: Mapping[int, int]) -> None:
        """One sample more."""
        self.samples += 1
        for name, value in values.items():
            if value is not None and math.isfinite(value):
                self.sums[name] = self.sums.get(name, 0.0) + value
                self.counts[name] = self.counts.get(name, 0) + 1
        _count_in(self.times, times)

    def merge(self, other: Point) -> None:
        """Take in what another point of the same step saw, here before a restart or in another program."""
        self.samples += other.samples
        for name, value in other.sums.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + other.counts.get(name, 0)
        _count_in(self.times, other.times)

    def copy(self) -> Point:
        return Point(self.at, self.step, self.samples, dict(self.sums), dict(self.counts), dict(self.times))

    def value(self, name: str) -> float:
        """The mean of a figure over the step; NaN when it is not known."""
        if name in LATENCY:
            if self._percentiles[0] != self.samples:
                self._percentiles = (self.samples, percentiles(self.times))
            found = self._percentiles[1]
            return math.nan if found is None else found[LATENCY.index(name)]
        count = self.counts.get(name, 0)
        if name in PROGRAM:
            # More samples than seconds: two programs were at work.
            count = min(count, self.step)
        return self.sums[name] / count if count else math.nan


class Timeline:
    """The points of each range, kept up with the clock. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._points: dict[Range, dict[int, Point]] = {spell: {} for spell in RANGES}
        self._fresh: dict[tuple[int, int], Point] = {}

    def add(self, at: float, values: Mapping[str, float | None], times: Mapping[int, int]) -> None:
        """Take in a sample made `at` seconds since 1970."""
        with self._lock:
            for spell, points in self._points.items():
                self._trim(spell, at)
                start = int(at // spell.step) * spell.step
                points.setdefault(start, Point(start, spell.step)).add(values, times)
                if spell in KEPT:
                    key = (spell.step, start)
                    self._fresh.setdefault(key, Point(start, spell.step)).add(values, times)

    def put_back(self, points: Iterable[Point]) -> None:
        """Take in points that an earlier run kept."""
        with self._lock:
            for spell in KEPT:
                known = self._points[spell]
                for point in points:
                    if point.step == spell.step:
                        known.setdefault(point.at, Point(point.at, point.step)).merge(point)
                self._points[spell] = dict(sorted(known.items()))

    def points(self, spell: Range, now: float) -> list[Point]:
        """Those of the last `spell.seconds` before `now` (seconds since 1970), oldest first; they change no more."""
        with self._lock:
            self._trim(spell, now)
            points = list(self._points[spell].values())
            # Only the newest one still grows.
            return [*points[:-1], *(point.copy() for point in points[-1:])]

    def take_fresh(self) -> list[Point]:
        """What was added since the last call, to be kept; it is handed out once."""
        with self._lock:
            fresh, self._fresh = list(self._fresh.values()), {}
        return fresh

    def give_back(self, points: Iterable[Point]) -> None:
        """Keep for later what could not be stored now."""
        with self._lock:
            for point in points:
                self._fresh.setdefault((point.step, point.at), Point(point.at, point.step)).merge(point)

    def _trim(self, spell: Range, now: float) -> None:
        """Forget what is past, and what lies ahead because the clock was set back."""
        points = self._points[spell]
        stale = [at for at in points if not now - spell.seconds - spell.step < at <= now]
        for at in stale:
            del points[at]
        if stale and spell in KEPT:
            for at in stale:
                self._fresh.pop((spell.step, at), None)


def _count_in(into: dict[int, int], more: Mapping[int, int]) -> None:
    for step, count in more.items():
        into[step] = into.get(step, 0) + count
