"""On or off, as a switch that slides."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from gui.theme import Theme

SMALL, LARGE = 22, 38
"""How high it is."""
_RING = 4
"""Room for the focus ring on each side."""
_MOVE_MS = 120


class Switch(QCheckBox):
    """A check box in another shape, so that keyboard and screen readers know it.

    `clicked` tells the person's wish; what it shows is set by whoever knows how things are.
    """

    def __init__(self, theme: Theme, height: int = SMALL, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._track = QRectF(_RING, _RING, round(1.8 * height), height)
        self._at = 0.0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())
        self._slide = QVariantAnimation(self, duration=_MOVE_MS)
        self._slide.valueChanged.connect(self._on_slide)
        self.toggled.connect(self._on_toggled)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(round(self._track.width()) + 2 * _RING, round(self._track.height()) + 2 * _RING)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        color = self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track, round_ = self._track, self._track.height() / 2
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRoundedRect(track.adjusted(-3, -3, 3, 3), round_ + 3, round_ + 3)
        on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(color("line_strong"), 1.5))
        painter.setBrush(color("accent" if on else "track"))
        painter.setOpacity(1.0 if self.isEnabled() else 0.55)
        painter.drawRoundedRect(track, round_, round_)
        gap = 4 if track.height() <= SMALL else 5
        side = track.height() - 2 * gap
        left = track.left() + gap + self._at * (track.width() - 2 * gap - side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("on_accent" if on else "line_strong"))
        painter.drawEllipse(QRectF(left, track.top() + gap, side, side))

    def _on_toggled(self, on: bool) -> None:
        goal = 1.0 if on else 0.0
        self._slide.stop()
        if not self._theme.moves or not self.isVisible():
            self._at = goal
            self.update()
            return
        self._slide.setStartValue(self._at)
        self._slide.setEndValue(goal)
        self._slide.start()

    def _on_slide(self, at: float) -> None:
        self._at = float(at)
        self.update()
