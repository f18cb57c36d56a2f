"""What was taken for what, as a Qt table: a row for what a photo is, a column for what it was called."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from gui.teach.class_model import Index


class ConfusionModel(QAbstractTableModel):
    """A screen reader says each cell as a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.classes: Sequence[str] = ()
        self._matrix: Sequence[Sequence[int]] = ()
        self._sums: list[int] = []

    def show(self, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        self.beginResetModel()
        self.classes, self._matrix = classes, matrix
        self._sums = [sum(row) for row in matrix]
        self.endResetModel()

    def number(self, row: int, column: int) -> int:
        return self._matrix[row][column]

    def share(self, row: int, column: int) -> float:
        """Of the photos of this row, 0 to 1."""
        return self._matrix[row][column] / self._sums[row] if self._sums[row] else 0.0

    def sentence(self, row: int, column: int) -> str:
        number, label, said = self._matrix[row][column], self.classes[row], self.classes[column]
        of = f"{number:,} of {self._sums[row]:,} photos of {label}"
        return f"{of} were called {said}" if row != column else f"{of} were known"

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.classes)

    def columnCount(self, parent: Index | None = None) -> int:
        return self.rowCount(parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name = self.classes[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return name if orientation == Qt.Orientation.Vertical else f"called {name}"
        return name if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.sentence(index.row(), index.column())
        return self.number(index.row(), index.column()) if role == Qt.ItemDataRole.DisplayRole else None
