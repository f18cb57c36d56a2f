"""On or off."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from gui.theme import Theme

WIDTH, HEIGHT = 40, 22
_RING = 4
"""Room for the focus ring on each side."""


class Switch(QCheckBox):
    """A check box in another shape, so that keyboard and screen readers know it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH + 2 * _RING, HEIGHT + 2 * _RING)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        color = self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(_RING, _RING, WIDTH, HEIGHT)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRoundedRect(track.adjusted(-3, -3, 3, 3), HEIGHT / 2 + 3, HEIGHT / 2 + 3)
        on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(color("line_strong"), 1.5))
        painter.setBrush(color("accent" if on else "track"))
        painter.drawRoundedRect(track, HEIGHT / 2, HEIGHT / 2)
        gap = 4
        side = HEIGHT - 2 * gap
        left = track.right() - gap - side if on else track.left() + gap
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("on_accent" if on else "line_strong"))
        painter.drawEllipse(QRectF(left, track.top() + gap, side, side))
