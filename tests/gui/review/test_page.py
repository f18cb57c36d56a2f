from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from tests.bundles import BLUE, PURPLE, RED, make_bundle
from tests.gui.review.conftest import Reviewing, classify


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


def test_that_enter_on_a_button_presses_the_button(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE, blue=BLUE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    reviewing.page.look.skip.setFocus()
    reviewing.press(Qt.Key.Key_Return)
    reviewing.wait_for_a_photo()
    assert reviewing.page.queue.position == 1
    assert reviewing.labels == {}


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
