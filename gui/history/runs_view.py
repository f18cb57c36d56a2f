"""Every training: a list, the latest first, and beside it how the chosen one went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.history.run_details import RunDetails
from gui.history.runs_list import RUN, RunRow, RunsModel
from gui.predict.many.nothing import Nothing
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.errors import WhiskerError
    from engine.history import RunEpoch, TrainingRun

LIST_LEAST, LIST_MOST = 248, 360
FRESH_MS = 300
"""While a training runs, its curves are read at most so often."""


class RunsView(QWidget):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._stale = True
        self._shown: int | None = None
        self.message = InlineMessage(desk.theme)
        self.model = RunsModel(desk, self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RunRow(desk, self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Training runs")
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.details = RunDetails(desk)
        self.nothing = Nothing()
        self.nothing.say(
            "No training yet",
            "Whatever is taught here, through the terminal or the API, is listed here with its curves.",
            "Teach a model",
            lambda: desk.ways.page_asked.emit("teach"),
        )
        left = QFrame()
        left.setProperty("surface", "card")
        self._left = left
        inside = QVBoxLayout(left)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.list)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(left)
        row.addWidget(self.details, 1)
        bare = QFrame()
        bare.setProperty("surface", "card")
        QVBoxLayout(bare).addWidget(self.nothing)
        self.stack = QStackedWidget()
        self.stack.addWidget(both)
        self.stack.addWidget(bare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.message)
        column.addWidget(self.stack, 1)
        self._fresh = QTimer(self, singleShot=True, interval=FRESH_MS)
        self._fresh.timeout.connect(self.read)
        self.list.selectionModel().currentChanged.connect(lambda now, _before: self._on_current(now))
        self.model.read.connect(self._on_read)
        self.model.failed.connect(self._on_failed)
        desk.theme.changed.connect(self.list.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._left.setFixedWidth(max(LIST_LEAST, min(LIST_MOST, round(self.width() * 0.35))))

    def see(self) -> None:
        """The view can be seen now."""
        if self._stale:
            self.read()

    def read(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self.message.clear()
        self.model.reload()

    def hear(self, news: News) -> None:
        from engine.training.events import Epoch, Last, Prepared, TrainingReported

        if isinstance(news, TrainingReported) and isinstance(news.event, Prepared | Epoch | Last):
            self._stale = True
            if self.isVisible() and not self._fresh.isActive():
                self._fresh.start()

    def _on_read(self) -> None:
        rows = self.model.rowCount()
        self.stack.setCurrentIndex(0 if rows else 1)
        if not rows:
            return
        index = self.model.position(self._shown)
        self.list.setCurrentIndex(index if index.isValid() else self.model.index(0, 0))
        self._on_current(self.list.currentIndex())

    def _on_current(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        run: TrainingRun = index.data(RUN)
        if run.id != self._shown:
            self.details.show_run(run)
        else:
            self.details.renew(run)
        self._shown = run.id
        whisker = self._desk.whisker
        self._desk.tasks.run(
            self,
            lambda: whisker.history.epochs(run.id),
            lambda epochs: self._on_epochs(run, epochs),
            self._on_failed,
            urgent=True,
        )

    def _on_epochs(self, run: TrainingRun, epochs: list[RunEpoch]) -> None:
        if run.id == self._shown:
            self.details.show_curves(run, epochs)

    def _on_failed(self, error: WhiskerError) -> None:
        self._stale = True
        self.message.show_message(error.message, error.hint, action=("Try again", self.read))
