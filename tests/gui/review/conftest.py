"""The Review page, and photos that it may ask about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.review.page import ReviewPage
from tests.bundles import solid
from tests.gui.conftest import Opened


class Reviewing:
    """The Review page under test."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.page: ReviewPage = opened.window.page("review")  # type: ignore[assignment]

    def show(self) -> None:
        self.opened.window.show_page("review")
        self.opened.settle()

    def wait_for_a_photo(self) -> None:
        page = self.page
        self.opened.wait(lambda: page.queue.now is not None and page.look.photo.has_photo)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.opened.key(key, modifier)

    @property
    def looking(self) -> bool:
        return self.page.stack.currentWidget() is self.page.look

    @property
    def labels(self) -> dict[str, str]:
        self.opened.settle()
        return {said.name: said.label for said in self.opened.whisker.history.corrections()}


@pytest.fixture
def reviewing(opened: Opened) -> Iterator[Reviewing]:
    yield Reviewing(opened)
    opened.settle()


def classify(opened: Opened, folder: Path, **pictures: tuple[int, int, int]) -> None:
    for name, colour in pictures.items():
        opened.whisker.classify(solid(folder / f"{name}.png", colour), origin="window")
    opened.settle()
