from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.predict.many.run import Phase
from gui.predict.many_view import ManyView
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
