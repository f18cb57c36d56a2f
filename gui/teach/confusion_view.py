"""What was taken for what: a matrix whose cells can be pressed. Only cells in sight are painted, were it a million."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.teach.class_model import Index
from gui.teach.confusion_model import ConfusionModel
from gui.theme import Theme

LEFT = 132
TOP = 96
TOP_WIDE = 32
WIDE = 64
"""From this side on a cell has room for its class's name above it; else the name stands upright."""
SMALLEST = 24
LARGEST = 104
ROOM = 32
"""To the right of the last column: for a scroll bar, and for air."""
LEAST_WIDTH = 360


class ConfusionView(QTableView):
    """Signals:
    cell_chosen: Row (what it is) and column (what it was called).
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts = ConfusionModel(self)
        self.setModel(self.counts)
        self.setItemDelegate(_Cells(theme, self.counts, self))
        self.setHorizontalHeader(_Names(theme, Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(_Names(theme, Qt.Orientation.Vertical, self))
        self.verticalHeader().setFixedWidth(LEFT)
        self._corner = QLabel("it is ↓   called →", self)
        self._corner.setProperty("role", "status")
        self._corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        self.setAccessibleName("What was taken for what")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        theme.changed.connect(self.viewport().update)

    def show_matrix(self, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        self.counts.show(classes, matrix)
        self._fit()

    @property
    def current(self) -> tuple[int, int]:
        """Row and column of the chosen cell; -1, -1 while there is none."""
        index = self.currentIndex()
        return index.row(), index.column()

    @property
    def cell(self) -> int:
        """Side of a cell: as large as there is room, within reason."""
        count = max(1, len(self.counts.classes))
        room = min(self.width() - LEFT, self.height() - TOP) - 16
        return min(LARGEST, max(SMALLEST, room // count))

    def choose(self, row: int, column: int) -> None:
        """Make this cell the current one, and show what is in it."""
        self.setCurrentIndex(self.counts.index(row, column))

    def sentence(self, row: int, column: int) -> str:
        return self.counts.sentence(row, column)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.cell_chosen.emit(current.row(), current.column())

    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        cell = self.cell
        top = TOP_WIDE if cell >= WIDE else TOP
        for header in (self.horizontalHeader(), self.verticalHeader()):
            if header.defaultSectionSize() != cell:
                header.setDefaultSectionSize(cell)
        if self.horizontalHeader().minimumHeight() != top:
            self.horizontalHeader().setFixedHeight(top)
            self.updateGeometries()
        # Few classes leave their room to the photos beside them.
        self.setMaximumWidth(max(LEAST_WIDTH, LEFT + LARGEST * max(1, len(self.counts.classes)) + ROOM))
        self._corner.setGeometry(0, 0, LEFT - 10, top - 6)


class _Cells(QStyledItemDelegate):
    def __init__(self, theme: Theme, counts: ConfusionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts = counts

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row, column, rect = self._theme, index.row(), index.column(), option.rect
        number, share = self._counts.number(row, column), self._counts.share(row, column)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track", 0.5))
        painter.drawRoundedRect(box, 4, 4)
        if number:
            painter.setBrush(theme.color("sure" if row == column else "accent", 0.16 + 0.5 * share))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.color("text"))
            font = painter.font()
            font.setPixelSize(theme.size("status"))
            painter.setFont(font)
            said = f"{number}" if number < 10_000 else f"{number // 1000}k"
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, said)
        view = self.parent()
        assert isinstance(view, ConfusionView)
        if view.current == (row, column):
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)


class _Names(QHeaderView):
    """Names of the classes: to the left of their rows, above their columns, upright where these are narrow."""

    def __init__(self, theme: Theme, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self._theme = theme
        across = orientation == Qt.Orientation.Horizontal
        self.setAccessibleName("What it was called" if across else "What it is")
        self.setMinimumSectionSize(SMALLEST)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sectionSizeFromContents(self, section: int) -> QSize:
        # Every section is as large as the next: measuring two hundred names for each layout can be seen as a stall.
        return QSize(self.defaultSectionSize(), self.defaultSectionSize())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        font = painter.font()
        font.setPixelSize(self._theme.size("status"))
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        name = str(self.model().headerData(section, self.orientation()))
        metrics, middle = painter.fontMetrics(), Qt.TextElideMode.ElideMiddle
        if self.orientation() == Qt.Orientation.Vertical:
            line = rect.adjusted(0, 0, -10, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(line, right, metrics.elidedText(name, middle, rect.width() - 12))
            return
        wide = rect.width() >= WIDE
        name = metrics.elidedText(name, middle, rect.width() - 4 if wide else rect.height() - 16)
        painter.save()
        painter.translate(rect.left() + rect.width() / 2, rect.bottom() - 7)
        painter.rotate(0 if wide else -90)
        at = QPoint(-metrics.horizontalAdvance(name) // 2, 0) if wide else QPoint(0, metrics.ascent() // 2 - 1)
        painter.drawText(at, name)
        painter.restore()
