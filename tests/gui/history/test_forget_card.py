from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.errors import HistoryError
from gui.problems import Toast
from tests.gui.history.conftest import Page


def test_that_forgetting_says_what_goes_and_waits_for_a_second_word(page: Page, photos: dict[str, Path]) -> None:
    history = page.opened.whisker.history
    page.choose(3)
    page.key(Qt.Key.Key_1)
    page.opened.wait(lambda: len(history.corrections()) == 1)
    page.key(Qt.Key.Key_Delete)
    card = page.answers.forget
    page.opened.wait(card.sure.isEnabled)
    assert "1\u00a0answer in the history" in card.goes.text()
    assert "1\u00a0correction of yours" in card.goes.text()
    assert "Your own file stays where it is" in card.stays.text()
    assert "cannot be undone" in card.stays.text()
    assert card.keep.hasFocus()
    assert history.count() == 4
    page.opened.qtbot.keyClick(card.keep, Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert history.count() == 4
    page.key(Qt.Key.Key_Delete)
    page.opened.wait(card.sure.isEnabled)
    page.opened.qtbot.keyClick(card.keep, Qt.Key.Key_Delete)
    page.opened.wait(lambda: history.count() == 3)
    page.found()
    assert page.names == ["Été.png", "grey thing.png", "rex.png"]
    assert photos["tom.png"].exists()
    toast = page.opened.window.findChild(Toast)
    assert toast.text.text() == "Forgotten: 1\u00a0answer"
    assert toast.undo.isHidden()


def test_that_many_are_forgotten_together(page: Page, photos: dict[str, Path]) -> None:
    page.choose(0, 1, 3)
    assert page.answers.beside.forget.text() == "Forget 3…"
    page.answers.beside.forget.click()
    page.opened.wait(page.answers.forget.sure.isEnabled)
    page.answers.forget.sure.click()
    page.opened.wait(lambda: page.names == ["rex.png"])
    assert all(path.exists() for path in photos.values())
    page.opened.settle()


def test_that_predict_does_not_go_on_showing_what_was_forgotten(page: Page, photos: dict[str, Path]) -> None:
    opened = page.opened
    page.key(Qt.Key.Key_Escape)
    opened.show(photos["rex.png"])
    row = opened.page.single.answer
    assert row is not None
    assert row.row is not None
    opened.whisker.forget(opened.whisker.traces([row.row]))
    opened.wait(lambda: opened.page.stack.currentWidget() is opened.page.empty)
    opened.settle()


def test_that_what_cannot_be_forgotten_is_said_and_stays(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_found: object) -> None:
        raise HistoryError("The history is in use by another program.", "Close the other program and try again.")

    monkeypatch.setattr(page.opened.whisker, "forget", refused)
    page.choose(0)
    page.key(Qt.Key.Key_Delete)
    page.opened.wait(page.answers.forget.sure.isEnabled)
    page.answers.forget.sure.click()
    page.opened.wait(page.answers.message.isVisible)
    assert "in use by another program" in page.answers.message.text.text()
    assert page.opened.whisker.history.count() == 4


def test_that_nothing_is_said_of_a_photo_while_it_is_asked_whether_to_forget_it(page: Page) -> None:
    page.choose(0)
    page.key(Qt.Key.Key_Delete)
    page.opened.wait(page.answers.forget.sure.isEnabled)
    page.opened.qtbot.keyClick(page.answers.forget.keep, Qt.Key.Key_1)
    page.opened.qtbot.keyClick(page.answers.forget.keep, Qt.Key.Key_C)
    page.opened.settle()
    assert not page.opened.whisker.history.corrections()
    assert page.answers.forget.isVisible()
    assert page.answers.forget.keep.hasFocus()
