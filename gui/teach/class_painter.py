"""How a class is painted: its name and count, a strip of its photos, and at the end a place to drop more."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui import words
from gui.teach.class_model import ROW, Index
from gui.teach.lesson import ClassRow
from gui.teach.thumbs import Thumbs
from gui.teach.tiles import paint_tile
from gui.theme import Theme

HEIGHT = 96
TILE = 64
GAP = 8
EDGE = 16
ROOMY_FROM = 520
"""Below this width the words and the drop zone give way, so that photos can be seen."""


class ClassPainter(QStyledItemDelegate):
    """`over` is the row that a drag is over, -1 for none."""

    def __init__(self, theme: Theme, thumbs: Thumbs, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbs = thumbs
        self.over = -1

    @staticmethod
    def tiles(width: int) -> int:
        """How many photos there is room for."""
        return max(0, (width - 2 * EDGE - _words(width) - _zone(width) - GAP) // (TILE + GAP))

    @staticmethod
    def zone(rect: QRect) -> QRect:
        """Where more can be dropped."""
        wide = _zone(rect.width())
        return QRect(rect.right() - EDGE - wide, rect.top() + (HEIGHT - TILE) // 2, wide, TILE)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(400, HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Name of the class")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.left() + 6, option.rect.top() + 22, _words(option.rect.width()), 38)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row = self._theme, index.data(ROW)
        assert isinstance(row, ClassRow)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = option.rect
        ground = QRectF(rect).adjusted(4, 3, -4, -3)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or self.over == index.row():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(ground, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 8, 8)
        self._words(painter, rect, row)
        left, top = rect.left() + EDGE + _words(rect.width()), rect.top() + (HEIGHT - TILE) // 2
        for place, path in enumerate(row.paths[: self.tiles(rect.width())]):
            tile = QRectF(left + place * (TILE + GAP), top, TILE, TILE)
            paint_tile(painter, theme, tile, self._thumbs.get(path), hopeless=self._thumbs.hopeless(path))
        self._zone(painter, self.zone(rect), self.over == index.row())
        painter.restore()

    def _words(self, painter: QPainter, rect: QRect, row: ClassRow) -> None:
        theme, room = self._theme, _words(rect.width()) - 16
        font = painter.font()
        font.setPixelSize(theme.size("body"))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRect(rect.left() + EDGE, rect.top() + 26, room, 22), Qt.AlignmentFlag.AlignVCenter, name)
        font.setPixelSize(theme.size("secondary"))
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(theme.color("muted"))
        number = words.count(len(row.paths), "photo", "photos")
        painter.drawText(QRect(rect.left() + EDGE, rect.top() + 49, room, 20), Qt.AlignmentFlag.AlignVCenter, number)

    def _zone(self, painter: QPainter, zone: QRect, over: bool) -> None:
        theme = self._theme
        pen = QPen(theme.color("accent" if over else "line_strong"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(zone).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        font = painter.font()
        font.setPixelSize(theme.size("status"))
        painter.setFont(font)
        painter.setPen(theme.color("accent" if over else "muted"))
        painter.drawText(zone, Qt.AlignmentFlag.AlignCenter, "Drop more")


def _words(width: int) -> int:
    """Pixels for name and count in a row so wide."""
    return 168 if width >= ROOMY_FROM else 108


def _zone(width: int) -> int:
    return 112 if width >= ROOMY_FROM else 88
