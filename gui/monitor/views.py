"""What the charts show, as data: a card holds one view, or a few to choose from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt

from engine.monitor import Sample
from gui import words

SOLID, DASHED, DOTTED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        figure: Its name in `engine.monitor.points.FIGURES`.
        words: What the key under the title calls it.
        color: Its token: of the Okabe-Ito colours those that stand out on this ground.
        style: Told apart by this as well, for whoever sees no colours.
        now: Its value at this moment.
    """

    figure: str
    words: str
    color: str
    style: Qt.PenStyle
    now: Callable[[Sample], float | None]


@dataclass(frozen=True)
class View:
    """One chart.

    Attributes:
        title: What a chooser between views calls it.
        tip: What it shows, in a sentence.
        lines: The first one's value stands large in the corner, or that of all `together`.
        said: A value with its unit.
        top: Where the axis ends; None lets it follow the values.
        least: The smallest end of such an axis.
        empty: What is said when there is nothing to draw.
        aside: One thing more to know now; empty where it is not known.
        together: Whether the lines are parts of one whole, of which no single one would be said large.
    """

    key: str
    title: str
    tip: str
    lines: tuple[Line, ...]
    said: Callable[[float], str]
    top: float | None = None
    least: float = 1.0
    empty: str = ""
    aside: Callable[[Sample], str] = lambda _: ""
    together: bool = False

    def large(self, now: Sequence[float | None]) -> float | None:
        """What stands in the corner while the lines are at `now`."""
        if not self.together:
            return now[0]
        known = [value for value in now if value is not None and math.isfinite(value)]
        return sum(known) if known else None


def percent(value: float) -> str:
    """Of 100; whole, but for what is nearly nothing."""
    return f"{value:.1f}\u00a0%" if 0 < value < 9.95 else f"{value:.0f}\u00a0%"


def bytes_a_second(value: float) -> str:
    for unit, size in (("GB/s", 1e9), ("MB/s", 1e6), ("kB/s", 1e3)):
        if value >= size:
            return f"{value / size:.{0 if value >= 100 * size else 1}f}\u00a0{unit}"
    return f"{value:.0f}\u00a0B/s"


def a_second(value: float) -> str:
    return f"{value:.{0 if value >= 100 or value == 0 else 1}f}/s"


def milliseconds(value: float) -> str:
    return words.milliseconds(value) if value >= 10 else f"{value:.1f}\u00a0ms"


PROCESSOR = View(
    "processor",
    "Processor",
    "How busy the processor is, and Whisker's part of that with the training it runs",
    (
        Line("cpu_percent", "Total", "series_1", SOLID, lambda now: now.cpu_percent),
        Line("program_cpu_percent", "Whisker", "series_2", DASHED, lambda now: now.figures()["program_cpu_percent"]),
    ),
    percent,
    top=100.0,
)
GPU = View(
    "gpu",
    "Graphics",
    "How busy the busiest graphics card is, and how much of its memory is in use",
    (
        Line("gpu_percent", "Busy", "series_1", SOLID, lambda now: now.gpu_percent),
        Line("gpu_memory_percent", "Memory", "series_2", DASHED, lambda now: now.gpu_memory_percent),
    ),
    percent,
    top=100.0,
    empty="Watched while this page is open",
)
MEMORY = View(
    "memory",
    "Memory",
    "How much memory is in use, and Whisker's part of it with the training it runs",
    (
        Line("memory_percent", "Total", "series_1", SOLID, lambda now: now.memory_percent),
        Line(
            "program_memory_percent", "Whisker", "series_2", DASHED, lambda now: now.figures()["program_memory_percent"]
        ),
    ),
    percent,
    top=100.0,
    aside=lambda now: f"Whisker: {now.process_memory_bytes / 1e6:,.0f}\u00a0MB",
)
DISK = View(
    "disk",
    "Disk",
    "What all programs read from the disks and write to them; large: both together",
    (
        Line("disk_read_per_second", "Read", "series_1", SOLID, lambda now: now.disk_read_per_second),
        Line("disk_written_per_second", "Written", "series_2", DASHED, lambda now: now.disk_written_per_second),
    ),
    bytes_a_second,
    least=1e6,
    empty="The system does not tell what the disks do",
    aside=lambda now: "" if now.disk_percent is None else f"{percent(now.disk_percent)} full",
    together=True,
)
NETWORK = View(
    "network",
    "Server",
    "What comes and goes through Whisker's own server; large: both together",
    (
        Line("sent_per_second", "Sent", "series_1", SOLID, lambda now: now.sent_per_second),
        Line("received_per_second", "Received", "series_2", DASHED, lambda now: now.received_per_second),
    ),
    bytes_a_second,
    least=1e4,
    together=True,
)
RATE = View(
    "rate",
    "Predictions",
    "Photos answered by this window and its server, and the server's requests",
    (
        Line("predictions_per_second", "Photos", "series_1", SOLID, lambda now: now.predictions_per_second),
        Line("requests_per_second", "Requests", "series_2", DASHED, lambda now: now.requests_per_second),
    ),
    a_second,
    least=5.0,
)
TIME = View(
    "time",
    "Time each",
    "How long half, 95 and 99 of 100 photos take at most, from file to answer",
    (
        Line("latency_p50", "Half", "series_1", SOLID, lambda now: now.latency.p50),
        Line("latency_p95", "95\u00a0%", "series_2", DASHED, lambda now: now.latency.p95),
        Line("latency_p99", "99\u00a0%", "series_3", DOTTED, lambda now: now.latency.p99),
    ),
    milliseconds,
    least=20.0,
    empty="No photos were answered in this time",
)


def on_axis(view: View, value: float) -> str:
    """As `view.said`, without needless digits."""
    return view.said(value).replace(".0\u00a0", "\u00a0").replace(".0/", "/")


CARDS = ((PROCESSOR, GPU), (MEMORY,), (DISK, NETWORK), (RATE, TIME))


def ceiling(highest: float, least: float, before: float) -> float:
    """The end of an axis for values up to `highest`: 1, 2 or 5 with zeros; it shrinks only when it is far too high."""
    wanted = max(least, highest if math.isfinite(highest) else 0.0)
    if wanted <= before <= 4 * wanted:
        return before
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if wanted <= step * power * (1 + 1e-9))
