"""A check box whose box and tick have the theme's colours: the platform's own outline is too faint to be seen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton, QWidget

from gui.theme import Theme

_SIDE = 16
_TICK = ((3.8, 8.2), (6.8, 11.2), (12.2, 5.2))


class CheckBox(QCheckBox):
    def __init__(self, theme: Theme, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        # Words, focus ring and background as the style has them; then the box over the style's own.
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        place = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        color, on = self._theme.color, self.isChecked()
        painter = QPainter(self)
        painter.fillRect(place.adjusted(-1, -1, 1, 1), color("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        box = QRectF(0, 0, _SIDE, _SIDE)
        box.moveCenter(QRectF(place).center())
        painter.setPen(QPen(color("accent" if on else "line_strong"), 1))
        painter.setBrush(color("accent" if on else "surface"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if on:
            pen = QPen(color("on_accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(x, y) for x, y in _TICK]))
