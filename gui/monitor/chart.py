"""A few lines over time. Drawn when it is told to, never by itself.

What keeps it cheap: pens one pixel wide (gui.plot says why), a few hundred points, and axes that stand still,
since time is counted from now backwards and the height changes only when it must.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.monitor import DAY, HOUR, MINUTE, Range
from gui import plot
from gui.monitor.views import View, ceiling, on_axis
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.monitor.reading import Reading

AXIS = 68
"""Wide enough for "100 MB/s", and the same in all charts, so that they line up."""
RIGHT = 18
"""Room for the half of "now" beyond the axis."""
HEADROOM = 1.12
"""So that the highest label has room beside the axis."""
TICKS = {
    MINUTE: ((-45, "45 s"), (-30, "30 s"), (-15, "15 s"), (0, "now")),
    HOUR: ((-2700, "45 min"), (-1800, "30 min"), (-900, "15 min"), (0, "now")),
    DAY: ((-64800, "18 h"), (-43200, "12 h"), (-21600, "6 h"), (0, "now")),
}


class Chart(QWidget):
    """Signals:
    pointed: The mouse is over this time, seconds before now; None when it has left.
    """

    pointed = Signal(object)

    def __init__(self, theme: Theme, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph as pg

        self._pg = pg
        self._theme = theme
        self._view = view
        self._top = 0.0
        self._spell: Range | None = None
        self._curves: list[Any] = []
        self._reading: Reading | None = None
        self._plot = plot.new_plot(AXIS, 6)
        self._plot.viewport().installEventFilter(self)
        item = self._plot.getPlotItem()
        item.setContentsMargins(0, 4, RIGHT, 0)
        for side in ("left", "bottom"):
            item.getAxis(side).setStyle(hideOverlappingLabels=False)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        item.addItem(self._cursor, ignoreBounds=True)
        self.hint = QLabel(self)
        self.hint.setProperty("role", "secondary")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.when = QLabel(self)
        self.when.setProperty("role", "when")
        self.when.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.when.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        for label in (self.hint, self.when):
            label.raise_()
        theme.changed.connect(self.tint)
        self.show_view(view)

    def show_view(self, view: View) -> None:
        """Show other lines."""
        item = self._plot.getPlotItem()
        for curve in self._curves:
            item.removeItem(curve)
        self._view, self._top, self._spell = view, 0.0, None
        self._curves = [self._pg.PlotCurveItem(antialias=True) for _ in view.lines]
        for curve in self._curves:
            item.addItem(curve, ignoreBounds=True)
        self._plot.setAccessibleName(f"{view.title}: {view.tip}")
        self.tint()
        if self._reading is not None:
            self.draw(self._reading)

    def draw(self, reading: Reading) -> None:
        """Show the values of a moment."""
        import numpy as np

        self._reading = reading
        columns = [reading.columns[line.figure] for line in self._view.lines if line.figure in reading.columns]
        if len(columns) < len(self._view.lines):
            return  # read before another view was chosen
        known = [values[np.isfinite(values)] for values in columns]
        highest = max((float(values.max()) for values in known if len(values)), default=0.0)
        self._fit(reading.spell, highest)
        for curve, values in zip(self._curves, columns, strict=True):
            curve.setData(reading.x, values, connect="finite")
        self._say("" if any(len(values) for values in known) else self._view.empty)

    def values(self, x: float) -> tuple[float, list[float]] | None:
        """The time nearest to `x` that has values, and these in the order of the lines; None when there is none."""
        import numpy as np

        reading = self._reading
        if reading is None or not len(reading.x):
            return None
        columns = [reading.columns[line.figure] for line in self._view.lines if line.figure in reading.columns]
        known = np.flatnonzero(np.any(np.isfinite(columns), axis=0)) if columns else np.zeros(0, np.intp)
        if not len(known):
            return None
        index = int(known[np.abs(reading.x[known] - x).argmin()])
        return float(reading.x[index]), [float(values[index]) for values in columns]

    def step(self, x: float | None, by: int) -> float | None:
        """The time `by` points after `x` (None: the newest)."""
        reading = self._reading
        if reading is None or not len(reading.x):
            return None
        index = len(reading.x) - 1 if x is None else int(abs(reading.x - x).argmin()) + by
        return float(reading.x[min(len(reading.x) - 1, max(0, index))])

    def show_cursor(self, x: float | None, when: str = "") -> None:
        """Mark a time, with the words for it beside the mark."""
        self._cursor.setVisible(x is not None)
        self.when.setVisible(x is not None and bool(when))
        if x is None:
            return
        self._cursor.setPos(x)
        self.when.setText(when)
        self.when.adjustSize()
        box = self._plot.getPlotItem().getViewBox()
        at = self._plot.mapFromScene(box.mapViewToScene(QPointF(x, 0))).x()
        beyond = at + 6 + self.when.width() > self.width() - RIGHT
        self.when.move(at - 6 - self.when.width() if beyond else at + 6, 2)

    def tint(self) -> None:
        theme, pg = self._theme, self._pg
        plot.tint(self._plot, theme)
        self._cursor.setPen(pg.mkPen(theme.color("line_strong"), width=1))
        for curve, line in zip(self._curves, self._view.lines, strict=True):
            curve.setPen(pg.mkPen(theme.color(line.color), width=1, style=line.style))

    def sizeHint(self) -> QSize:
        # pyqtgraph would like 640 x 480.
        return QSize(300, 110)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            box = self._plot.getPlotItem().getViewBox()
            x = box.mapSceneToView(self._plot.mapToScene(event.position().toPoint())).x()
            self.pointed.emit(min(0.0, float(x)))
        elif event.type() == QEvent.Type.Leave:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.hint.setGeometry(AXIS, 0, self.width() - AXIS, self.height() - 20)

    def _say(self, hint: str) -> None:
        if hint != self.hint.text():
            self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def _fit(self, spell: Range, highest: float) -> None:
        view, item = self._view, self._plot.getPlotItem()
        top = view.top or ceiling(highest, view.least, self._top)
        if top != self._top:
            self._top = top
            item.setYRange(0, top * HEADROOM, padding=0)
            item.getAxis("left").setTicks([[(share * top, on_axis(view, share * top)) for share in (0.0, 0.5, 1.0)]])
        if spell is not self._spell:
            self._spell = spell
            item.setXRange(-spell.seconds, 0, padding=0)
            item.getAxis("bottom").setTicks([list(TICKS[spell])])


def is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
