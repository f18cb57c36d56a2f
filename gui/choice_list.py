"""A list to choose one thing from, that shows by an arrow that it is one."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from gui.theme import Theme

_SIDE = 16


class ChoiceList(QComboBox):
    """Its arrow has the theme's own colour, which a style sheet cannot tint."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.update)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel turns the page; it must not choose something else on its way.
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        arrow = self._theme.pixmap("chevron-down", "muted", _SIDE, self.devicePixelRatioF())
        QPainter(self).drawPixmap(self.width() - 28, (self.height() - _SIDE) // 2, arrow)
