"""A page whose cards scroll below its header."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

MARGIN = 24
BAR = 12
"""Width of a scroll bar, as the style sheet has it."""


def place_in_page(page: QWidget, above: Sequence[QWidget], area: QScrollArea) -> None:
    """What stands still one above the other, and below it what scrolls.

    The scroll bar has its place in the margin of the page, whether it is needed or not, so that cards end where the
    header does and nothing moves when it comes.
    """
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    still = QVBoxLayout()
    still.setContentsMargins(0, 0, BAR, 0)
    still.setSpacing(16)
    for widget in above:
        still.addWidget(widget)
    column = QVBoxLayout(page)
    column.setContentsMargins(MARGIN, 16, MARGIN - BAR, 8)
    column.setSpacing(16)
    column.addLayout(still)
    column.addWidget(area, 1)
