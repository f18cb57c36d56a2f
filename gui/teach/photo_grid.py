"""A grid of photos, each with one or two lines below it; only what is seen is made and painted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.teach.class_model import ROW, Index
from gui.teach.thumbs import Thumbs
from gui.teach.tiles import paint_tile
from gui.theme import Theme

TILE = 132
CELL = QSize(TILE + 16, TILE + 58)


@dataclass(frozen=True)
class Shot:
    """A photo, what is said below it, and what a screen reader says."""

    path: Path
    line: str
    second: str = ""


class PhotoModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shots: Sequence[Shot] = ()
        self.heat: dict[Path, QImage] = {}
        self.marks: Mapping[Path, str] = {}

    def show(self, shots: Sequence[Shot]) -> None:
        self.beginResetModel()
        self.shots = shots
        self.endResetModel()

    def second(self, shot: Shot) -> str:
        """The second line: what was done with it since comes before what was said of it."""
        return self.marks.get(shot.path, shot.second)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shots)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        shot = self.shots[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shot.line
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{shot.path.name}\n{shot.line}\n{self.second(shot)}".strip()
        return shot if role == ROW else None


class _Painter(QStyledItemDelegate):
    def __init__(self, theme: Theme, thumbs: Thumbs, model: PhotoModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbs = thumbs
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, shot = self._theme, index.data(ROW)
        assert isinstance(shot, Shot)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRectF(option.rect).adjusted(2, 2, -2, -2)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(cell, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 8, 8)
        tile = QRectF(option.rect.left() + 8, option.rect.top() + 8, TILE, TILE)
        paint_tile(painter, theme, tile, self._thumbs.get(shot.path), hopeless=self._thumbs.hopeless(shot.path))
        heat = self._model.heat.get(shot.path)
        if heat is not None:
            paint_tile(painter, theme, tile, heat)
        font = painter.font()
        second = "accent" if shot.path in self._model.marks else "muted"
        for at, (text, token) in enumerate(((shot.line, "text"), (self._model.second(shot), second))):
            font.setPixelSize(theme.size("status"))
            painter.setFont(font)
            painter.setPen(theme.color(token))
            line = QRect(option.rect.left() + 8, round(tile.bottom()) + 4 + 18 * at, TILE, 18)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, TILE)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()


class PhotoGrid(QListView):
    """Signals:
    chosen: The selection has changed.
    seen: Paths that can be seen now, for who has more to show of them.
    """

    chosen = Signal()
    seen = Signal(object)

    def __init__(self, theme: Theme, thumbs: Thumbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photos = PhotoModel(self)
        self._thumbs = thumbs
        self._looks = QTimer(self, singleShot=True, interval=30)
        self._looks.timeout.connect(self._want)
        self.setModel(self.photos)
        self.setItemDelegate(_Painter(theme, thumbs, self.photos, self))
        self.setAccessibleName("Photos")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.photos.modelReset.connect(self._looks.start)
        thumbs.made.connect(lambda _path: self.viewport().update())
        theme.changed.connect(self.viewport().update)

    def show_shots(self, shots: Sequence[Shot]) -> None:
        self.photos.show(shots)

    def mark(self, marks: Mapping[Path, str]) -> None:
        """What was done with some of the photos, in place of their second line."""
        self.photos.marks = marks
        self.viewport().update()

    def selected(self) -> list[Path]:
        rows = sorted(index.row() for index in self.selectedIndexes())
        return [self.photos.shots[row].path for row in rows]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isprintable() and event.text().strip() and not event.modifiers():
            # A list would look for a photo of that name; here letters do something with those that are selected.
            event.ignore()
        else:
            super().keyPressEvent(event)

    def selectionChanged(self, selected, deselected) -> None:  # type: ignore[no-untyped-def]
        super().selectionChanged(selected, deselected)
        self.chosen.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._looks.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._looks.start()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._looks.start()

    def _want(self) -> None:
        if not self.isVisible() or not self.photos.shots:
            return
        columns = max(1, self.viewport().width() // CELL.width())
        first = self.verticalOffset() // CELL.height() * columns
        rows = self.viewport().height() // CELL.height() + 2
        paths = [shot.path for shot in self.photos.shots[first : first + rows * columns]]
        self._thumbs.want(paths)
        self.seen.emit(paths)


def first_index(grid: PhotoGrid) -> QModelIndex:
    """The first photo, for a keyboard to begin at."""
    return grid.photos.index(0, 0)
