"""Recent predictions as rows, latest first, with thumbnails that arrive when they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget

from gui import words
from gui.desk import Desk
from gui.predict.answer import Answer

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.glimpses import Glimpses
    from engine.history import Row

TILE = 56
"""Side of a thumbnail."""
ROW = Qt.ItemDataRole.UserRole
"""The role that gives the `Row` itself."""
Index = QModelIndex | QPersistentModelIndex


class RecentModel(QAbstractListModel):
    """Rows of the history, latest first, with their thumbnails as these arrive."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: list[Row] = []
        self._thumbnails: dict[int, QPixmap | None] = {}
        desk.news.news.connect(self._hear)

    def set_rows(self, rows: Sequence[Row]) -> None:
        known = {row.id for row in rows}
        self._thumbnails = {number: pixmap for number, pixmap in self._thumbnails.items() if number in known}
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def position(self, number: int) -> QModelIndex:
        """Where history row `number` stands; invalid when it is not there."""
        for at, row in enumerate(self._rows):
            if row.id == number:
                return self.index(at, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(row)
        answer = Answer.from_row(row)
        sure_above = float(self._desk.whisker.settings["sure_above"])
        if role == Qt.ItemDataRole.DisplayRole:
            return words.headline(row.correction) if row.correction else answer.headline(sure_above)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = "Unknown" if row.unknown else f"{row.predicted_class}, {words.percent(row.confidence)}"
            corrected = f", corrected to {row.correction}" if row.correction else ""
            return f"{row.name}\n{said}{corrected} · {words.when(row.at, datetime.now(UTC))}"
        return None

    def _hear(self, news: News) -> None:
        from engine.bulletin import SettingChanged

        if isinstance(news, SettingChanged) and news.key == "sure_above" and self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    def _thumbnail(self, row: Row) -> QPixmap | None:
        if row.id not in self._thumbnails:
            self._thumbnails[row.id] = None
            glimpses, side = self._desk.whisker.glimpses, round(TILE * self._desk.theme.ratio)
            self._desk.tasks.run(
                self,
                lambda: _square(row, glimpses, side),
                partial(self._on_thumbnail, row.id),
                lambda _error: None,
            )
        return self._thumbnails[row.id]

    def _on_thumbnail(self, number: int, picture: QImage | None) -> None:
        if picture is None:
            return
        self._thumbnails[number] = QPixmap.fromImage(picture)
        index = self.position(number)
        if index.isValid():
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def _square(row: Row, glimpses: Glimpses, side: int) -> QImage | None:
    """The middle of a row's picture; None when it had no file and nobody was looking when it came."""
    from gui.predict import pictures

    picture = row.path or glimpses.get(row.id)
    return None if picture is None else pictures.square(picture, side)
