"""Recent predictions, from whichever face: a strip below the photo, a column beside it where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import HistoryError, WhiskerError
from gui import words
from gui.desk import Desk
from gui.predict.answer import Answer

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.history import Row

HOW_MANY = 40
TILE = 56
COLUMN = 264
Index = QModelIndex | QPersistentModelIndex
_ROW = Qt.ItemDataRole.UserRole


class RecentModel(QAbstractListModel):
    """Rows of the history, latest first, with their thumbnails as these arrive."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: list[Row] = []
        self._thumbnails: dict[int, QPixmap | None] = {}

    def set_rows(self, rows: Sequence[Row]) -> None:
        known = {row.id for row in rows}
        self._thumbnails = {number: pixmap for number, pixmap in self._thumbnails.items() if number in known}
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def position(self, number: int) -> QModelIndex:
        """Where history row `number` stands; invalid when it is not there."""
        for at, row in enumerate(self._rows):
            if row.id == number:
                return self.index(at, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == _ROW:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(row)
        answer = Answer.from_row(row)
        sure_above = float(self._desk.whisker.settings["sure_above"])
        if role == Qt.ItemDataRole.DisplayRole:
            return words.headline(row.correction) if row.correction else answer.headline(sure_above)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = "Unknown" if row.unknown else f"{row.predicted_class}, {words.percent(row.confidence)}"
            corrected = f", corrected to {row.correction}" if row.correction else ""
            return f"{row.name}\n{said}{corrected} · {words.when(row.at, datetime.now(UTC))}"
        return None

    def _thumbnail(self, row: Row) -> QPixmap | None:
        if row.id not in self._thumbnails:
            self._thumbnails[row.id] = None
            path = row.path
            if path is not None:
                from gui.predict import pictures

                side = round(TILE * self._desk.theme.ratio)
                self._desk.tasks.run(
                    self,
                    lambda: pictures.square(path, side),
                    partial(self._on_thumbnail, row.id),
                    lambda _error: None,
                )
        return self._thumbnails[row.id]

    def _on_thumbnail(self, number: int, picture: QImage) -> None:
        self._thumbnails[number] = QPixmap.fromImage(picture)
        index = self.position(number)
        if index.isValid():
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class RecentDelegate(QStyledItemDelegate):
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
            pen = painter.pen()
            pen.setColor(color("accent"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 8, 8)
        tile = QRectF(cell.left() + 6, cell.top() + 6, TILE, TILE)
        self._paint_tile(painter, tile, index.data(Qt.ItemDataRole.DecorationRole))
        row: Row = index.data(_ROW)
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

    def _paint_beside(self, painter: QPainter, rect: QRect, left: int, text: str, row: Row) -> None:
        theme = self._desk.theme
        room = rect.right() - left - 8
        font = painter.font()
        font.setPixelSize(theme.size("secondary"))
        font.setBold(True)
        painter.setFont(font)
        height = painter.fontMetrics().height()
        top = rect.center().y() - (height * 3 + 2) // 2 + 1
        for line, text_here in enumerate((text, row.name, words.when(row.at, datetime.now(UTC)))):
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


class RecentList(QWidget):
    """Hidden while the history is empty. It re-reads the history when the engine tells of a change.

    Signals:
        chosen: The `Row` that was pressed.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._reading = False
        self._stale = False
        heading = QLabel("Recent")
        heading.setProperty("role", "heading")
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWrapping(False)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Recent predictions")
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._model = RecentModel(desk, self)
        self._delegate = RecentDelegate(desk, self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_pressed)
        self.list.activated.connect(self._on_pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        self.set_column(False)
        desk.news.news.connect(self._hear)
        desk.theme.changed.connect(self.list.viewport().update)
        self.hide()

    @property
    def filled(self) -> bool:
        return self._model.rowCount() > 0

    def set_column(self, column: bool) -> None:
        """A column 264 px wide, or a strip."""
        self._delegate.column = column
        flow = QListView.Flow.TopToBottom if column else QListView.Flow.LeftToRight
        off, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.list.setFlow(flow)
        self.list.setVerticalScrollBarPolicy(needed if column else off)
        self.list.setHorizontalScrollBarPolicy(off)
        limit = 16777215
        self.setFixedWidth(COLUMN) if column else self.setMinimumWidth(0)
        self.setMaximumWidth(COLUMN if column else limit)
        self.list.setMinimumHeight(0 if column else TILE + 36)
        self.list.setMaximumHeight(limit if column else TILE + 36)
        self.list.doItemsLayout()

    def read(self) -> None:
        """Read the history anew, but never twice at once."""
        if self._reading:
            self._stale = True
            return
        self._reading, self._stale = True, False
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: whisker.history.recent(HOW_MANY), self._on_rows, self._on_no_rows)

    def mark(self, number: int | None) -> None:
        """Mark the row that is shown."""
        index = QModelIndex() if number is None else self._model.position(number)
        self.list.setCurrentIndex(index)
        self._marked = number

    _marked: int | None = None

    def _on_rows(self, rows: list[Row]) -> None:
        self._reading = False
        self._model.set_rows(rows)
        self.mark(self._marked)
        self.setVisible(bool(rows) and self._wanted)
        if self._stale:
            self.read()

    _wanted = True

    def want(self, wanted: bool) -> None:
        """Whether there is room for it."""
        self._wanted = wanted
        self.setVisible(wanted and self.filled)

    def _on_no_rows(self, error: WhiskerError) -> None:
        self._reading = False
        if isinstance(error, HistoryError):
            self._desk.toast(words.sentence(error), None)

    def _on_pressed(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(_ROW))

    def _hear(self, news: News) -> None:
        from engine.bulletin import Corrected, HistoryCleared, Predicted

        if isinstance(news, Predicted | Corrected | HistoryCleared):
            self.read()
