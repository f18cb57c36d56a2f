"""Whether it is as often right as it says: a dot for each part of the confidences, larger for more photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import words
from gui.theme import Theme

EDGE = 52
SIDE = 520
"""At the most."""
NARROW = 240


class ReliabilityView(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: Sequence[dict[str, Any]] = ()
        # What it says in words stands beside it, not across the room.
        self.setMaximumWidth(EDGE + SIDE + 16)
        theme.changed.connect(self.update)

    def show_parts(self, parts: Sequence[dict[str, Any]]) -> None:
        self._parts = [part for part in parts if part.get("count") and part.get("accuracy") is not None]
        self.setAccessibleName(sentence(self._parts))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 380)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        side = min(self.width() - EDGE - 16, self.height() - EDGE - 20, SIDE)
        if side < 60:
            return
        box = QRectF(EDGE, 20, side, side)
        font = painter.font()
        font.setPixelSize(theme.size("status"))
        painter.setFont(font)
        # In a small box every other mark, so that they do not run into each other.
        for at in range(0, 5, 1 if side >= NARROW else 2):
            y = box.bottom() - at / 4 * side
            x = box.left() + at / 4 * side
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(theme.color("muted"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 10, EDGE - 8, 20), right, f"{25 * at} %")
            painter.drawText(QRectF(x - 24, box.bottom() + 4, 48, 18), Qt.AlignmentFlag.AlignCenter, f"{25 * at} %")
        below = QRectF(box.center().x() - 90, box.bottom() + 22, 180, 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "how sure it says it is")
        painter.setPen(QPen(theme.color("line_strong"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.bottomLeft(), box.topRight())
        most = max((part["count"] for part in self._parts), default=1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent", 0.8))
        for part in self._parts:
            radius = 4 + 10 * (part["count"] / most) ** 0.5
            middle = QPointF(box.left() + part["confidence"] * side, box.bottom() - part["accuracy"] * side)
            painter.drawEllipse(middle, radius, radius)


def sentence(parts: Sequence[dict[str, Any]], error: float | None = None) -> str:
    """What the dots say, in words."""
    if not parts:
        return "Too few photos to say whether it is as often right as it says."
    most = max(parts, key=lambda part: part["count"])
    sure, right = words.percent(most["confidence"]), words.percent(most["accuracy"])
    said = f"When it says about {sure}, it is right {right} of the time."
    return said if error is None or error < 0.005 else f"{said} On average it is {words.percent(error)} off."
