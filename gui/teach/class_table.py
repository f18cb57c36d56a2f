"""How well each class is known, the weakest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QSortFilterProxyModel, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from gui import words
from gui.teach.class_model import Index

COLUMNS = ("Class", "Photos", "Found", "95 % sure of", "Right when said", "F1")
NAME = 150
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


class ClassTableModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[tuple[str, dict[str, Any]]] = ()

    def show(self, per_class: dict[str, dict[str, Any]]) -> None:
        self.beginResetModel()
        self._rows = tuple(per_class.items())
        self.endResetModel()

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
        name, score = self._rows[index.row()]
        low, high = score.get("recall_interval", (0.0, 1.0))
        order = (name, score["support"], score["recall"], low, score["precision"], score["f1"])
        if role == Qt.ItemDataRole.UserRole:
            return order[index.column()]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        shown = (
            name,
            f"{score['support']:,}",
            words.percent(score["recall"]),
            f"{words.percent(low)} to {words.percent(high)}",
            words.percent(score["precision"]),
            f"{score['f1']:.2f}",
        )
        return shown[index.column()]


class ClassTable(QTableView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores = ClassTableModel(self)
        sorted_ = QSortFilterProxyModel(self)
        sorted_.setSourceModel(self.scores)
        sorted_.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(sorted_)
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
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        each = (self.viewport().width() - NAME - sum(WIDTHS)) // len(WIDTHS)
        for column, width in enumerate(WIDTHS, start=1):
            self.horizontalHeader().resizeSection(column, width + min(ROOM, max(0, each)))

    def show_classes(self, per_class: dict[str, dict[str, Any]]) -> None:
        self.scores.show(per_class)
