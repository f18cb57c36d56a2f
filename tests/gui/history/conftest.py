"""The page of the history over answers of four kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QMenu

from gui.history.page import HistoryPage
from tests.bundles import BLUE, GREY, PURPLE, RED, solid
from tests.gui.conftest import Opened

CONTROL = Qt.KeyboardModifier.ControlModifier


class Page:
    """The page under test, and what one does with it."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        opened.key(Qt.Key.Key_H, CONTROL)
        page = opened.window.page("history")
        assert isinstance(page, HistoryPage)
        self.page = page
        self.answers = page.answers
        self.found()

    def found(self) -> None:
        """Until the search is over."""
        self.opened.wait(lambda: not self.answers.rows.searching)
        self.opened.settle()

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.answers.rows.rows]

    def type(self, text: str) -> None:
        self.answers.focus_search()
        self.opened.qtbot.keyClicks(self.answers.bar.field, text)
        self.opened.wait(lambda: self.answers.bar.search.text == text)
        self.found()

    def choose(self, *rows: int) -> None:
        model, selection = self.answers.rows, self.answers.table.selectionModel()
        selection.setCurrentIndex(model.index(rows[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in rows:
            selection.select(model.index(row, 0), flags)
        self.opened.settle()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.opened.qtbot.keyClick(self.answers.table, key, modifier)
        self.opened.settle()

    def pick(self, menu: QMenu | None, words: str) -> None:
        assert menu is not None
        next(action for action in menu.actions() if action.text().startswith(words)).trigger()
        menu.close()
        self.found()


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    colours = {"tom.png": RED, "rex.png": BLUE, "grey thing.png": GREY, "Été.png": PURPLE}
    return {name: solid(tmp_path / "photos" / name, colour) for name, colour in colours.items()}


@pytest.fixture
def page(opened: Opened, photos: dict[str, Path]) -> Page:
    """Four answers: a cat, a dog, an unknown one and a cat that is not sure; the last asked through the API."""
    for name, path in photos.items():
        opened.whisker.classify(path, origin="api" if name == "Été.png" else "window")
    return Page(opened)
