"""The live list of requests, and something to try while nobody asks."""

from __future__ import annotations

from PySide6.QtCore import QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui import words
from gui.buttons import push
from gui.server.request_model import COLUMNS, REQUEST, TILE, Column, RequestModel
from gui.server.state import ServerState
from gui.theme import Theme

ROW = 40
LEAST = 176
_WIDTHS = {
    Column.PICTURE: TILE + 20,
    Column.TIME: 88,
    Column.STATUS: 72,
    Column.TOOK: 80,
    Column.CLIENT: 112,
}
_FILTERS = {"all": "All", "photos": "Photos", "refused": "Refused"}


class _Filter(QSortFilterProxyModel):
    wanted = "all"

    def choose(self, wanted: str) -> None:
        self.wanted = wanted
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: object) -> bool:
        if self.wanted == "all":
            return True
        request = self.sourceModel().index(row, 0).data(REQUEST)
        if self.wanted == "refused":
            return bool(request.status >= 400)
        return request.path in ("/api/predict", "/api/explain", "/api/upload")


class RequestCard(QFrame):
    """Signals:
    try_asked: A sample photo should be sent.
    """

    try_asked = Signal()

    def __init__(self, theme: Theme, state: ServerState, model: RequestModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._model = model
        self.setProperty("surface", "card")
        self.setMinimumHeight(LEAST)
        self.count = QLabel()
        self.count.setProperty("role", "secondary")
        self.filters: dict[str, QPushButton] = {}
        head = self._head()
        self._filter = _Filter(self)
        self._filter.setSourceModel(model)
        self.table = self._table()
        self.stack = QStackedWidget()
        self.empty = self._empty()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        model.counted.connect(self.show_state)
        state.changed.connect(self.show_state)
        theme.changed.connect(self.show_state)
        self.show_state()

    def choose(self, wanted: str) -> None:
        """Show `all`, `photos` or `refused`."""
        self.filters[wanted].setChecked(True)
        self._filter.choose(wanted)
        self.show_state()

    def show_state(self) -> None:
        model, on = self._model, self._state.on
        shown = self._filter.rowCount()
        asked = words.count(model.heard, "request", "requests")
        self.count.setText(f"{asked} · {model.refused:,} refused" if model.refused else asked)
        self.count.setVisible(model.heard > 0)
        for chip in self.filters.values():
            chip.setVisible(model.heard > 0)
        self.clear.setVisible(model.heard > 0)
        self.stack.setCurrentWidget(self.table if shown else self.empty)
        self.icon.setPixmap(self._theme.pixmap("server", "accent" if on else "muted", 32, self._theme.ratio))
        if model.heard:
            self.said.setText("None of the latest requests is of this kind.")
        elif on:
            self.said.setText("Nobody has asked yet. Each request appears here at once.")
        else:
            self.said.setText("While the server is on, each request appears here at once.")
        self.attempt.setVisible(on and not model.heard)

    def _head(self) -> QHBoxLayout:
        title = QLabel("Requests")
        title.setProperty("role", "heading")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(self.count)
        head.addStretch(1)
        group = QButtonGroup(self)
        tips = {"all": "Every request", "photos": "Those that sent photos", "refused": "Those that were refused"}
        for key, text in _FILTERS.items():
            chip = push(text, tips[key], kind="choice", name=tips[key])
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, key=key: self.choose(key))
            group.addButton(chip)
            self.filters[key] = chip
            head.addWidget(chip)
        self.filters["all"].setChecked(True)
        # The line stays where it is when the first request brings the choices.
        title.setMinimumHeight(self.filters["all"].sizeHint().height())
        self.clear = push("Clear", "Empty this list; the log file keeps them", kind="quiet", name="Clear the list")
        self.clear.clicked.connect(self._model.clear)
        head.addWidget(self.clear)
        return head

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._filter)
        table.setAccessibleName("Requests, the latest first")
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setIconSize(QSize(TILE, TILE))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        rows = table.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        rows.hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(24)
        header.setProperty("kind", "requests")
        for at, column in enumerate(COLUMNS):
            if column is Column.REQUEST:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
            else:
                header.resizeSection(at, _WIDTHS[column])
        return table

    def _empty(self) -> QWidget:
        self.icon = QLabel()
        self.said = QLabel()
        self.said.setProperty("role", "secondary")
        self.attempt = push("Send a sample photo", "Ask the server what is on a photo that comes with Whisker")
        self.attempt.clicked.connect(self.try_asked)
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.addStretch(1)
        for widget in (self.icon, self.said, self.attempt):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(8)
        column.addStretch(1)
        return empty
