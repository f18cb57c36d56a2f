"""The latest predictions of the window, the terminal and the API; one that is pressed is shown in Predict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedWidget,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.predict.recent_model import ROW, TILE, Index, RecentModel
from gui.predict.recent_tile import RecentTile

if TYPE_CHECKING:
    from engine.history import Row

HOW_MANY = 60
NARROWEST = 240
SOURCES = {"window": "Window", "cli": "Terminal", "api": "API"}


class RecentRow(RecentTile):
    """A tile with its answer, its name, and where and when it was asked."""

    def __init__(self, desk: Desk, parent: QListView) -> None:
        super().__init__(desk, parent)
        self.column = True
        self.width = NARROWEST

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width, TILE + 16)

    def foot(self, row: Row) -> str:
        return f"{SOURCES.get(row.source, row.source)} · {words.when(row.at, datetime.now(UTC))}"


class RecentCard(QFrame):
    """Signals:
    chosen: The `Row` that was pressed.
    begin_asked: The person wants to classify something.
    """

    chosen = Signal(object)
    begin_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        title = QLabel("Latest predictions")
        title.setProperty("role", "heading")
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Latest predictions")
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model = RecentModel(desk, self)
        self._delegate = RecentRow(desk, self.list)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_pressed)
        self.list.activated.connect(self._on_pressed)
        self.begin = push("Go to Predict", "Drop a photo there, or try a sample (Ctrl+1)")
        self.begin.clicked.connect(self.begin_asked)
        self.nothing = QLabel("Reading…")
        self.nothing.setProperty("role", "secondary")
        empty = QWidget()
        centre = QVBoxLayout(empty)
        centre.setSpacing(10)
        centre.addStretch(1)
        centre.addWidget(self.nothing, 0, Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.begin)
        row.addStretch(1)
        centre.addLayout(row)
        centre.addStretch(1)
        self.begin.hide()
        self.stack = QStackedWidget()
        self.stack.addWidget(empty)
        self.stack.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 8)
        column.setSpacing(4)
        heading = QHBoxLayout()
        heading.setContentsMargins(6, 0, 0, 0)
        heading.addWidget(title)
        heading.addSpacing(4)
        self.all = push("All…", "All answers, to search and to sort out (Ctrl+H)", name="All answers", kind="quiet")
        self.all.clicked.connect(lambda: desk.ways.page_asked.emit("history"))
        heading.addWidget(self.all)
        heading.addStretch(1)
        column.addLayout(heading)
        column.addWidget(self.stack, 1)
        desk.theme.changed.connect(self.list.viewport().update)

    def show_rows(self, rows: list[Row]) -> None:
        """Show these; whoever has scrolled down or walked in by keyboard stays where they are."""
        held = self.list.currentIndex()
        number = held.data(ROW).id if held.isValid() else None
        before = self.list.verticalScrollBar().value()
        self.model.set_rows(rows)
        if number is not None:
            self.list.setCurrentIndex(self.model.position(number))
        self.list.verticalScrollBar().setValue(before)
        self.nothing.setText("No predictions yet")
        self.begin.setVisible(not rows)
        self.stack.setCurrentIndex(1 if rows else 0)

    def show_trouble(self, text: str) -> None:
        """The history cannot be read."""
        if not self.model.rowCount():
            self.nothing.setText(text)
            self.begin.hide()
            self.stack.setCurrentIndex(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - 14 - 8 - 14  # the scroll bar stands inside
        self._delegate.width = room // max(1, room // NARROWEST)
        self.list.scheduleDelayedItemsLayout()

    def _on_pressed(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(ROW))
