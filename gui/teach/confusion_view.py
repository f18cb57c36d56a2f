"""What was taken for what: a matrix whose cells can be pressed. Only cells in sight are painted, were it a million."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from gui.theme import Theme

LEFT = 132
TOP = 96
TOP_WIDE = 32
WIDE = 64
"""From this side on a cell has room for its class's name above it; else the name stands upright."""
SMALLEST = 24
LARGEST = 84


class ConfusionView(QAbstractScrollArea):
    """Signals:
    cell_chosen: Row (what it is) and column (what it was called).
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._classes: Sequence[str] = ()
        self._matrix: Sequence[Sequence[int]] = ()
        self._sums: list[int] = []
        self.current = (-1, -1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("What was taken for what")
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self.viewport().update)

    def show_matrix(self, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        self._classes, self._matrix = classes, matrix
        self._sums = [sum(row) for row in matrix]
        self.current = (-1, -1)
        self._fit()
        self.viewport().update()

    @property
    def cell(self) -> int:
        """Side of a cell: as large as there is room, within reason."""
        count = max(1, len(self._classes))
        room = min(self.viewport().width() - LEFT - 8, self.viewport().height() - TOP - 8)
        return min(LARGEST, max(SMALLEST, room // count))

    @property
    def top(self) -> int:
        """Height of the names above."""
        return TOP_WIDE if self.cell >= WIDE else TOP

    def choose(self, row: int, column: int) -> None:
        """Make this cell the current one, and show what is in it."""
        if not (0 <= row < len(self._classes) and 0 <= column < len(self._classes)):
            return
        self.current = (row, column)
        cell = self.cell
        for bar, at, room in (
            (self.horizontalScrollBar(), column, self.viewport().width() - LEFT),
            (self.verticalScrollBar(), row, self.viewport().height() - self.top),
        ):
            bar.setValue(min(max(bar.value(), (at + 1) * cell - room), at * cell))
        self.setAccessibleDescription(self.sentence(row, column))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.viewport().update()
        self.cell_chosen.emit(row, column)

    def sentence(self, row: int, column: int) -> str:
        number, label, said = self._matrix[row][column], self._classes[row], self._classes[column]
        of = f"{number:,} of {self._sums[row]:,} photos of {label}"
        return f"{of} were called {said}" if row != column else f"{of} were known"

    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at is not None:
            self.choose(*at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.sentence(*at), self.viewport())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif self.current == (-1, -1):
            self.choose(0, 0)
        else:
            self.choose(self.current[0] + step[0], self.current[1] + step[1])

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._classes:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, cell, top, count = self._theme, self.cell, self.top, len(self._classes)
        font = painter.font()
        font.setPixelSize(theme.size("status"))
        painter.setFont(font)
        right, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        width, height = self.viewport().width(), self.viewport().height()
        columns = range(right // cell, min(count, (right + width - LEFT) // cell + 1))
        rows = range(down // cell, min(count, (down + height - top) // cell + 1))
        painter.save()
        painter.setClipRect(QRect(LEFT, top, width - LEFT, height - top))
        for row in rows:
            for column in columns:
                self._paint_cell(
                    painter, row, column, QRect(LEFT + column * cell - right, top + row * cell - down, cell, cell)
                )
        painter.restore()
        painter.setPen(theme.color("text"))
        metrics = painter.fontMetrics()
        painter.save()
        painter.setClipRect(QRect(0, top, LEFT, height - top))
        for row in rows:
            name = metrics.elidedText(self._classes[row], Qt.TextElideMode.ElideMiddle, LEFT - 12)
            line = QRect(0, top + row * cell - down, LEFT - 10, cell)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()
        painter.save()
        painter.setClipRect(QRect(LEFT, 0, width - LEFT, top))
        for column in columns:
            room = cell - 4 if cell >= WIDE else top - 16
            name = metrics.elidedText(self._classes[column], Qt.TextElideMode.ElideMiddle, room)
            painter.save()
            painter.translate(LEFT + column * cell - right + cell / 2, top - 8)
            painter.rotate(-90 if cell < WIDE else 0)
            if cell < WIDE:
                painter.drawText(QPoint(0, metrics.ascent() // 2 - 1), name)
            else:
                painter.drawText(QPoint(-metrics.horizontalAdvance(name) // 2, 0), name)
            painter.restore()
        painter.restore()
        painter.setPen(theme.color("muted"))
        painter.drawText(
            QRect(0, 0, LEFT - 10, top - 6),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
            "it is ↓   called →",
        )

    def _paint_cell(self, painter: QPainter, row: int, column: int, rect: QRect) -> None:
        theme, number = self._theme, self._matrix[row][column]
        share = number / self._sums[row] if self._sums[row] else 0.0
        box = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track", 0.5))
        painter.drawRoundedRect(box, 4, 4)
        if number:
            painter.setBrush(theme.color("sure" if row == column else "accent", 0.16 + 0.5 * share))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.color("text"))
            painter.drawText(
                rect, Qt.AlignmentFlag.AlignCenter, f"{number}" if number < 10_000 else f"{number // 1000}k"
            )
        if (row, column) == self.current:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        if point.x() < LEFT or point.y() < self.top:
            return None
        column = (point.x() - LEFT + self.horizontalScrollBar().value()) // self.cell
        row = (point.y() - self.top + self.verticalScrollBar().value()) // self.cell
        count = len(self._classes)
        return (row, column) if row < count and column < count else None

    def _fit(self) -> None:
        size, cell = len(self._classes) * self.cell, self.cell
        for bar, room in (
            (self.horizontalScrollBar(), self.viewport().width() - LEFT),
            (self.verticalScrollBar(), self.viewport().height() - self.top),
        ):
            bar.setRange(0, max(0, size - room))
            bar.setPageStep(max(1, room))
            bar.setSingleStep(cell)
