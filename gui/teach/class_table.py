"""How well each class is known, the weakest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from engine.dataset.picture_files import natural_key
from gui import words
from gui.teach.class_model import Index

COLUMNS = ("Class", "Photos", "Found", "95 % sure of", "Right when said", "F1")
NAME = 150
MOST = 360
"""Of the names: further away nobody would find the figures that belong to them."""
WIDTHS = (76, 76, 120, 128, 64)
ROOM = 40
"""So much wider than that the columns of figures become, and no wider: they are not torn far apart."""
_TIPS = (
    "The class",
    "Photos of it that the model never saw",
    "Of the photos of this class, how many were called so (recall)",
    "Where the share found lies, as far as so few photos tell",
    "Of the photos called so, how many were of this class (precision)",
    "The harmonic mean of the two",
)
_ORDERS: tuple[Callable[[str, dict[str, Any]], Any], ...] = (
    lambda name, _: natural_key(name),
    lambda _, score: score["support"],
    lambda _, score: score["recall"],
    lambda _, score: score.get("recall_interval", (0.0, 1.0))[0],
    lambda _, score: score["precision"],
    lambda _, score: score["f1"],
)
"""What each column is sorted by."""


class ClassTableModel(QAbstractTableModel):
    """Sorts itself: a proxy asks for each value of a thousand classes by itself, which can be seen as a stall."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[tuple[str, dict[str, Any]]] = ()
        self._by = (0, False)

    def show(self, per_class: dict[str, dict[str, Any]]) -> None:
        self.beginResetModel()
        self._rows = self._sorted(per_class.items())
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._by = column, order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [self._rows[index.row()][0] for index in before]
        self._rows = self._sorted(self._rows)
        place = {name: row for row, (name, _) in enumerate(self._rows)}
        after = [self.index(place[name], index.column()) for name, index in zip(names, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return _TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        name, score = self._rows[index.row()]
        low, high = score.get("recall_interval", (0.0, 1.0))
        shown = (
            name,
            f"{score['support']:,}",
            words.percent(score["recall"]),
            f"{words.percent(low)} to {words.percent(high)}",
            words.percent(score["precision"]),
            f"{score['f1']:.2f}",
        )
        return shown[index.column()]

    def _sorted(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
        column, descending = self._by
        return sorted(rows, key=lambda row: _ORDERS[column](*row), reverse=descending)


class ClassTable(QTableView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores = ClassTableModel(self)
        self.setModel(self.scores)
        self.setAccessibleName("How well each class is known")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        self.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(34)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.viewport().width()
        each = min(ROOM, max(0, (room - NAME - sum(WIDTHS)) // len(WIDTHS)))
        names = min(MOST, max(NAME, room - sum(WIDTHS) - each * len(WIDTHS)))
        self.horizontalHeader().resizeSection(0, names)
        for column, width in enumerate(WIDTHS, start=1):
            self.horizontalHeader().resizeSection(column, width + each)

    def show_classes(self, per_class: dict[str, dict[str, Any]]) -> None:
        self.scores.show(per_class)
