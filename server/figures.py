"""Requests counted and timed, and all figures in the words of Prometheus."""

from __future__ import annotations

import bisect
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.monitor import Monitor

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Figures:
    """How many requests there were, by method, route and status, and how long each route took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._times: dict[str, tuple[list[int], float]] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is a rule such as /api/retrain/<job_id>, so that there are few of them."""
        bucket = bisect.bisect_left(BUCKETS_S, seconds)
        with self._lock:
            self._requests[method, route, status] += 1
            counts, total = self._times.get(route) or ([0] * (len(BUCKETS_S) + 1), 0.0)
            counts[bucket] += 1
            self._times[route] = counts, total + seconds

    def requests(self) -> dict[tuple[str, str, int], int]:
        """Requests by method, route and status."""
        with self._lock:
            return dict(self._requests)

    def times(self) -> dict[str, tuple[list[int], float]]:
        """For each route: requests in each bucket of BUCKETS_S (the last one above all), and seconds in all."""
        with self._lock:
            return {route: (list(counts), total) for route, (counts, total) in self._times.items()}


def prometheus_text(
    figures: Figures, monitor: Monitor, model: dict[str, str], drift: Sequence[str] | None = None
) -> tuple[bytes, str]:
    """Everything as Prometheus reads it, and its content type.

    Args:
        drift: The kinds of `engine.drift.Sign` there are; None when that cannot be told.

    A registry of its own: the library's global one belongs to the whole process.
    """
    # 60 ms to import, for those who never ask.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures, monitor, model, drift))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Collector:
    def __init__(self, figures: Figures, monitor: Monitor, model: dict[str, str], drift: Sequence[str] | None) -> None:
        self._figures = figures
        self._drift = drift
        self._monitor = monitor
        self._model = model

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        requests = CounterMetricFamily("whisker_http_requests", "Requests.", labels=("method", "route", "status"))
        for (method, route, status), count in sorted(self._figures.requests().items()):
            requests.add_metric((method, route, str(status)), count)
        yield requests
        times = HistogramMetricFamily("whisker_http_request_seconds", "Time to answer a request.", labels=("route",))
        for route, (counts, total) in sorted(self._figures.times().items()):
            times.add_metric((route,), list(_cumulative(counts)), total)
        yield times
        answered = self._monitor.counts()
        made = CounterMetricFamily("whisker_predictions", "Photos answered.", labels=("verdict",))
        made.add_metric(("known",), answered.total - answered.unknown)
        made.add_metric(("unknown",), answered.unknown)
        yield made
        moved = CounterMetricFamily("whisker_http_bytes", "Bytes through the server.", labels=("direction",))
        for direction, count in zip(("received", "sent"), self._monitor.answers.traffic(), strict=True):
            moved.add_metric((direction,), count)
        yield moved
        latency = self._monitor.latency()
        quantiles = GaugeMetricFamily(
            "whisker_prediction_milliseconds", "Time from photo to answer, lately.", labels=("quantile",)
        )
        for name, value in (("0.5", latency.p50), ("0.95", latency.p95), ("0.99", latency.p99)):
            if value is not None:
                quantiles.add_metric((name,), value)
        yield quantiles
        sample = self._monitor.sample()
        gauges: list[tuple[str, str, Any]] = [
            ("whisker_cpu_percent", "Processor in use, whole machine.", sample.cpu_percent),
            ("whisker_memory_percent", "Memory in use, whole machine.", sample.memory_percent),
            ("whisker_disk_percent", "Disk in use, the home's.", sample.disk_percent),
            ("whisker_disk_read_bytes_per_second", "Read from all disks.", sample.disk_read_per_second),
            ("whisker_disk_written_bytes_per_second", "Written to all disks.", sample.disk_written_per_second),
            ("whisker_gpu_percent", "Busiest graphics card in use.", sample.gpu_percent),
            ("whisker_gpu_memory_percent", "Memory of that card in use.", sample.gpu_memory_percent),
            ("whisker_process_cpu_percent", "Processor in use by Whisker, of one core.", sample.process_cpu_percent),
            ("whisker_process_memory_bytes", "Resident memory of Whisker.", sample.process_memory_bytes),
            ("whisker_process_threads", "Threads of Whisker.", sample.process_threads),
            ("whisker_uptime_seconds", "Time since the program started.", self._monitor.uptime_s),
        ]
        for name, meaning, value in gauges:
            if value is not None:
                yield GaugeMetricFamily(name, meaning, value)
        if self._drift is not None:
            signs = GaugeMetricFamily(
                "whisker_drift", "Whether photos lately differ from those the model was judged by.", labels=("kind",)
            )
            for kind in ("class_mix", "distance"):
                signs.add_metric((kind,), float(kind in self._drift))
            yield signs
        yield InfoMetricFamily("whisker_model", "The model that answers.", self._model)


def _cumulative(counts: list[int]) -> Iterator[tuple[str, float]]:
    so_far = 0
    for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts, strict=True):
        so_far += count
        yield bound, so_far
