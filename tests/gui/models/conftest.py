"""The Models page with models on it, and what a person does there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu

from engine.model_shelf import Entry
from gui.models.page import ModelsPage
from gui.models.version_row import VersionRow
from gui.problems import Toast
from tests.bundles import make_bundle
from tests.gui.conftest import Opened

LEFT = Qt.MouseButton.LeftButton


class Shelved:
    """The Models page under test, with `pets` in two versions; the second takes red for a dog and blue for a cat."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.whisker = opened.whisker
        self.page: ModelsPage = opened.window.page("models")  # type: ignore[assignment]
        self.first = self.publish(("cat", "dog"))
        self.second = self.publish(("dog", "cat"))

    def publish(self, classes: tuple[str, ...]) -> Entry:
        shelf = self.whisker.shelf
        return shelf.publish(make_bundle(shelf.stage(), classes, name="pets", title="Pets"), "pets")

    def show(self) -> None:
        self.opened.window.show_page("models")
        self.opened.wait(lambda: self.page.cards and all(card.isVisible() for card in self.page.cards))
        self.opened.settle()

    def row(self, reference: str) -> VersionRow:
        found = self.page.row(reference)
        assert found is not None
        return found

    def choose(self, row: VersionRow, *words: str) -> None:
        """Press these in its menu, one in the other."""
        menu = row.menu()
        for word in words:
            action = next(action for action in menu.actions() if action.text().startswith(word))
            inner = action.menu()
            if isinstance(inner, QMenu):
                menu = inner
            else:
                action.trigger()

    def click(self, button: object) -> None:
        self.opened.qtbot.mouseClick(button, LEFT)
        self.opened.settle()

    def undo(self) -> None:
        toast = self.opened.window.findChild(Toast)
        assert toast is not None
        self.click(toast.undo)

    @property
    def toast(self) -> str:
        toast = self.opened.window.findChild(Toast)
        assert toast is not None
        return toast.text.text() if toast.isVisible() else ""

    @property
    def active(self) -> str:
        return self.whisker.shelf.active.reference

    def answer_dialog(self, chosen: list[Path]) -> None:
        dialog = self.page.findChild(QFileDialog)
        assert dialog is not None
        dialog.filesSelected.emit([str(path) for path in chosen])
        dialog.reject()
        self.opened.settle()


@pytest.fixture
def shelved(opened: Opened) -> Iterator[Shelved]:
    under_test = Shelved(opened)
    yield under_test
    opened.settle()
