"""How a training went, epoch by epoch: two charts beside each other, each with its latest value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.teach.curve_chart import CurveChart

_EPOCH = "each time it has gone once through those it learns from (an epoch)"
ACCURACY_TIP = f"The share of photos that it gets right, {_EPOCH}"
LOSS_TIP = f"How far off its answers are, {_EPOCH}; lower is better"
LEGEND = "solid: held back   ·   faint: learnt from"
Point = tuple[float | None, float | None]
"""Of an epoch: on what was learnt from, on what was held back; None where nothing was told."""


class Curves(QWidget):
    """Args:
    title: Of the first chart.
    stretch: Of the two.

    Attributes:
        accuracy, loss: The charts; None until they were made.
    """

    def __init__(self, theme: Theme, title: str, stretch: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._stretch = stretch
        self.accuracy: CurveChart | None = None
        self.loss: CurveChart | None = None
        self.accuracy_value = QLabel("-", self)
        self.loss_value = QLabel("-", self)
        for value in (self.accuracy_value, self.loss_value):
            value.setProperty("role", "value")
            value.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(24)

    def make(self) -> None:
        """With the first curves: their library takes most of a second."""
        if self.accuracy is not None:
            return
        from gui.teach.curve_chart import CurveChart

        self.accuracy = CurveChart(self._theme, "Share right, by epoch", share=True)
        self.loss = CurveChart(self._theme, "Loss, by epoch", share=False)
        for chart, title, tip, value, stretch in (
            (self.accuracy, self._title, ACCURACY_TIP, self.accuracy_value, self._stretch[0]),
            (self.loss, "Loss", LOSS_TIP, self.loss_value, self._stretch[1]),
        ):
            heading = QLabel(title)
            heading.setToolTip(tip)
            heading.setProperty("role", "heading")
            value.show()
            legend = QLabel(LEGEND)
            legend.setProperty("role", "status")
            legend.setWordWrap(True)
            top = QHBoxLayout()
            top.addWidget(heading)
            top.addStretch(1)
            top.addWidget(value)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addLayout(top)
            column.addWidget(legend)
            column.addWidget(chart, 1)
            self._row.addLayout(column, stretch)

    def show_points(self, accuracies: Sequence[Point], losses: Sequence[Point], across: int) -> None:
        """A point an epoch, in a chart for `across` of them; with no point the charts forget their range."""
        self.make()
        assert self.accuracy is not None
        assert self.loss is not None
        for chart, points in ((self.accuracy, accuracies), (self.loss, losses)):
            chart.show_curves([learnt for learnt, _ in points], [held for _, held in points], across)
        right, loss = _latest(accuracies), _latest(losses)
        self.accuracy_value.setText("-" if right is None else words.percent(right))
        self.loss_value.setText("-" if loss is None else f"{loss:.3f}")


def _latest(points: Sequence[Point]) -> float | None:
    """What was held back came to in the last epoch; None where that is no number."""
    value = points[-1][1] if points else None
    return value if value is not None and math.isfinite(value) else None
