"""The shape of an answer that is on its way."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme

_LINES = (
    (0, 14, 0.35),
    (30, 36, 0.55),
    (84, 24, 0.32),
    (136, 14, 0.22),
    (158, 8, 1.0),
    (186, 14, 0.22),
    (208, 8, 1.0),
)
"""Top, height in pixels, width as a share."""


class Skeleton(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("The answer is on its way")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("track"))
        for top, height, share in _LINES:
            corner = min(8.0, height / 2)
            painter.drawRoundedRect(QRectF(0, top + 4, self.width() * share, height), corner, corner)
