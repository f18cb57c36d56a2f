"""Recent predictions, from whichever face: a strip below the photo, a column beside it where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListView, QVBoxLayout, QWidget

from engine.errors import HistoryError, WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.predict.recent_model import ROW, TILE, RecentModel
from gui.predict.recent_tile import COLUMN, RecentTile

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.history import Row

HOW_MANY = 40


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
        self._marked: int | None = None
        self._wanted = True
        heading = QLabel("Recent")
        heading.setProperty("role", "heading")
        self.all = push("All…", "All answers, to search and to sort out (Ctrl+H)", name="All answers", kind="quiet")
        self.all.clicked.connect(lambda: desk.ways.page_asked.emit("history"))
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addSpacing(4)
        top.addWidget(self.all)
        top.addStretch(1)
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWrapping(False)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Recent predictions")
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._model = RecentModel(desk, self)
        self._delegate = RecentTile(desk, self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_pressed)
        self.list.activated.connect(self._on_pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
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
        self.setMinimumWidth(COLUMN if column else 0)
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
        self._marked = number
        index = QModelIndex() if number is None else self._model.position(number)
        self.list.setCurrentIndex(index)

    def _on_rows(self, rows: list[Row]) -> None:
        self._reading = False
        self._model.set_rows(rows)
        self.mark(self._marked)
        self.setVisible(bool(rows) and self._wanted)
        if self._stale:
            self.read()

    def want(self, wanted: bool) -> None:
        """Whether there is room for it."""
        self._wanted = wanted
        self.setVisible(wanted and self.filled)

    def _on_no_rows(self, error: WhiskerError) -> None:
        self._reading = False
        if isinstance(error, HistoryError):
            self._desk.toast(words.sentence(error), None)

    def _on_pressed(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(ROW))

    def _hear(self, news: News) -> None:
        from engine.bulletin import Corrected, HistoryCleared, Predicted

        if isinstance(news, Predicted | Corrected | HistoryCleared):
            self.read()
