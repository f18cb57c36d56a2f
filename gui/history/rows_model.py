"""What a search finds, as rows of a table that grow while one scrolls; read off the GUI thread, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.history_search import COUNTED, Search
from gui import words
from gui.desk import Desk
from gui.history import said
from gui.task import Task

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.errors import WhiskerError
    from engine.history import History, Row

PAGE = 100
"""Rows read at a time: some screens."""
FRESH = 200
"""With more new ones than this, the table begins anew."""
FRESH_MS = 400
ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Photo", "Answer", "You said", "Asked by", "Model", "When")
PHOTO, ANSWER, CORRECTION, SOURCE, MODEL, WHEN = range(len(COLUMNS))


class RowsModel(QAbstractTableModel):
    """Pages follow each other by the last row's number, so that the millionth costs no more than the first.

    Attributes:
        search: What is shown, or on its way.
        found: How many there are, None while that is being counted; never more than COUNTED + 1.
        searching: Whether the first page is on its way.
        complete: Whether the last page is there.
        end_near: Whether the last row that is there can nearly be seen; the view says so.

    Signals:
        moved: Something of the above is another now.
        arrived: The first page of a search is there.
        failed: A WhiskerError; the rows shown before stay.
    """

    moved = Signal()
    arrived = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: list[Row] = []
        self._tasks: list[Task] = []
        self._fetching: Task | None = None
        self.search = Search()
        self.found: int | None = None
        self.searching = False
        self.complete = True
        self.end_near = False
        self._fresh = QTimer(self, singleShot=True, interval=FRESH_MS)
        self._fresh.timeout.connect(self._read_fresh)
        self._looking_for_fresh = False

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def find(self, search: Search) -> None:
        """Show what `search` finds; what was shown before stays until the first page is there."""
        for task in self._tasks:
            task.cancel()
        self.search, self.searching, self.found, self._fetching = search, True, None, None
        self._looking_for_fresh = self.end_near = False
        history, tasks = self._history, self._desk.tasks
        self._tasks = [
            tasks.run(self, lambda: history().search(search, PAGE), self._on_first, self._on_failed, urgent=True),
            tasks.run(self, lambda: history().count_found(search), self._on_count, lambda _error: None),
        ]
        self.moved.emit()

    def look_whether_gone(self, gone: Callable[[], None]) -> None:
        """Rows were removed, mostly old ones: count anew, and call `gone` only if the first or last one here is."""
        if not self._rows or self.searching:
            gone()
            return
        search, history = self.search, self._history
        first, last = self._rows[0].id, self._rows[-1].id

        def look() -> tuple[bool, int]:
            ends = history().search(search, 1, before=first + 1) + history().search(search, 1, before=last + 1)
            return [row.id for row in ends] == [first, last], history().count_found(search)

        def told(result: tuple[bool, int]) -> None:
            there, self.found = result
            self.moved.emit()
            if not there:
                gone()

        self._tasks.append(self._desk.tasks.run(self, look, told, lambda _error: None))

    def position(self, number: int) -> QModelIndex:
        """Where history row `number` stands; invalid when it is not among those read."""
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            if self._rows[middle].id > number:
                low = middle + 1
            else:
                high = middle
        there = low < len(self._rows) and self._rows[low].id == number
        return self.index(low, 0) if there else QModelIndex()

    def hear(self, news: News, *, visible: bool) -> None:
        from engine.bulletin import Corrected, Predicted

        if isinstance(news, Predicted) and visible and not self._fresh.isActive():
            self._fresh.start()
        elif isinstance(news, Corrected):
            self._on_corrected(news.row, news.label)

    def catch_up(self) -> None:
        """Read what came while nobody looked."""
        self._read_fresh()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(row, index.column(), spoken=role == Qt.ItemDataRole.AccessibleTextRole)
        if role == Qt.ItemDataRole.ToolTipRole:
            return said.tip(row, index.column(), datetime.now(UTC))
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Only when the last row is nearly in sight: a tree asks at every layout, and would read a million rows."""
        ready = not self.complete and self._fetching is None and bool(self._rows)
        return self.end_near and ready and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return
        self.end_near = False
        search, last, history = self.search, self._rows[-1].id, self._history
        self._fetching = self._desk.tasks.run(
            self,
            lambda: history().search(search, PAGE, before=last),
            self._on_more,
            self._on_failed,
            urgent=True,
        )
        self._tasks.append(self._fetching)

    def _history(self) -> History:
        """Opened when it is first used, so never asked for on the GUI thread."""
        return self._desk.whisker.history

    def _text(self, row: Row, column: int, *, spoken: bool) -> str:
        if column == PHOTO:
            return row.name
        if column == ANSWER:
            return said.answer(row, float(self._desk.whisker.settings["sure_above"]))
        if column == CORRECTION:
            return row.correction or ("nothing" if spoken else "")
        if column == SOURCE:
            return said.SOURCES.get(row.source, row.source)
        if column == MODEL:
            return f"{row.model} v{row.model_version}"
        return words.when(row.at, datetime.now(UTC))

    def _on_first(self, rows: list[Row]) -> None:
        self.end_near = False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        self.searching, self.complete = False, len(rows) < PAGE
        self.moved.emit()
        self.arrived.emit()

    def _on_more(self, rows: list[Row]) -> None:
        self._fetching, self.complete = None, len(rows) < PAGE
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()
        self.moved.emit()

    def _on_count(self, found: int) -> None:
        self.found = found
        self.moved.emit()

    def _on_failed(self, error: WhiskerError) -> None:
        self.searching, self._fetching = False, None
        # Not asked again by itself with every scroll.
        self.complete = True
        self.moved.emit()
        self.failed.emit(error)

    def _read_fresh(self) -> None:
        """What came since, put on top; what is read and chosen stays where it is."""
        if self.searching or self._looking_for_fresh:
            self._fresh.start()
            return
        if not self._rows:
            self.find(self.search)
            return
        self._looking_for_fresh = True
        search, newest, history = self.search, self._rows[0].id, self._history
        self._tasks.append(
            self._desk.tasks.run(
                self, lambda: history().search(search, FRESH, after=newest), self._on_fresh, self._on_no_fresh
            )
        )

    def _on_fresh(self, rows: list[Row]) -> None:
        self._looking_for_fresh = False
        if len(rows) >= FRESH:
            self.find(self.search)
        elif rows:
            self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
            self._rows[:0] = rows
            self.endInsertRows()
            if self.found is not None:
                self.found = min(self.found + len(rows), COUNTED + 1)
            self.moved.emit()

    def _on_no_fresh(self, _error: WhiskerError) -> None:
        self._looking_for_fresh = False

    def _on_corrected(self, number: int, label: str | None) -> None:
        index = self.position(number)
        if index.isValid():
            self._rows[index.row()] = replace(self._rows[index.row()], correction=label)
            self.dataChanged.emit(index, index.siblingAtColumn(len(COLUMNS) - 1))
