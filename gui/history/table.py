"""The table of answers: a row each, with its photo, that is painted by hand and reads its pictures as they are seen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QImage, QKeyEvent, QPainter, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from gui import words
from gui.desk import Desk
from gui.history import said
from gui.history.rows_model import ANSWER, CORRECTION, MODEL, PHOTO, ROW, SOURCE, WHEN, Index, RowsModel
from gui.teach.thumbs import Thumbs

if TYPE_CHECKING:
    from engine.history import Row

ROW_HEIGHT = 52
TILE = 40
WIDTHS = {ANSWER: 200, CORRECTION: 110, SOURCE: 84, MODEL: 130, WHEN: 100}
"""The photo's column has the rest."""
FROM = {MODEL: 720, SOURCE: 640, CORRECTION: 540, WHEN: 460}
"""From this width of the table on these columns are shown; what they say also stands beside the photo."""
_DOT = 8


class Table(QTreeView):
    """Signals:
    current_changed: The `Row` that has the keyboard, or None; or more are selected than before.
    """

    current_changed = Signal(object)

    def __init__(self, desk: Desk, model: RowsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.rows = model
        self.thumbs = Thumbs(desk.tasks, self)
        self.setModel(model)
        self.setItemDelegate(_Cell(desk, self))
        self.setAccessibleName("Answers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setItemsExpandable(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setSectionsMovable(False)
        header.setSectionsClickable(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(PHOTO, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(60)
        for column, width in WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        self._looked = QTimer(self, singleShot=True, interval=30)
        self._looked.timeout.connect(self._want)
        # Not connected to `start` itself: it would take the bar's position for its milliseconds.
        self.verticalScrollBar().valueChanged.connect(lambda _: self._looked.start())
        model.modelReset.connect(lambda: self._looked.start())
        model.rowsInserted.connect(lambda *_: self._looked.start())
        self.thumbs.made.connect(self._on_thumb)
        desk.theme.changed.connect(self.viewport().update)

    def row(self) -> Row | None:
        """The one that has the keyboard."""
        index = self.currentIndex()
        row: Row | None = index.data(ROW) if index.isValid() else None
        return row

    def chosen(self) -> list[Row]:
        """Those selected, the newest first."""
        indexes = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return [index.data(ROW) for index in indexes]

    def choose(self, numbers: set[int], current: int | None) -> None:
        """Select these again after the table was read anew, as far as they are there."""
        selection = QItemSelection()
        for number in numbers:
            index = self.rows.position(number)
            if index.isValid():
                selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
        index = self.rows.position(current) if current is not None else QModelIndex()
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
            self.scrollTo(index)

    def picture(self, path: Path) -> QImage | None:
        return self.thumbs.get(path)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.current_changed.emit(self.row())

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]
        super().currentChanged(current, previous)
        self.current_changed.emit(self.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Letters and digits are the page's keys: a tree would jump to rows that begin with them.
        if event.text() and event.text().isalnum() and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, width in FROM.items():
            self.setColumnHidden(column, self.width() < width)
        self.header().resizeSection(ANSWER, WIDTHS[ANSWER] if self.width() >= FROM[CORRECTION] else 140)
        self._looked.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looked.start()

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground of a whole row; the cells paint upon it."""
        color = self._desk.theme.color
        chosen = self.selectionModel().isRowSelected(index.row(), QModelIndex())
        hovered = index.row() == self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())).row()
        cell = QRectF(option.rect).adjusted(2, 1, -2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or (hovered and self.underMouse()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent_soft" if chosen else "track"))
            painter.drawRoundedRect(cell, 8, 8)
        if self.hasFocus() and index.row() == self.currentIndex().row():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 8, 8)
        painter.restore()
        for column in range(self.rows.columnCount()):
            if self.isColumnHidden(column):
                continue
            there = self.rows.index(index.row(), column)
            cell_option = QStyleOptionViewItem(option)
            cell_option.rect = QRect(
                self.columnViewportPosition(column), option.rect.top(), self.columnWidth(column), option.rect.height()
            )
            self.itemDelegate().paint(painter, cell_option, there)

    def _want(self) -> None:
        """The pictures of the rows that can be seen, and of a few beyond."""
        if not self.isVisible() or not self.rows.rowCount():
            return
        first = max(0, self.indexAt(self.viewport().rect().topLeft()).row())
        last = first + self.viewport().height() // ROW_HEIGHT + 4
        paths = [row.path for row in self.rows.rows[first:last] if row.path is not None]
        self.thumbs.want(paths)
        if last + self.viewport().height() // ROW_HEIGHT >= self.rows.rowCount():
            self.rows.end_near = True
            self.rows.fetchMore(QModelIndex())

    def _on_thumb(self, _path: Path) -> None:
        self.viewport().update()


class _Cell(QStyledItemDelegate):
    def __init__(self, desk: Desk, table: Table) -> None:
        super().__init__(table)
        self._desk = desk
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        column = index.column()
        theme = self._desk.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        font = painter.font()
        font.setPixelSize(theme.size("secondary"))
        font.setBold(False)
        painter.setFont(font)
        inside = option.rect.adjusted(8, 0, -8, 0)
        if column == PHOTO:
            tile = QRectF(inside.left(), option.rect.center().y() - TILE / 2 + 1, TILE, TILE)
            self._paint_tile(painter, tile, row)
            self._paint_name(painter, inside.adjusted(TILE + 12, 0, 0, 0), row)
        elif column == ANSWER:
            verdict = said.verdict(row, float(self._desk.whisker.settings["sure_above"]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(verdict))
            painter.drawEllipse(QRectF(inside.left(), option.rect.center().y() - _DOT / 2 + 1, _DOT, _DOT))
            self._paint_answer(painter, inside.adjusted(_DOT + 8, 0, 0, 0), row, verdict)
        elif column == CORRECTION:
            font.setBold(True)
            painter.setFont(font)
            self._line(painter, inside, row.correction or "", "on_accent_soft")
        elif column == WHEN:
            self._line(painter, inside, words.when(row.at, datetime.now(UTC)), "muted")
        else:
            self._line(painter, inside, str(index.data()), "muted")
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRect, row: Row) -> None:
        if not self._table.isColumnHidden(WHEN):
            self._line(painter, rect, row.name, "text")
            return
        # Where the column has no room, the time stands below the name.
        half = QRect(rect.left(), rect.center().y() - 18, rect.width(), 19)
        self._line(painter, half, row.name, "text")
        font = painter.font()
        font.setPixelSize(self._desk.theme.size("status"))
        painter.setFont(font)
        self._line(painter, half.translated(0, 19), words.when(row.at, datetime.now(UTC)), "muted")

    def _paint_answer(self, painter: QPainter, rect: QRect, row: Row, verdict: str) -> None:
        if verdict == "unknown":
            short = "Not sure"
            width = painter.fontMetrics().horizontalAdvance(short) + 2
            self._line(painter, rect, short, "text")
            # Named only where it can be read.
            nearest = f"nearest: {row.predicted_class}"
            if rect.width() - width - 8 >= painter.fontMetrics().horizontalAdvance(nearest):
                self._line(painter, rect.adjusted(width + 8, 0, 0, 0), nearest, "muted")
            return
        share = words.percent(row.confidence)
        room = painter.fontMetrics().horizontalAdvance(share) + 8
        name = words.headline(row.predicted_class) + ("?" if verdict == "unsure" else "")
        # The name first, its share right behind it: columns of numbers far away are hard to match.
        width = min(rect.width() - room, painter.fontMetrics().horizontalAdvance(name) + 2)
        self._line(painter, QRect(rect.left(), rect.top(), max(0, width), rect.height()), name, "text")
        self._line(painter, rect.adjusted(max(0, width) + 8, 0, 0, 0), share, "muted")

    def _line(self, painter: QPainter, rect: QRect, text: str, token: str) -> None:
        painter.setPen(self._desk.theme.color(token))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)

    def _paint_tile(self, painter: QPainter, tile: QRectF, row: Row) -> None:
        theme = self._desk.theme
        picture = self._table.picture(row.path) if row.path is not None else None
        painter.setPen(Qt.PenStyle.NoPen)
        if picture is None:
            painter.setBrush(theme.color("track"))
            painter.drawRoundedRect(tile, 6, 6)
            gone = row.path is None or self._table.thumbs.hopeless(row.path)
            if gone:
                icon = theme.pixmap("broken-photo" if row.path is not None else "photo", "muted", 20, theme.ratio)
                painter.drawPixmap(round(tile.center().x()) - 10, round(tile.center().y()) - 10, icon)
            return
        brush = QBrush(picture)
        transform = brush.transform()
        transform.translate(tile.left(), tile.top())
        transform.scale(tile.width() / picture.width(), tile.height() / picture.height())
        brush.setTransform(transform)
        painter.setBrush(brush)
        painter.drawRoundedRect(tile, 6, 6)
