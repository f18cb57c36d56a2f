"""The machine, the process, the answers so far and the model's scores, as JSON."""

from __future__ import annotations

from typing import Any

from engine.errors import HistoryError, ModelError
from server.room import Room


def statistics_of(room: Room) -> dict[str, Any]:
    """What /api/statistics says: the machine, the process, the answers so far and the model's scores."""
    monitor = room.whisker.monitor
    sample, counts, latency = monitor.sample(), monitor.counts(), monitor.latency()
    try:
        card = room.whisker.predictor.card
        model = {"name": card.name, "version": card.version, "metrics": card.metrics}
    except ModelError:
        model = None
    try:
        kept = room.whisker.history.count()
    except HistoryError:
        kept = None
    statuses: dict[str, int] = {}
    for (_, _, status), count in room.figures.requests().items():
        statuses[str(status)] = statuses.get(str(status), 0) + count
    return {
        "cpu_percent": sample.cpu_percent,
        "memory_percent": sample.memory_percent,
        "disk_percent": sample.disk_percent,
        "disk": {
            "read_bytes_per_second": _rounded(sample.disk_read_per_second),
            "written_bytes_per_second": _rounded(sample.disk_written_per_second),
        },
        "gpu": None
        if sample.gpu_percent is None
        else {"percent": sample.gpu_percent, "memory_percent": _rounded(sample.gpu_memory_percent)},
        "network": {
            "requests_per_second": round(sample.requests_per_second, 2),
            "received_bytes_per_second": round(sample.received_per_second, 1),
            "sent_bytes_per_second": round(sample.sent_per_second, 1),
        },
        "process": {
            "cpu_percent": sample.process_cpu_percent,
            "memory_bytes": sample.process_memory_bytes,
            "threads": sample.process_threads,
        },
        "predictions": {
            "total": counts.total,
            "unknown": counts.unknown,
            "per_class": counts.per_class,
            "per_second": round(sample.predictions_per_second, 2),
            "in_history": kept,
        },
        "latency": {
            "count": latency.count,
            "p50": _rounded(latency.p50, 2),
            "p95": _rounded(latency.p95, 2),
            "p99": _rounded(latency.p99, 2),
            "unit": "ms",
        },
        "requests": statuses,
        "uptime_seconds": round(monitor.uptime_s, 1),
        "model": model,
        "recent": _recent(room),
    }


def _recent(room: Room) -> dict[str, Any] | None:
    """The model's latest answers, whoever asked, and what has changed since it was judged."""
    try:
        seen = room.whisker.outlook()
    except (ModelError, HistoryError):
        return None
    return {
        "pictures": seen.pictures,
        "unknown": seen.unknown,
        "per_class": seen.mix,
        "drift": [
            {
                "kind": sign.kind,
                "class": sign.class_name,
                "share": round(sign.share, 4),
                "expected": round(sign.expected, 4),
                "pictures": sign.pictures,
            }
            for sign in seen.signs
        ],
    }


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
