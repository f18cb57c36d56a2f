"""Looks like these: the person's own training photos that are nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.explain import Neighbour

TILE = 68


class RoundedPicture(QWidget):
    """A small square picture with rounded corners; a plain field while there is none."""

    def __init__(self, theme: Theme, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixmap: QPixmap | None = None
        self.setFixedSize(QSize(side, side))

    def show_picture(self, picture: QImage | None) -> None:
        self._pixmap = None if picture is None else QPixmap.fromImage(picture)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._pixmap is None:
            painter.setBrush(self._theme.color("track"))
        else:
            brush = QBrush(self._pixmap)
            scale = self.width() / self._pixmap.width()
            transform = brush.transform()
            brush.setTransform(transform.scale(scale, scale))
            painter.setBrush(brush)
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)


class NeighbourRow(QWidget):
    """Hidden while there is nothing to show."""

    def __init__(self, theme: Theme, tiles: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel("Looks like these")
        heading.setProperty("role", "heading")
        self._tiles = [RoundedPicture(theme, TILE) for _ in range(tiles)]
        row = QHBoxLayout()
        row.setSpacing(8)
        for tile in self._tiles:
            row.addWidget(tile)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addLayout(row)
        self.hide()

    def show_neighbours(self, found: Sequence[tuple[Neighbour, QImage]]) -> None:
        """Neighbours whose pictures could still be read, nearest first."""
        self.setVisible(bool(found))
        for index, tile in enumerate(self._tiles):
            tile.setVisible(index < len(found))
            if index < len(found):
                neighbour, picture = found[index]
                tile.show_picture(picture)
                told = f"{neighbour.label} · {words.percent(neighbour.similarity)} alike\n{neighbour.path.name}"
                tile.setToolTip(told)
                tile.setAccessibleName(told)
