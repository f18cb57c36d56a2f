"""The line above the grid: back, what is shown, searching, sorting, exporting."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from gui.buttons import push, tool
from gui.elided_label import ElidedLabel
from gui.predict.many.order import Order
from gui.theme import Theme

ROOMY_FROM = 820
"""Below this width the words on the last button, and in the search, give way to the others."""
LEAST_SEARCH = 112
"""Room for its two icons and what it is for."""


class Toolbar(QWidget):
    """Signals:
    back_asked: Away from these pictures.
    name_changed: The text that names must hold.
    order_chosen: An `Order`.
    export_asked: The answers as a table.
    sort_asked: Whether the panel for sorting into folders is wanted.
    """

    back_asked = Signal()
    name_changed = Signal(str)
    order_chosen = Signal(object)
    export_asked = Signal()
    sort_asked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.back = tool("Back to the start (Esc)", name="Back to the start", side=20)
        self.back.clicked.connect(self.back_asked)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.line = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.line.setProperty("role", "status")
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search names")
        self.search.setToolTip("Show only photos whose name has this in it (Ctrl+F)")
        self.search.setAccessibleName("Search names")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(LEAST_SEARCH)
        self.search.setMaximumWidth(200)
        self.search.textChanged.connect(self.name_changed)
        self._search_icon = self.search.addAction(
            theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        for button, name in zip(self.search.findChildren(QToolButton), ("Clear the search", "Search"), strict=True):
            button.setAccessibleName(name)
            button.actions()[0].setToolTip(name)
        self.order = push("", "In which order they are shown", name="Sort")
        self.order.setProperty("kind", "menu")
        self.order.setMenu(self._order_menu())
        self.export = push("Export…", "Save the answers as a table, a CSV file (Ctrl+E)", name="Export CSV")
        self.export.clicked.connect(self.export_asked)
        self.sort = push(
            "Sort into folders…",
            "Copy or move each into a folder of its class (Ctrl+Shift+S)",
            name="Sort into folders",
        )
        self.sort.setCheckable(True)
        self.sort.clicked.connect(self.sort_asked)
        self._place()
        self.show_order(Order.NAME)
        theme.changed.connect(self._tint)
        self._tint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY_FROM
        self.sort.setText("Sort into folders…" if roomy else "Sort…")
        self.search.setPlaceholderText("Search names" if roomy else "Search")

    def show_order(self, order: Order) -> None:
        self.order.setText(order.value)
        self.order.setAccessibleName(f"Sort: {order.value}")
        for action in self._orders.actions():
            action.setChecked(action.data() is order)

    def _order_menu(self) -> QMenu:
        menu = QMenu(self)
        self._orders = QActionGroup(menu)
        for order in Order:
            action = QAction(order.value, self._orders, checkable=True)
            action.setData(order)
            action.triggered.connect(lambda _=False, order=order: self.order_chosen.emit(order))
            menu.addAction(action)
        return menu

    def _place(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addStretch(1)
        said.addWidget(self.title)
        said.addWidget(self.line)
        said.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.back)
        row.addLayout(said, 2)
        row.addWidget(self.search, 1)
        row.addWidget(self.order)
        row.addWidget(self.export)
        row.addWidget(self.sort)

    def _tint(self) -> None:
        self.back.setIcon(self._theme.icon("arrow-left", "text"))
        self._search_icon.setIcon(self._theme.icon("search", "muted"))
