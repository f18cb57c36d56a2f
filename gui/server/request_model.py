"""What was asked of the server, latest first: so many and no more, with small pictures where they were sent."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QPainter, QPixmap

from gui import words
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.bulletin import RequestAnswered

KEPT = 500
TOGETHER_MS = 100
"""Requests are shown in handfuls: a rush of hundreds a second must not keep the window busy."""
TILE = 32
REQUEST = Qt.ItemDataRole.UserRole
"""The role that gives the `RequestAnswered` itself."""


class Column(Enum):
    PICTURE = ""
    TIME = "Time"
    REQUEST = "Request"
    STATUS = "Status"
    TOOK = "Took"
    CLIENT = "From"


COLUMNS = tuple(Column)
_NUMBERS = (Column.STATUS, Column.TOOK)
_Index = QModelIndex | QPersistentModelIndex


class _Row:
    """A request, and its picture once somebody has looked."""

    __slots__ = ("picture", "request")

    def __init__(self, request: RequestAnswered) -> None:
        self.request = request
        self.picture: QPixmap | None = None


class RequestModel(QAbstractTableModel):
    """Hears requests from the start on, and shows them while `show_live` is on.

    Attributes:
        heard: How many there were since the window opened.
        refused: How many of those were not answered with what was asked for (a status of 400 or more).

    Signals:
        counted: `heard` has changed.
    """

    counted = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[_Row] = []
        self._waiting: deque[_Row] = deque(maxlen=KEPT)
        self._live = False
        self._timer = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._timer.timeout.connect(self._flush)
        self.heard = 0
        self.refused = 0
        theme.changed.connect(self._retint)

    def hear(self, request: RequestAnswered) -> None:
        self.heard += 1
        self.refused += request.status >= 400
        self._waiting.append(_Row(request))
        if self._live and not self._timer.isActive():
            self._timer.start()

    def show_live(self, live: bool) -> None:
        """Whether somebody looks; what came meanwhile is shown at once."""
        self._live = live
        if live:
            self._flush()

    def clear(self) -> None:
        self.beginResetModel()
        self._rows.clear()
        self._waiting.clear()
        self.heard = self.refused = 0
        self.endResetModel()
        self.counted.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(COLUMNS[section])
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._rows):
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        request = row.request
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(request, column)
        if role == REQUEST:
            return request
        if role == Qt.ItemDataRole.DecorationRole and column is Column.PICTURE:
            return self._picture(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color(_token(request.status) if column is Column.STATUS else _quiet(column))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return said(request)
        return None

    def _flush(self) -> None:
        fresh = list(self._waiting)[::-1]
        self._waiting.clear()
        if not fresh:
            return
        over = max(0, len(self._rows) + len(fresh) - KEPT)
        if over:
            keep = len(self._rows) - over
            self.beginRemoveRows(QModelIndex(), keep, len(self._rows) - 1)
            del self._rows[keep:]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self._rows[:0] = fresh
        self.endInsertRows()
        self.counted.emit()

    def _picture(self, row: _Row) -> QPixmap | None:
        if row.picture is None and row.request.thumbnail is not None:
            small = QPixmap()
            # Only rows that are painted get here, so a rush costs no decoding.
            small.loadFromData(row.request.thumbnail)
            row.picture = _rounded(small, self._theme.ratio)
        return row.picture

    def _retint(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])


def said(request: RequestAnswered) -> str:
    """The request in a sentence."""
    at = datetime.fromtimestamp(request.at)
    return (
        f"{at:%H:%M:%S}  {request.method} {request.path}, status {request.status} ({_meaning(request.status)}), "
        f"{words.milliseconds(request.elapsed_ms)}, from {request.client or 'unknown'}"
    )


def _text(request: RequestAnswered, column: Column) -> str:
    match column:
        case Column.PICTURE:
            return ""
        case Column.TIME:
            return f"{datetime.fromtimestamp(request.at):%H:%M:%S}"
        case Column.REQUEST:
            return f"{request.method} {request.path}"
        case Column.STATUS:
            return str(request.status)
        case Column.TOOK:
            return words.milliseconds(request.elapsed_ms)
        case Column.CLIENT:
            return request.client


def _meaning(status: int) -> str:
    known = {
        401: "the token is missing or wrong",
        403: "not for the one who asks",
        404: "no such address",
        409: "not now",
        413: "too large",
        415: "not a photo Whisker reads",
        422: "a damaged photo, or too few",
        503: "busy, told to come back",
    }
    if status in known:
        return known[status]
    return "answered" if status < 400 else "not understood" if status < 500 else "a fault of Whisker's"


def _token(status: int) -> str:
    return "sure" if status < 400 else "unsure" if status < 500 or status == 503 else "wrong"


def _quiet(column: Column) -> str:
    return "text" if column is Column.REQUEST else "muted"


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _rounded(picture: QPixmap, ratio: float) -> QPixmap:
    """The middle of `picture` as a small tile with round corners."""
    side = round(TILE * ratio)
    tile = QPixmap(side, side)
    tile.fill(Qt.GlobalColor.transparent)
    if not picture.isNull():
        short = min(picture.width(), picture.height())
        middle = QRect((picture.width() - short) // 2, (picture.height() - short) // 2, short, short)
        square = picture.copy(middle).scaled(
            side, side, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(square))
        painter.drawRoundedRect(0, 0, side, side, 6 * ratio, 6 * ratio)
        painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile
