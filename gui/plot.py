"""An empty plot in the window's own look, which draws when it is told to and never by itself.

pyqtgraph is imported with the first. Lines in it are one pixel wide: wider antialiased ones cost a hundred times more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame

from gui.theme import Theme

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget

GRID = 0.14


def new_plot(axis_width: int, tick_offset: int) -> PlotWidget:
    """Nothing in it can be dragged or zoomed, and its ranges stand still until they are set.

    Args:
        axis_width: Pixels for the left axis, so that plots line up.
        tick_offset: Pixels between the axes and their words.
    """
    import pyqtgraph as pg

    plot = pg.PlotWidget()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setFrameShape(QFrame.Shape.NoFrame)
    item = plot.getPlotItem()
    item.setMenuEnabled(False)
    item.hideButtons()
    item.setMouseEnabled(x=False, y=False)
    item.disableAutoRange()
    item.showGrid(y=True, alpha=GRID)
    for side in ("left", "bottom"):
        item.getAxis(side).setStyle(tickLength=0, tickTextOffset=tick_offset)
    item.getAxis("left").setWidth(axis_width)
    return plot


def tint(plot: PlotWidget, theme: Theme) -> None:
    """Give ground and axes the theme's colours and letters."""
    import pyqtgraph as pg

    plot.setBackground(theme.color("surface"))
    font = QFont(plot.font())
    font.setPixelSize(theme.size("status"))
    for side in ("left", "bottom"):
        axis = plot.getPlotItem().getAxis(side)
        axis.setPen(pg.mkPen(theme.color("line")))
        axis.setTextPen(pg.mkPen(theme.color("muted")))
        axis.setTickFont(font)
