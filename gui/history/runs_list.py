"""Trainings as rows, the latest first, a page at a time; and how a row is painted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui import words
from gui.desk import Desk
from gui.history import run_words

if TYPE_CHECKING:
    from engine.errors import WhiskerError
    from engine.history import TrainingRun

PAGE = 50
RUN = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 64
Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractListModel):
    """Trainings, the latest first, a page at a time.

    Signals:
        read: The first page is there.
        failed: A WhiskerError.
    """

    read = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._runs: list[TrainingRun] = []
        self._fetching = False
        self._complete = True

    def reload(self) -> None:
        """Read anew as many as there were."""
        wanted, whisker = max(PAGE, len(self._runs)), self._desk.whisker
        self._fetching = True
        self._desk.tasks.run(
            self,
            lambda: whisker.history.runs(wanted),
            lambda runs: self._on_runs(runs, wanted),
            self._on_failed,
            urgent=True,
        )

    def position(self, number: int | None) -> QModelIndex:
        for at, run in enumerate(self._runs):
            if run.id == number:
                return self.index(at, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self._runs[index.row()]
        if role == RUN:
            return run
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{run_words.title(run)}, {run_words.outcome(run)}, {words.when(run.at, datetime.now(UTC))}"
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and not self._fetching and bool(self._runs)

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return
        self._fetching = True
        last, whisker = self._runs[-1].id, self._desk.whisker
        self._desk.tasks.run(self, lambda: whisker.history.runs(PAGE, before=last), self._on_more, self._on_failed)

    def _on_runs(self, runs: list[TrainingRun], wanted: int) -> None:
        self._fetching, self._complete = False, len(runs) < wanted
        if [run.id for run in runs] == [run.id for run in self._runs]:
            self._runs = runs
            if runs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, 0))
        else:
            self.beginResetModel()
            self._runs = runs
            self.endResetModel()
        self.read.emit()

    def _on_more(self, runs: list[TrainingRun]) -> None:
        self._fetching, self._complete = False, len(runs) < PAGE
        if runs:
            self.beginInsertRows(QModelIndex(), len(self._runs), len(self._runs) + len(runs) - 1)
            self._runs += runs
            self.endInsertRows()

    def _on_failed(self, error: WhiskerError) -> None:
        self._fetching, self._complete = False, True
        self.failed.emit(error)


class RunRow(QStyledItemDelegate):
    """Its name, what came of it, and when."""

    def __init__(self, desk: Desk, parent: QListView) -> None:
        super().__init__(parent)
        self._desk = desk

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        run: TrainingRun = index.data(RUN)
        theme = self._desk.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = QRectF(option.rect).adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if chosen else "track"))
            painter.drawRoundedRect(cell, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 8, 8)
        inside = option.rect.adjusted(14, 0, -14, 0)
        middle = option.rect.center().y()
        when = words.when(run.at, datetime.now(UTC))
        font = painter.font()
        font.setPixelSize(theme.size("status"))
        painter.setFont(font)
        room = painter.fontMetrics().horizontalAdvance(when) + 12
        painter.setPen(theme.color("muted"))
        below = QRect(inside.left(), middle + 1, inside.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        font.setPixelSize(theme.size("secondary"))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        self._line(painter, QRect(inside.left(), middle - 23, inside.width(), 20), run_words.title(run))
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(run_words.token(run)))
        painter.drawEllipse(QRectF(inside.left(), middle + 7, 8, 8))
        painter.setPen(theme.color("muted"))
        self._line(painter, below.adjusted(16, 0, -room, 0), run_words.outcome(run))
        painter.restore()

    def _line(self, painter: QPainter, rect: QRect, text: str) -> None:
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
