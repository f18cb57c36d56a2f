"""How the machine and the answering are doing: one sampler for the window, the API, its web page and /metrics."""

from engine.monitor.answers import LATENCIES, Counts, Latency, percentile
from engine.monitor.monitor import EVERY_S, Monitor
from engine.monitor.points import DAY, HOUR, MINUTE, RANGES, Point, Range
from engine.monitor.sample import Sample

__all__ = [
    "DAY",
    "EVERY_S",
    "HOUR",
    "LATENCIES",
    "MINUTE",
    "RANGES",
    "Counts",
    "Latency",
    "Monitor",
    "Point",
    "Range",
    "Sample",
    "percentile",
]
