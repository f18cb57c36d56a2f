from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.errors import HistoryError
from gui.predict.many.run import Phase
from gui.predict.many_view import ManyView
from gui.problems import Toast
from tests.gui.conftest import MANY_CLASSES, Opened
from tests.gui.predict.conftest import CONTROL, chip, click, drop, press


def test_that_a_number_corrects_what_is_selected_and_ctrl_z_takes_it_back(many: ManyView, opened: Opened) -> None:
    click(many, "dusk.png")
    click(many, "fog.png", CONTROL)
    press(many, Qt.Key.Key_2)
    assert {picture.name for picture in many.model.pictures if picture.correction == "dog"} == {"dusk.png", "fog.png"}
    opened.wait(lambda: len(opened.whisker.history.corrections()) == 2)
    many.chips.show_counts()
    assert chip(many, "dog").text() == "dog  4"
    assert many.chips.corrected.isVisible()
    press(many, Qt.Key.Key_Z, CONTROL)
    opened.wait(lambda: not opened.whisker.history.corrections())
    assert many.model.corrected == 0
    assert many.model.counts["dog"] == 2


def test_that_the_toast_takes_a_correction_back_after_the_grid_was_left(many: ManyView, opened: Opened) -> None:
    history = opened.whisker.history
    click(many, "fog.png")
    press(many, Qt.Key.Key_2)
    toast = opened.window.findChild(Toast)
    opened.wait(toast.undo.isVisible)
    many.toolbar.back.click()
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert len(history.corrections()) == 1
    toast.undo.click()
    opened.wait(lambda: not history.corrections())
    opened.settle()
    assert not many.model.shown


def test_that_an_undo_that_failed_shows_what_still_holds_and_can_be_tried_again(
    many: ManyView, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(row: int, label: str | None) -> None:
        raise HistoryError("The history is in use by another program.", "Try again.")

    click(many, "fog.png")
    press(many, Qt.Key.Key_2)
    opened.settle()
    with monkeypatch.context() as busy:
        busy.setattr(opened.whisker, "correct", refuse)
        press(many, Qt.Key.Key_Z, CONTROL)
        opened.settle()
    assert many.model.corrected == 1
    press(many, Qt.Key.Key_Z, CONTROL)
    opened.settle()
    assert many.model.corrected == 0
    assert not opened.whisker.history.corrections()


def test_that_of_a_forgotten_photo_nothing_is_said_any_more_and_other_undos_still_work(
    many: ManyView, opened: Opened
) -> None:
    for name in ("dusk.png", "fog.png"):
        click(many, name)
        press(many, Qt.Key.Key_2)
        opened.settle()
    opened.wait(lambda: many.beside.single.answer is not None and many.beside.single.answer.name == "fog.png")
    assert many.grid.current is not None
    row = many.grid.current.row
    assert row is not None
    opened.whisker.forget(opened.whisker.traces([row]))
    opened.wait(lambda: many.model.corrected == 1)
    opened.wait(lambda: not many.beside.single.panel.corrections.isVisible())
    press(many, Qt.Key.Key_1)
    toast = opened.window.findChild(Toast)
    assert toast.text.text() == "An answer that is not in the history cannot be corrected"
    press(many, Qt.Key.Key_Z, CONTROL)
    press(many, Qt.Key.Key_Z, CONTROL)
    opened.settle()
    assert many.model.corrected == 0
    assert not opened.whisker.history.corrections()


def test_that_no_class_is_asked_for_a_photo_without_an_answer(many: ManyView, opened: Opened) -> None:
    click(many, "gone.jpg")
    press(many, Qt.Key.Key_C)
    assert not many.picker.isVisible()
    opened.settle()


def test_that_a_correction_from_elsewhere_shows_on_its_tile(many: ManyView, opened: Opened) -> None:
    picture = next(picture for picture in many.model.pictures if picture.name == "fog.png")
    assert picture.row is not None
    opened.whisker.correct(picture.row, "cat")
    opened.wait(lambda: picture.correction == "cat")


def test_that_a_correction_beside_the_grid_shows_on_the_tile_and_has_the_same_undo(
    many: ManyView, opened: Opened
) -> None:
    click(many, "dusk.png")
    opened.wait(lambda: many.beside.single.answer is not None and many.beside.single.answer.name == "dusk.png")
    many.beside.single.panel.corrections.choices[1].click()
    assert many.model.corrected == 1
    opened.wait(lambda: len(opened.whisker.history.corrections()) == 1)
    many.undo()
    opened.wait(lambda: not opened.whisker.history.corrections())


def test_that_one_of_many_classes_is_found_by_typing(opened: Opened, album: Path) -> None:
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.desk.model.card is not None and opened.desk.model.card.name == "things")
    drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.DONE)
    click(many, "cat 1.png")
    press(many, Qt.Key.Key_C)
    assert many.picker.isVisible()
    QTest.keyClicks(many.picker.search, MANY_CLASSES[16])
    QTest.keyClick(many.picker.search, Qt.Key.Key_Return)
    assert many.grid.current is not None
    assert many.grid.current.correction == MANY_CLASSES[16]
    opened.settle()
