"""A score and how far it can be believed: a tick in a band on a track that ends at 100 %."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import words
from gui.theme import Theme

HEIGHT = 14
TRACK = 4
BAND = 8
TICK = 3


class RangeBar(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._score: tuple[float, float, float] | None = None
        self._start = 0.0
        self._token = "unknown"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(96)
        theme.changed.connect(self.update)

    def show_score(self, score: float, low: float, high: float, start: float, *, active: bool) -> None:
        """All 0 to 1; `start` is where the track begins, and the active model's band has the accent colour."""
        self._score, self._start, self._token = (score, low, high), start, "accent" if active else "unknown"
        track = f"The track runs from {words.percent(start)} to 100\u00a0%."
        self.setToolTip(
            f"{words.percent(score)} right. With 95\u00a0% certainty between {low * 100:.1f} and "
            f"{high * 100:.1f}\u00a0% on photos like those. {track}"
        )
        self.setAccessibleName(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._score is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        painter.setBrush(self._theme.color("track"))
        painter.drawRoundedRect(QRectF(0, middle - TRACK / 2, self.width(), TRACK), TRACK / 2, TRACK / 2)
        score, low, high = self._score
        left, right = self._at(low), max(self._at(high), self._at(low) + BAND)
        painter.setBrush(self._theme.color(self._token, 0.45))
        painter.drawRoundedRect(QRectF(left, middle - BAND / 2, right - left, BAND), BAND / 2, BAND / 2)
        painter.setBrush(self._theme.color(self._token))
        tick = min(max(self._at(score) - TICK / 2, 0.0), self.width() - TICK)
        painter.drawRoundedRect(QRectF(tick, middle - HEIGHT / 2, TICK, HEIGHT), 1.5, 1.5)

    def _at(self, share: float) -> float:
        return self.width() * min(1.0, max(0.0, (share - self._start) / max(1e-6, 1.0 - self._start)))
