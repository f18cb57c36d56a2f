"""Answers and requests, counted as they are told, and how long answers took."""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.bulletin import News, Predicted, RequestAnswered, Unrecorded
from engine.prediction import Prediction

LATENCIES = 1000  # the latest answers, of which percentiles are taken
SHARES = (0.5, 0.95, 0.99)

# Times are counted in steps of 4 %, so that a second, ten and a day of them add up to percentiles that are right to
# 2 % in a few dozen numbers (the sketch of Masson, Rim and Lee, "DDSketch", VLDB 2019).
_GROWTH = 1.04
_SHORTEST_MS = 0.01


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


@dataclass(frozen=True)
class Since:
    """What came since it was last asked: answers, their times as a sketch, requests, and bytes through the server."""

    answers: int
    times: dict[int, int]
    requests: int
    received: int
    sent: int


class Answers:
    """Counts what the bulletin tells and the server moves. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[float] = deque(maxlen=LATENCIES)
        self._per_class: Counter[str] = Counter()
        self._total = self._unknown = 0
        self._requests = self._received = self._sent = 0
        self._times: Counter[int] = Counter()
        self._then = (0, 0, 0, 0)

    def hear(self, news: News) -> None:
        if isinstance(news, RequestAnswered):
            with self._lock:
                self._requests += 1
        elif isinstance(news, Predicted | Unrecorded):
            self._count(news.predictions)

    def _count(self, predictions: Iterable[Prediction]) -> None:
        with self._lock:
            for prediction in predictions:
                self._total += 1
                self._latest.append(prediction.elapsed_ms)
                self._times.update(sketch((prediction.elapsed_ms,)))
                if prediction.unknown:
                    self._unknown += 1
                else:
                    self._per_class[prediction.predicted_class] += 1

    def moved(self, *, received: int = 0, sent: int = 0) -> None:
        """The server read or wrote so many bytes."""
        with self._lock:
            self._received += received
            self._sent += sent

    def counts(self) -> Counts:
        with self._lock:
            return Counts(self._total, self._unknown, dict(self._per_class.most_common()))

    def traffic(self) -> tuple[int, int]:
        """Bytes received and sent by the server since the program started."""
        with self._lock:
            return self._received, self._sent

    def latency(self) -> Latency:
        with self._lock:
            latest = sorted(self._latest)
        return Latency(len(latest), *(percentile(latest, share) for share in SHARES))

    def since(self) -> Since:
        """What came since the last call."""
        with self._lock:
            now = (self._total, self._requests, self._received, self._sent)
            total, requests, received, sent = (a - b for a, b in zip(now, self._then, strict=True))
            self._then, times = now, self._times
            self._times = Counter()
        return Since(total, times, requests, received, sent)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share`, above 0 and up to 1, of the ordered values do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def sketch(milliseconds: Iterable[float]) -> dict[int, int]:
    """How many times fell into each step; what is no time is left out."""
    steps: Counter[int] = Counter()
    for time in milliseconds:
        if math.isfinite(time):
            steps[math.ceil(math.log(max(time, _SHORTEST_MS)) / math.log(_GROWTH))] += 1
    return steps


def percentiles(times: dict[int, int]) -> tuple[float, float, float] | None:
    """The times, milliseconds, within which 50, 95 and 99 % of a sketch lie, each right to 2 %; None when empty."""
    count = sum(times.values())
    if not count:
        return None
    found: list[float] = []
    so_far = 0
    for step in sorted(times):
        so_far += times[step]
        while len(found) < len(SHARES) and so_far >= math.ceil(SHARES[len(found)] * count):
            found.append(2 * _GROWTH**step / (1 + _GROWTH))
    return found[0], found[1], found[2]
