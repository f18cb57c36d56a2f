from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from engine.errors import HistoryError
from tests.bundles import BLUE, GREY, PURPLE, RED
from tests.gui.review.conftest import Reviewing, classify

CTRL = Qt.KeyboardModifier.ControlModifier
MANY = 500


def test_that_the_least_sure_comes_first_with_what_the_model_thinks(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, sure=RED, doubt=PURPLE, other=BLUE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    look = reviewing.page.look
    assert look.name.full_text == "doubt.png"
    assert look.guess.text() == "Cat?"
    assert look.counter.text() == "1 of 3"
    assert [chip.text() for chip in look.keys.chips if chip.isVisible()] == ["1   cat", "2   dog"]
    assert look.keys.chips[0].isChecked()


def test_that_enter_takes_the_model_at_its_word_when_it_does_not_know(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, grey=GREY)
    reviewing.show()
    reviewing.wait_for_a_photo()
    assert not any(chip.isChecked() for chip in reviewing.page.look.keys.chips)
    reviewing.press(Qt.Key.Key_Return)
    assert reviewing.labels == {}
    assert reviewing.page.pause.line.text() == "0 confirmed, 0 corrected.\n1 skipped."


def test_that_undo_brings_the_photo_back_even_from_the_end(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    reviewing.press(Qt.Key.Key_2)
    assert reviewing.labels == {"doubt.png": "dog"}
    assert not reviewing.looking
    reviewing.press(Qt.Key.Key_Escape)
    assert reviewing.page.pause.title.text() == "All looked at"
    reviewing.press(Qt.Key.Key_Z, CTRL)
    reviewing.wait_for_a_photo()
    assert reviewing.looking
    reviewing.press(Qt.Key.Key_2)
    reviewing.opened.qtbot.mouseClick(reviewing.page.pause.back, Qt.MouseButton.LeftButton)
    reviewing.wait_for_a_photo()
    assert reviewing.looking
    assert reviewing.labels == {}
    assert not reviewing.page.look.back.isEnabled()


def test_that_the_buttons_do_what_the_keys_do(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, blue=BLUE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    page, left = reviewing.page, Qt.MouseButton.LeftButton
    reviewing.opened.qtbot.mouseClick(page.look.keys.chips[1], left)
    reviewing.wait_for_a_photo()
    reviewing.opened.qtbot.mouseClick(page.look.back, left)
    reviewing.wait_for_a_photo()
    assert page.queue.position == 0
    reviewing.opened.qtbot.mouseClick(page.look.skip, left)
    reviewing.wait_for_a_photo()
    assert page.queue.position == 1
    assert reviewing.labels == {}


def test_that_a_photo_that_is_gone_is_passed_over_and_told_at_the_end(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, blue=BLUE)
    (tmp_path / "doubt.png").unlink()
    reviewing.show()
    reviewing.wait_for_a_photo()
    assert reviewing.page.look.name.full_text == "blue.png"
    reviewing.press(Qt.Key.Key_Return)
    assert "1\u00a0photo could not be opened and was left out." in reviewing.page.pause.line.text()


def test_that_a_label_that_cannot_be_kept_is_said_and_not_counted(
    reviewing: Reviewing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HistoryError("The disk is full.", "Free some space.")

    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    monkeypatch.setattr(reviewing.opened.whisker.history, "correct", refuse)
    reviewing.press(Qt.Key.Key_Return)
    reviewing.opened.settle()
    assert "doubt.png was not kept. The disk is full." in reviewing.page.message.text.text()
    assert reviewing.page.pause.line.text() == "0 confirmed, 0 corrected.\n1 skipped."


def test_that_five_hundred_are_labelled_without_the_mouse_and_without_waiting(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY):
        Image.new("RGB", (64, 48), (number % 256, number // 256 * 40, 255 - number % 256)).save(
            folder / f"{number}.bmp"
        )
    reviewing.show()
    reviewing.page.begin_folder([folder])
    reviewing.wait_for_a_photo()
    assert len(reviewing.page.queue) == MANY
    keys = (Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_2)
    waited = 0.0
    for number in range(MANY):
        began = time.perf_counter()
        reviewing.wait_for_a_photo()
        waited += time.perf_counter() - began
        assert reviewing.page.queue.position == number
        reviewing.press(keys[number % 3])
    assert reviewing.page.pause.title.text() == "All looked at"
    assert len(reviewing.labels) == MANY
    # The next photo is there before it is wanted: far below what a person would notice.
    assert waited / MANY < 0.2
