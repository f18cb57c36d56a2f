"""How a recent prediction is painted: a tile with its answer below it, or beside it in a column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui import words
from gui.desk import Desk
from gui.predict.recent_model import ROW, TILE, Index

if TYPE_CHECKING:
    from engine.history import Row

COLUMN = 264
"""Width of the column."""


class RecentTile(QStyledItemDelegate):
    """A tile with its answer below it, or beside it in a column."""

    def __init__(self, desk: Desk, parent: QListView) -> None:
        super().__init__(parent)
        self._desk = desk
        self.column = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(COLUMN - 16, TILE + 16) if self.column else QSize(TILE + 16, TILE + 34)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        color = self._desk.theme.color
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRectF(option.rect).adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent_soft" if chosen else "track"))
            painter.drawRoundedRect(cell, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 8, 8)
        tile = QRectF(cell.left() + 6, cell.top() + 6, TILE, TILE)
        self._paint_tile(painter, tile, index.data(Qt.ItemDataRole.DecorationRole))
        row: Row = index.data(ROW)
        font = painter.font()
        font.setPixelSize(self._desk.theme.size("status"))
        painter.setFont(font)
        painter.setPen(color("text"))
        text = str(index.data())
        if not self.column:
            line = QRect(option.rect.left() + 2, round(tile.bottom()) + 2, option.rect.width() - 4, 20)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width() - 4)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, elided)
        else:
            self._paint_beside(painter, option.rect, round(tile.right()) + 12, text, row)
        painter.restore()

    def foot(self, row: Row) -> str:
        """The last line beside a tile."""
        return words.when(row.at, datetime.now(UTC))

    def _paint_beside(self, painter: QPainter, rect: QRect, left: int, text: str, row: Row) -> None:
        theme = self._desk.theme
        room = rect.right() - left - 8
        font = painter.font()
        font.setPixelSize(theme.size("secondary"))
        font.setBold(True)
        painter.setFont(font)
        height = painter.fontMetrics().height()
        top = rect.center().y() - (height * 3 + 2) // 2 + 1
        for line, text_here in enumerate((text, row.name, self.foot(row))):
            if line == 1:
                font.setPixelSize(theme.size("status"))
                font.setBold(False)
                painter.setFont(font)
                painter.setPen(theme.color("muted"))
            elided = painter.fontMetrics().elidedText(text_here, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QRect(left, top + line * (height + 1), room, height), Qt.AlignmentFlag.AlignLeft, elided)

    def _paint_tile(self, painter: QPainter, tile: QRectF, picture: QPixmap | None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if picture is None:
            painter.setBrush(self._desk.theme.color("track"))
            painter.drawRoundedRect(tile, 8, 8)
            icon = self._desk.theme.pixmap("photo", "muted", 20, self._desk.theme.ratio)
            painter.drawPixmap(round(tile.center().x()) - 10, round(tile.center().y()) - 10, icon)
            return
        brush = QBrush(picture)
        transform = brush.transform()
        transform.translate(tile.left(), tile.top())
        transform.scale(tile.width() / picture.width(), tile.height() / picture.height())
        brush.setTransform(transform)
        painter.setBrush(brush)
        painter.drawRoundedRect(tile, 8, 8)
