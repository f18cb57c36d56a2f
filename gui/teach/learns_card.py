"""What it will learn from, at a glance before Start: each class by a face, its name and how many photos it has."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.desk import Desk
from gui.teach.lesson import ClassRow
from gui.teach.thumbs import Thumbs
from gui.teach.tiles import paint_tile
from gui.theme import Theme

TILE = 48
HIGH = TILE + 16
WIDE = 168
MOST_LINES = 3


class LearnsCard(QFrame):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        held = QLabel("A part of each class is held back to judge by, so that the score is honest.")
        held.setProperty("role", "secondary")
        self.faces = _Faces(desk.theme, Thumbs(desk.tasks, self))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 12)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(held)
        column.addSpacing(8)
        column.addWidget(self.faces)

    def show_classes(self, rows: Sequence[ClassRow]) -> None:
        photos = words.count(sum(len(row.paths) for row in rows), "photo", "photos")
        self.title.setText(f"It learns from {photos} of {words.count(len(rows), 'class', 'classes')}")
        self.faces.show_rows(rows)


class _Faces(QWidget):
    """As many classes as there is room for, and how many there are besides."""

    def __init__(self, theme: Theme, thumbs: Thumbs) -> None:
        super().__init__()
        self._theme = theme
        self._thumbs = thumbs
        self.rows: Sequence[ClassRow] = ()
        self.setAccessibleName("Classes")
        thumbs.made.connect(lambda _path: self.update())
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[ClassRow]) -> None:
        self.rows = rows
        self.setAccessibleDescription(", ".join(f"{row.name} {len(row.paths):,}" for row in self.shown()))
        self._arrange()

    def shown(self) -> Sequence[ClassRow]:
        """Those that are painted; the last place is for the word that there are more."""
        room = self._across() * MOST_LINES
        return self.rows if len(self.rows) <= room else self.rows[: room - 1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shown = self.shown()
        for at, row in enumerate(shown):
            place = self._place(at)
            tile = QRectF(place.left(), place.top() + 8, TILE, TILE)
            first = row.paths[0] if row.paths else None
            picture = None if first is None else self._thumbs.get(first)
            hopeless = first is not None and self._thumbs.hopeless(first)
            paint_tile(painter, self._theme, tile, picture, hopeless=hopeless)
            words_at = place.adjusted(TILE + 10, 12, -8, 0)
            self._write(painter, words_at, row.name, "text", bold=True)
            count = words.count(len(row.paths), "photo", "photos")
            self._write(painter, words_at.translated(0, 20), count, "muted", bold=False)
        if len(shown) < len(self.rows):
            more = f"and {len(self.rows) - len(shown):,} more"
            self._write(painter, self._place(len(shown)).adjusted(0, 22, -8, 0), more, "muted", bold=False)
        painter.end()

    def _write(self, painter: QPainter, where: QRect, text: str, token: str, *, bold: bool) -> None:
        font = self.font()
        font.setPixelSize(self._theme.size("secondary"))
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(self._theme.color(token))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, where.width())
        painter.drawText(QRect(where.left(), where.top(), where.width(), 20), Qt.AlignmentFlag.AlignVCenter, elided)

    def _across(self) -> int:
        return max(1, self.width() // WIDE)

    def _place(self, at: int) -> QRect:
        line, column = divmod(at, self._across())
        return QRect(column * WIDE, line * HIGH, WIDE, HIGH)

    def _arrange(self) -> None:
        lines = min(MOST_LINES, -(-len(self.rows) // self._across()))
        self.setFixedHeight(max(1, lines) * HIGH)
        if self.isVisible():
            self._thumbs.want(row.paths[0] for row in self.shown() if row.paths)
        self.update()
