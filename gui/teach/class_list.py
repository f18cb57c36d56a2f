"""The classes, one below the other; as smooth with a thousand as with two, since only what is seen is painted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from gui.teach.class_model import ClassModel
from gui.teach.class_painter import HEIGHT, ClassPainter
from gui.teach.thumbs import Thumbs
from gui.theme import Theme


class ClassList(QListView):
    """Signals:
    chosen: The selection has changed.
    dropped: A class, and the paths that were dropped on it.
    add_asked: A class, for which photos are to be chosen.
    leave_out_asked: The selected classes are to be left out.
    """

    chosen = Signal()
    dropped = Signal(str, object)
    add_asked = Signal(str)
    leave_out_asked = Signal()

    def __init__(self, theme: Theme, model: ClassModel, thumbs: Thumbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = model
        self._thumbs = thumbs
        self._painter = ClassPainter(theme, thumbs, self)
        self._looks = QTimer(self, singleShot=True, interval=30)
        self._looks.timeout.connect(self._want)
        self.setModel(model)
        self.setItemDelegate(self._painter)
        self.setAccessibleName("Classes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setAcceptDrops(True)
        model.modelReset.connect(self._looks.start)
        thumbs.made.connect(self._on_made)
        theme.changed.connect(self.viewport().update)

    def selected(self) -> list[str]:
        """Names, from the top."""
        return [self._classes.rows[index.row()].name for index in sorted(self.selectedIndexes(), key=QModelIndex.row)]

    def selectionChanged(self, selected, deselected) -> None:  # type: ignore[no-untyped-def]
        super().selectionChanged(selected, deselected)
        self.chosen.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._looks.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._looks.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not editing and self.selected():
            self.leave_out_asked.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        if index.isValid() and self._painter.zone(self.visualRect(index)).contains(at):
            self.add_asked.emit(self._classes.rows[index.row()].name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._mark(index.row())
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        from gui.intake import read

        index = self.indexAt(event.position().toPoint())
        paths = read(event.mimeData()).paths
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._mark(-1)
        # Beside the rows it is a drop like any other.
        self.dropped.emit(self._classes.rows[index.row()].name if index.isValid() else "", paths)

    def _mark(self, row: int) -> None:
        if row != self._painter.over:
            self._painter.over = row
            self.viewport().update()

    def _seen(self) -> range:
        first = self.verticalOffset() // HEIGHT
        last = (self.verticalOffset() + self.viewport().height()) // HEIGHT + 1
        return range(min(first, len(self._classes.rows)), min(last, len(self._classes.rows)))

    def _want(self) -> None:
        if self.isVisible():
            room = self._painter.tiles(self.viewport().width())
            rows = [self._classes.rows[row] for row in self._seen()]
            # Column by column, so that each class shows a face soon.
            self._thumbs.want(row.paths[at] for at in range(room) for row in rows if at < len(row.paths))

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._looks.start()

    def _on_made(self, path: Path) -> None:
        room = self._painter.tiles(self.viewport().width())
        for row in self._seen():
            if path in self._classes.rows[row].paths[:room]:
                self.viewport().update(self.visualRect(self._classes.index(row)))
