from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from gui.page_layout import MARGIN
from tests.gui.conftest import Opened


@pytest.mark.parametrize("key", ["server", "preferences", "monitor"])
def test_that_cards_end_where_the_header_does_whether_or_not_the_page_scrolls(opened: Opened, key: str) -> None:
    opened.window.show_page(key)
    page = opened.window.page(key)
    area = next(each for each in page.findChildren(QScrollArea) if each.isVisible())
    scrolled = set()
    for width, height in ((960, 640), (1280, 860), (1920, 2400)):
        opened.window.resize(width, height)
        opened.wait(lambda: edges(page, area) == (MARGIN, page.width() - MARGIN))
        scrolled.add(area.verticalScrollBar().maximum() > 0)
    assert scrolled == {True, False}
    header = page.header  # type: ignore[attr-defined]
    assert (header.x(), header.x() + header.width()) == (MARGIN, page.width() - MARGIN)


def edges(page: QWidget, area: QScrollArea) -> tuple[int, int]:
    """The left edge of the first card and the right edge of the last."""
    cards = [
        card for card in area.findChildren(QFrame) if card.isVisible() and card.property("surface") in ("card", "chart")
    ]
    lefts = [card.mapTo(page, QPoint(0, 0)).x() for card in cards]
    return min(lefts), max(left + card.width() for left, card in zip(lefts, cards, strict=True))
