"""Two curves over the epochs: validation solid, training faint."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui import plot
from gui.theme import Theme

DASH = 0.06
"""Of the width."""
Curve = Sequence[float | None]


class CurveChart(QWidget):
    """Args:
    share: Whether values are shares, 0 to 1, shown as percent.
    """

    def __init__(self, theme: Theme, name: str, *, share: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph as pg

        self._theme = theme
        self._pg = pg
        self._share = share
        self._top = self._across = 0.0
        self.setAccessibleName(name)
        self._plot = plot.new_plot(48, 8)
        self._plot.setAccessibleName(name)
        self._train = self._plot.plot([], [], antialias=True)
        self._validation = self._plot.plot([], [], antialias=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        theme.changed.connect(self.tint)
        self.tint()
        self.show_curves([], [], 1)

    def show_curves(self, train: Curve, validation: Curve, epochs: int) -> None:
        """One value for each epoch; the line passes over None (not told) and is open where a value is not finite."""
        finite = [value for value in (*train, *validation) if value is not None and math.isfinite(value)]
        top = 1.0 if self._share else max(finite, default=1.0) * 1.08 or 1.0
        across = max(epochs, len(validation), 2)
        # Only when it must: a new range costs more than a new point.
        enough = top <= self._top and top >= self._top * 0.6 if validation else top == self._top
        if not enough or across != self._across:
            self._top, self._across = top, across
            item = self._plot.getPlotItem()
            item.setXRange(1, across, padding=0.02)
            item.setYRange(0, 1.05 if self._share else top, padding=0)
            axis = item.getAxis("bottom")
            axis.setTicks([[(at, str(at)) for at in _ticks(across)]])
            left = [(at / 4, f"{25 * at} %") for at in range(5)] if self._share else _heights(top)
            item.getAxis("left").setTicks([left])
        for curve, values in ((self._train, train), (self._validation, validation)):
            curve.setData(*_line(values, DASH * across), connect="finite")

    def tint(self) -> None:
        theme, pg = self._theme, self._pg
        plot.tint(self._plot, theme)
        for curve, alpha in ((self._train, 0.45), (self._validation, 1.0)):
            curve.setPen(pg.mkPen(theme.color("accent", alpha), width=1))


def _line(values: Curve, dash: float) -> tuple[list[float], list[float]]:
    """Its points; not finite where it is open. A value that stands alone has no line: a dash says where it is."""
    known = [(at, value) for at, value in enumerate(values, 1) if value is not None]
    told = [(at, value if math.isfinite(value) else math.nan) for at, value in known]
    across: list[float] = []
    up: list[float] = []
    for place, (at, value) in enumerate(told):
        beside = told[max(0, place - 1) : place] + told[place + 1 : place + 2]
        alone = not any(math.isfinite(other) for _, other in beside)
        across += [at, at + dash] if alone else [at]
        up += [value, value] if alone else [value]
    return across, up


def _heights(top: float) -> list[tuple[float, str]]:
    """Four to eight round numbers from 0 to `top`."""
    power = 10.0 ** math.floor(math.log10(top))
    step = next(power * part for part in (0.2, 0.5, 1.0, 2.0) if top <= 7 * power * part)
    return [(at * step, f"{at * step:g}") for at in range(int(top / step) + 1)]


def _ticks(epochs: int) -> list[int]:
    """The first epoch, and round numbers after it: 1, 20, 40."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200) if epochs <= 7 * step or step == 200)
    return [1, *(at for at in range(step, epochs + 1, step) if at > 1)]
