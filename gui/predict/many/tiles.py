"""Where tiles stand: columns that fill the width, worked out and never walked through."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

MARGIN = 1
"""Room for the outermost tiles' edges."""
GAP = 14
SMALLEST = 148
LABEL = 34
EDGE = 5
"""The confidence bar, which is the tile's lower edge."""
LINE = 60
"""Height of a failed picture's line in the list of them."""


@dataclass(frozen=True)
class Tiles:
    """The places of `count` tiles in a view of this width, in device-independent pixels from the top of the content.

    Attributes:
        lines: One below the other over the whole width, for sentences, instead of square pictures.
    """

    count: int
    width: int
    lines: bool = False

    @property
    def columns(self) -> int:
        if self.lines:
            return 1
        return max(1, (self.width - 2 * MARGIN + GAP) // (SMALLEST + GAP))

    @property
    def tile_width(self) -> int:
        room = max(SMALLEST // 2, self.width - 2 * MARGIN)
        return (room - (self.columns - 1) * GAP) // self.columns

    @property
    def tile_height(self) -> int:
        return LINE if self.lines else self.tile_width + LABEL + EDGE

    @property
    def gap(self) -> int:
        return 4 if self.lines else GAP

    @property
    def height(self) -> int:
        """Of everything."""
        rows = -(-self.count // self.columns)
        return 2 * MARGIN + max(0, rows * (self.tile_height + self.gap) - self.gap)

    def rect(self, place: int) -> QRect:
        row, column = divmod(place, self.columns)
        # What the division leaves over is spread among the columns, so that both edges are flush.
        spare = self.width - 2 * MARGIN - self.columns * self.tile_width - (self.columns - 1) * GAP
        shift = 0 if self.columns == 1 else spare * column // (self.columns - 1)
        left = MARGIN + column * (self.tile_width + GAP) + max(0, shift)
        return QRect(left, MARGIN + row * (self.tile_height + self.gap), self.tile_width, self.tile_height)

    def at(self, point: QPoint) -> int:
        """The tile there; -1 between tiles."""
        row = (point.y() - MARGIN) // (self.tile_height + self.gap)
        if row < 0:
            return -1
        first = row * self.columns
        for place in range(first, min(first + self.columns, self.count)):
            if self.rect(place).contains(point):
                return place
        return -1

    def between(self, top: int, bottom: int) -> range:
        """The tiles that reach into this strip."""
        step = self.tile_height + self.gap
        first = max(0, (top - MARGIN + self.gap) // step)
        last = max(0, (bottom - MARGIN) // step + 1)
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))

    def inside(self, area: QRect) -> list[int]:
        """The tiles that a frame touches."""
        return [place for place in self.between(area.top(), area.bottom()) if self.rect(place).intersects(area)]
