"""The grid of tiles. It lays out by arithmetic and paints only what is seen, so that ten thousand cost what fifty do.

A QListView, because accessibility clients know it as a list of items; but its own layout, which walks through every
row, is replaced.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from gui.predict.many.grid_model import GridModel
from gui.predict.many.picture import Picture
from gui.predict.many.thumbnails import Thumbnails
from gui.predict.many.tile_painter import TilePainter
from gui.predict.many.tiles import MARGIN, Tiles
from gui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_AHEAD = 0.5
"""Screens of thumbnails made beyond the edge, once those in sight are there."""
_MOVES = frozenset(
    [
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Space,
    ]
)
_STEP = 16
"""Thumbnails are made in sizes so far apart, so that a moved splitter does not make each one anew."""


class Grid(QListView):
    """Signals:
    zoom_asked: The current picture, as large as there is room.
    chosen: The selection or the current picture has changed.
    """

    zoom_asked = Signal()
    chosen = Signal()

    def __init__(self, theme: Theme, model: GridModel, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pictures = model
        self._thumbnails = thumbnails
        self._painter = TilePainter(theme)
        self._lines = False
        self._held: tuple[set[int], int] = (set(), -1)
        self._band: QPoint | None = None
        self._by_keyboard = False
        self._looks = QTimer(self, singleShot=True, interval=0)
        self._looks.timeout.connect(self._want_thumbnails)
        self.setObjectName("grid")
        self.setAccessibleName("Photos")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setModel(model)
        model.modelAboutToBeReset.connect(self._hold)
        model.rearranged.connect(self._take_up)
        thumbnails.made.connect(self._on_made)
        theme.changed.connect(self._on_theme)

    # Its own small interface

    @property
    def current(self) -> Picture | None:
        return self._pictures.at(self.currentIndex())

    def selected(self) -> list[Picture]:
        """In the order shown."""
        shown = self._pictures.shown
        return [picture for top, bottom in self._ranges() for picture in shown[top : bottom + 1]]

    def chosen_count(self) -> int:
        """How many are selected."""
        return sum(bottom - top + 1 for top, bottom in self._ranges())

    def select(self, picture: Picture) -> None:
        """Make it the only one selected, and show it."""
        place = self._pictures.place(picture)
        if place >= 0:
            self.setCurrentIndex(self._pictures.index(place))

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) picture."""
        place = self.currentIndex().row() + by
        if 0 <= place < len(self._pictures.shown):
            self.setCurrentIndex(self._pictures.index(place))

    def show_lines(self, lines: bool) -> None:
        """Show sentences instead of squares."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometries()
            self.viewport().update()

    def tiles(self) -> Tiles:
        return Tiles(len(self._pictures.shown), self.viewport().width(), self._lines)

    # What QAbstractItemView asks

    def visualRect(self, index: _Index) -> QRect:
        if not index.isValid():
            return QRect()
        return self.tiles().rect(index.row()).translated(0, -self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        place = self.tiles().at(QPoint(point.x(), point.y() + self.verticalOffset()))
        return self._pictures.index(place) if place >= 0 else QModelIndex()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:
        return False

    def scrollTo(
        self, index: _Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        rect, bar, height = self.visualRect(index), self.verticalScrollBar(), self.viewport().height()
        if hint == QAbstractItemView.ScrollHint.PositionAtTop or (rect.top() < MARGIN):
            bar.setValue(bar.value() + rect.top() - MARGIN)
        elif hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif rect.bottom() > height - MARGIN:
            bar.setValue(bar.value() + rect.bottom() - height + MARGIN + 1)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        tiles, current = self.tiles(), self.currentIndex().row()
        if not tiles.count:
            return QModelIndex()
        page = max(1, self.viewport().height() // (tiles.tile_height + tiles.gap)) * tiles.columns
        moves = QAbstractItemView.CursorAction
        places = {
            moves.MoveLeft: current - 1,
            moves.MovePrevious: current - 1,
            moves.MoveRight: current + 1,
            moves.MoveNext: current + 1,
            moves.MoveUp: current - tiles.columns,
            moves.MoveDown: current + tiles.columns,
            moves.MovePageUp: current - page,
            moves.MovePageDown: current + page,
            moves.MoveHome: 0,
            moves.MoveEnd: tiles.count - 1,
        }
        place = places[action]
        if current < 0:
            place = 0
        elif action in (moves.MoveUp, moves.MoveDown) and not 0 <= place < tiles.count:
            last_row = (tiles.count - 1) // tiles.columns
            below = action == moves.MoveDown and current // tiles.columns < last_row
            place = tiles.count - 1 if below else current
        return self._pictures.index(min(max(place, 0), tiles.count - 1))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        tiles, shift = self.tiles(), self.verticalOffset()
        selection = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            for place in tiles.inside(rect.normalized().translated(0, shift)):
                selection.append(QItemSelectionRange(self._pictures.index(place)))
        else:
            # All from one to the other, as words are selected; not the frame between them.
            ends = [tiles.at(corner + QPoint(0, shift)) for corner in (rect.topLeft(), rect.bottomRight())]
            found = sorted(place for place in ends if place >= 0)
            if found:
                first, last = self._pictures.index(found[0]), self._pictures.index(found[-1])
                selection.select(first, last)
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    # What happens to it

    def doItemsLayout(self) -> None:
        # Not QListView's, which walks through every row.
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        tiles, bar, height = self.tiles(), self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(max(20, tiles.tile_height // 3))
        bar.setPageStep(max(1, height - tiles.gap))
        bar.setRange(0, max(0, tiles.height - height))
        bar.setEnabled(bar.maximum() > 0)
        self._looks.start()

    def dataChanged(self, first: _Index, last: _Index, roles: object = ()) -> None:
        if QAccessible.isActive():
            super().dataChanged(first, last, [])
        tiles, shift = self.tiles(), self.verticalOffset()
        top, bottom = tiles.rect(first.row()).top() - shift, tiles.rect(last.row()).bottom() - shift
        if bottom >= 0 and top <= self.viewport().height():
            top, bottom = max(0, top - MARGIN), min(self.viewport().height(), bottom + MARGIN)
            self.viewport().update(0, top, self.viewport().width(), bottom - top + 1)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(0, dy)
        self._looks.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.updateGeometries()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        tiles, shift, area = self.tiles(), self.verticalOffset(), event.rect()
        current = self.currentIndex().row() if self.hasFocus() and self._by_keyboard else -1
        hovered = self._hovered()
        chosen = self.selectionModel()
        for place in tiles.between(area.top() + shift - MARGIN, area.bottom() + shift + MARGIN):
            rect = tiles.rect(place).translated(0, -shift)
            if not rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).intersects(area):
                continue
            picture = self._pictures.shown[place]
            selected = chosen.isSelected(self._pictures.index(place))
            focused, over = place == current, place == hovered
            if self._lines:
                self._painter.paint_line(painter, rect, picture, selected=selected, focused=focused, hovered=over)
            else:
                self._painter.paint(
                    painter,
                    rect,
                    picture,
                    self._thumbnails.get(picture),
                    hopeless=self._thumbnails.hopeless(picture),
                    selected=selected,
                    focused=focused,
                    hovered=over,
                )
        self._paint_band(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        super().mousePressEvent(event)
        self._band = event.position().toPoint() + QPoint(0, self.verticalOffset())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._band = None
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Not QListView's: the first click may have narrowed the grid, and another tile stands here now.
        if self.indexAt(event.position().toPoint()).isValid():
            self.zoom_asked.emit()

    def leaveEvent(self, event: object) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_keyboard = True
        if event.key() == Qt.Key.Key_Space and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_asked.emit()
        elif event.key() in _MOVES:
            super().keyPressEvent(event)
        else:
            # A command of the whole page: QListView would search for a name that begins with it.
            event.ignore()
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        tab = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._by_keyboard = self._by_keyboard or event.reason() in tab
        super().focusInEvent(event)
        if self.current is None and self._pictures.shown:
            no = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self._pictures.index(0), no)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if QAccessible.isActive() and current.isValid():
            said = QAccessibleEvent(self, QAccessible.Event.Focus)
            said.setChild(current.row())
            QAccessible.updateAccessibility(said)
        self.chosen.emit()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.chosen.emit()

    # Thumbnails, and the selection over a reset

    def _ranges(self) -> list[tuple[int, int]]:
        selection = self.selectionModel().selection()
        ranges = [selection.at(place) for place in range(selection.count())]
        return sorted((chosen.top(), chosen.bottom()) for chosen in ranges)

    def _hovered(self) -> int:
        if not self.viewport().underMouse():
            return -1
        return self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())).row()

    def _want_thumbnails(self) -> None:
        if self._lines or not self.isVisible():
            return
        tiles, top, height = self.tiles(), self.verticalOffset(), self.viewport().height()
        more = round(height * _AHEAD)
        in_sight = tiles.between(top, top + height)
        around = [*tiles.between(top + height, top + height + more), *tiles.between(top - more, top)]
        places = [*in_sight, *(place for place in around if place not in in_sight)]
        side = -(-round(tiles.tile_width * self.devicePixelRatioF()) // _STEP) * _STEP
        self._thumbnails.want([self._pictures.shown[place] for place in places], side)

    def _on_made(self, picture: Picture) -> None:
        place = self._pictures.place(picture)
        if place >= 0:
            rect = self.tiles().rect(place).translated(0, -self.verticalOffset())
            self.viewport().update(rect)

    def _on_theme(self) -> None:
        self._painter.refresh(self)
        self.viewport().update()

    def _hold(self) -> None:
        current = self.current
        self._held = ({picture.number for picture in self.selected()}, -1 if current is None else current.number)

    def _take_up(self) -> None:
        numbers, current = self._held
        selection = QItemSelection()
        if not numbers and current < 0:
            return
        first = None
        for place, picture in enumerate([*self._pictures.shown, None]):
            chosen = picture is not None and picture.number in numbers
            if chosen and first is None:
                first = place
            elif not chosen and first is not None:
                selection.select(self._pictures.index(first), self._pictures.index(place - 1))
                first = None
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect)
        if current >= 0:
            place = self._pictures.place(self._pictures.pictures[current])
            if place >= 0:
                self.selectionModel().setCurrentIndex(self._pictures.index(place), flag.NoUpdate)
                self.scrollTo(self._pictures.index(place))

    def _paint_band(self, painter: QPainter) -> None:
        if self._band is None or self.state() != QAbstractItemView.State.DragSelectingState:
            return
        here = self.viewport().mapFromGlobal(self.cursor().pos())
        start = self._band - QPoint(0, self.verticalOffset())
        painter.setPen(QPen(self._theme.color("accent"), 1))
        painter.setBrush(self._theme.color("accent", 0.12))
        painter.drawRoundedRect(QRectF(QRect(start, here).normalized()), 4, 4)
