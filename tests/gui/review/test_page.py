from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from engine.errors import HistoryError
from gui.review.page import ReviewPage
from tests.bundles import BLUE, GREY, PURPLE, RED, make_bundle, solid
from tests.gui.conftest import Opened

CTRL = Qt.KeyboardModifier.ControlModifier
MANY = 500
HALF_A_SECOND = 150
"""So many pictures take about that long."""


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


def test_that_an_empty_history_says_what_to_do_and_a_folder_can_be_chosen(reviewing: Reviewing) -> None:
    reviewing.show()
    pause = reviewing.page.pause
    assert pause.title.text() == "Nothing to look at yet"
    assert pause.folder.isVisible()
    assert not pause.cancel.isVisible()


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


def test_that_keys_confirm_correct_and_skip_and_the_end_says_so(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, sure=RED, blue=BLUE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    first, second, third = (photo.name for photo in reviewing.page.queue.all())
    reviewing.press(Qt.Key.Key_Return)
    reviewing.wait_for_a_photo()
    wrong = Qt.Key.Key_2 if reviewing.page.queue.now.predicted == "cat" else Qt.Key.Key_1  # type: ignore[union-attr]
    reviewing.press(wrong)
    reviewing.wait_for_a_photo()
    reviewing.press(Qt.Key.Key_S)
    assert not reviewing.looking
    pause = reviewing.page.pause
    assert pause.title.text() == "All looked at"
    assert pause.line.text() == "1 confirmed, 1 corrected. They count in the next training.\n1 skipped."
    labels = reviewing.labels
    assert labels[first] == "cat"
    assert labels[second] == ("dog" if wrong == Qt.Key.Key_2 else "cat")
    assert third not in labels


def test_that_whatever_can_be_pressed_has_a_name_and_a_tip(reviewing: Reviewing, tmp_path: Path) -> None:
    def nameless() -> list[QAbstractButton]:
        buttons = [button for button in reviewing.page.findChildren(QAbstractButton) if button.isVisible()]
        return [button for button in buttons if not button.accessibleName() or not button.toolTip()]

    reviewing.show()
    assert nameless() == []
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.page.begin()
    reviewing.wait_for_a_photo()
    assert nameless() == []


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


def test_that_enter_on_a_button_presses_the_button(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, blue=BLUE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    reviewing.page.look.skip.setFocus()
    reviewing.press(Qt.Key.Key_Return)
    reviewing.wait_for_a_photo()
    assert reviewing.page.queue.position == 1
    assert reviewing.labels == {}


def test_that_a_photo_that_is_gone_is_passed_over_and_told_at_the_end(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, blue=BLUE)
    (tmp_path / "doubt.png").unlink()
    reviewing.show()
    reviewing.wait_for_a_photo()
    assert reviewing.page.look.name.full_text == "blue.png"
    reviewing.press(Qt.Key.Key_Return)
    assert "1\u00a0photo could not be opened and was left out." in reviewing.page.pause.line.text()


def test_that_an_unreadable_history_is_said_and_can_be_tried_again(
    reviewing: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HistoryError("The history is damaged.", "Start Whisker again.")

    with monkeypatch.context() as patched:
        patched.setattr(reviewing.opened.whisker.history, "least_sure", refuse)
        reviewing.show()
    pause = reviewing.page.pause
    assert pause.line.text() == "The history is damaged. Start Whisker again."
    reviewing.opened.qtbot.mouseClick(pause.more, Qt.MouseButton.LeftButton)
    reviewing.opened.settle()
    assert pause.title.text() == "Nothing to look at yet"


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


def test_that_a_dropped_folder_is_asked_about_and_looked_through(reviewing: Reviewing, tmp_path: Path) -> None:
    for name, colour in {"red": RED, "purple": PURPLE, "grey": GREY}.items():
        solid(tmp_path / "trip" / f"{name}.png", colour)
    (tmp_path / "trip" / "broken.png").write_bytes(b"no picture")
    reviewing.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "trip"))])
    assert reviewing.opened.drop(mime)
    reviewing.wait_for_a_photo()
    assert reviewing.opened.window.pages.currentWidget() is reviewing.page
    assert len(reviewing.page.queue) == 3
    assert reviewing.page.queue.all()[0].name == "grey.png"
    assert reviewing.page.look.guess.text() == "Not sure"
    assert "sure of, in trip" in reviewing.page.header.line.text()
    for _ in range(3):
        reviewing.wait_for_a_photo()
        reviewing.press(Qt.Key.Key_Return)
    assert "could not be opened" in reviewing.page.pause.line.text()
    # It had said that it does not know the grey one: that it is right about that makes it no cat and no dog.
    assert sorted(reviewing.labels) == ["purple.png", "red.png"]
    assert not reviewing.opened.desk.jobs.running


def test_that_a_folder_without_photos_says_so(reviewing: Reviewing, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    reviewing.show()
    reviewing.page.begin_folder([tmp_path / "empty"])
    reviewing.opened.settle()
    assert "no photo in empty" in reviewing.page.pause.line.text()
    reviewing.page.begin_folder([tmp_path / "not there"])
    reviewing.opened.settle()
    assert "is not there" in reviewing.page.pause.line.text()


def test_that_the_looking_can_be_cancelled_and_what_was_answered_is_looked_through(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    for number in range(HALF_A_SECOND):
        solid(tmp_path / "big" / f"{number}.png", (number % 256, 0, 128), (700, 700))
    reviewing.show()
    reviewing.page.begin_folder([tmp_path / "big"])
    assert reviewing.opened.desk.jobs.running
    reviewing.opened.wait(
        lambda: reviewing.page.pause.bar.maximum() == HALF_A_SECOND and reviewing.page.pause.bar.value() > 0
    )
    reviewing.opened.qtbot.mouseClick(reviewing.page.pause.cancel, Qt.MouseButton.LeftButton)
    reviewing.opened.settle()
    assert not reviewing.opened.desk.jobs.running
    assert 0 < len(reviewing.page.queue) <= HALF_A_SECOND


def test_that_another_model_brings_another_queue(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    reviewing.opened.desk.model.activate("things")
    reviewing.opened.wait(lambda: not reviewing.looking)
    reviewing.opened.settle()
    assert reviewing.page.pause.title.text() == "Nothing to look at yet"
    assert len(reviewing.page.queue) == 0


def test_that_twenty_classes_have_a_key_each_and_letters_come_after_digits(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    reviewing.opened.desk.model.activate("things")
    reviewing.opened.wait(lambda: reviewing.opened.desk.model.card.name == "things")  # type: ignore[union-attr]
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    visible = [chip.text() for chip in reviewing.page.look.keys.chips if chip.isVisible()]
    assert visible[8:11] == ["9   thing 9", "A   thing 10", "B   thing 11"]
    reviewing.press(Qt.Key.Key_B)
    assert reviewing.labels == {"doubt.png": "thing 11"}


def test_that_too_many_classes_leave_the_likeliest_and_a_picker_whose_enter_is_its_own(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    shelf = reviewing.opened.whisker.shelf
    shelf.publish(make_bundle(shelf.stage(), [f"kind {number}" for number in range(30)], name="kinds"), "kinds")
    reviewing.opened.desk.model.activate("kinds")
    reviewing.opened.wait(lambda: reviewing.opened.desk.model.card.name == "kinds")  # type: ignore[union-attr]
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    look, picker = reviewing.page.look, reviewing.page.picker
    assert len([chip for chip in look.keys.chips if chip.isVisible()]) == 5
    reviewing.press(Qt.Key.Key_C)
    assert picker.isVisible()
    reviewing.opened.qtbot.keyClicks(picker.search, "kind 17")
    reviewing.opened.qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert reviewing.labels == {"doubt.png": "kind 17"}


def test_that_a_folder_can_be_chosen_by_keyboard(reviewing: Reviewing) -> None:
    reviewing.show()
    reviewing.press(Qt.Key.Key_O, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = reviewing.page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.reject()


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
