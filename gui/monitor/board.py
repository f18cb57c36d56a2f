"""Where everything on the page stands: in one column, or with what was seen lately beside the charts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui.page_layout import BAR, MARGIN

COLUMNS_FROM = 1440
"""From this width on, the latest predictions stand beside the charts instead of below them."""
BESIDE = 340
CHART = 176
"""Least height of a chart with its title."""
BELOW = 196
ANY = 16777215
GAP = 14


class Board(QScrollArea):
    """Args:
    above: What stands over the charts, full width.
    charts: Four, in a square.
    lately: Two cards about the latest pictures; the second gets more room.
    """

    def __init__(
        self,
        above: Sequence[QWidget],
        charts: Sequence[QWidget],
        lately: tuple[QWidget, QWidget],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lately = lately
        self.charts = QWidget()
        grid = QGridLayout(self.charts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        for index, chart in enumerate(charts):
            chart.setMinimumHeight(CHART)
            grid.addWidget(chart, index // 2, index % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        left = QVBoxLayout()
        left.setSpacing(GAP)
        for widget in above:
            left.addWidget(widget)
        left.addWidget(self.charts, 1)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.setSpacing(16)
        self._foot.addWidget(lately[0], 2)
        self._foot.addWidget(lately[1], 4)
        content = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, content)
        # The scroll bar has its place in the right margin, so that the cards end where the header does.
        self._body.setContentsMargins(MARGIN, 0, MARGIN - BAR, 8)
        self._body.setSpacing(GAP)
        self._body.addLayout(left, 1)
        self._body.addLayout(self._foot)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(content)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        beside = self.width() >= COLUMNS_FROM
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(across if beside else down)
        self._foot.setDirection(down if beside else across)
        self._foot.setStretch(0, 0 if beside else 2)
        for card in self._lately:
            card.setMinimumHeight(0 if beside else BELOW)
            card.setMaximumHeight(ANY if beside else BELOW)
            card.setMinimumWidth(BESIDE if beside else 0)
            card.setMaximumWidth(BESIDE if beside else ANY)
