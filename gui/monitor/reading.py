"""What a chart needs, read off the GUI thread: times and values as arrays, with gaps where nobody looked."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import HistoryError
from engine.monitor import DAY, HOUR, MINUTE, Point, Range, Sample
from engine.monitor.answers import percentiles
from engine.monitor.points import LATENCY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.card import Card
    from engine.drift import Outlook
    from engine.whisker import Whisker

    Floats = npt.NDArray[np.float64]

GAP = 2.5
"""Steps without a sample after which a line ends: the program was off, or the computer asleep."""
NOTHING = -1
"""The place of the NaN behind all values."""
TOGETHER = {MINUTE: 10, HOUR: 6, DAY: 3}
"""Points whose answers are taken together: a lone answer is seen, and a percentile has something to be of."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything the page shows of one moment.

    Attributes:
        spell: The stretch of time.
        at: Its end, seconds since 1970.
        x: float64 [n], seconds before `at`, so none is above 0.
        columns: float64 [n] for each figure; NaN where it is not known.
        sample: The latest one.
        newest: The number of the history's latest row; None when it cannot be read.
        outlook: The model's latest answers; None when there is no model, or they cannot be read.
        problem: Why the history cannot be read.
    """

    spell: Range
    at: float
    x: Floats
    columns: dict[str, Floats]
    sample: Sample
    newest: int | None
    outlook: Outlook | None
    problem: HistoryError | None


def read(whisker: Whisker, spell: Range, figures: Sequence[str], card: Card | None) -> Reading:
    """Takes a few milliseconds; any thread may call it.

    Args:
        card: Of the model that answers; None while there is none, which is no reason to try and load one each second.
    """
    monitor = whisker.monitor
    sample = monitor.sample()
    at = time.time()
    x, columns = arrays(monitor.points(spell), spell, at, figures)
    newest, outlook, problem = None, None, None
    try:
        newest = whisker.history.newest()
        outlook = None if card is None else whisker.outlook(card)
    except HistoryError as error:
        problem = error
    return Reading(spell, at, x, columns, sample, newest, outlook, problem)


def arrays(
    points: Sequence[Point], spell: Range, at: float, figures: Sequence[str]
) -> tuple[Floats, dict[str, Floats]]:
    """The points' times and the values of `figures`: a NaN in each gap; a point by itself as long as its step."""
    import numpy as np

    starts = np.array([point.at for point in points], np.float64)
    # A point stands for the whole of its step, the last one for what there is of it.
    middles = np.minimum(starts + spell.step / 2 - at, 0.0)
    x: list[float] = []
    taken: list[int] = []
    edges = [0, *(np.flatnonzero(np.diff(starts) > GAP * spell.step) + 1).tolist(), len(points)]
    for begin, end in itertools.pairwise(edges):
        if begin > 0:
            x.append(middles[begin] - spell.step)
            taken.append(NOTHING)
        if end - begin == 1:
            x.append(min(starts[begin] - at, middles[begin]))
            taken.append(begin)
        x += middles[begin:end].tolist()
        taken += range(begin, end)
    together = _percentiles(points, TOGETHER[spell], spell) if any(name in LATENCY for name in figures) else {}
    columns = {}
    for name in figures:
        if name in LATENCY:
            values = together[name]
        else:
            values = np.fromiter((point.value(name) for point in points), np.float64, len(points))
        columns[name] = np.append(values, np.nan)[taken]
    return np.array(x, np.float64), columns


def _percentiles(points: Sequence[Point], together: int, spell: Range) -> dict[str, Floats]:
    import numpy as np

    found = np.full((len(LATENCY), len(points)), np.nan)
    for index, point in enumerate(points):
        merged: dict[int, int] = {}
        for other in points[max(0, index - together + 1) : index + 1]:
            if other.times and point.at - other.at < together * spell.step:
                for length, count in other.times.items():
                    merged[length] = merged.get(length, 0) + count
        times = percentiles(merged)
        if times is not None:
            found[:, index] = times
    return dict(zip(LATENCY, found, strict=True))
