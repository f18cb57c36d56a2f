from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton

from gui.predict.many.run import Phase
from gui.predict.many_view import ManyView
from tests.bundles import BLUE, solid
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import CONTROL, SHIFT, chip, click, drop, names, press


def test_that_a_folder_dropped_on_the_window_becomes_a_grid_in_natural_order(many: ManyView) -> None:
    assert names(many) == [
        "cat 1.png",
        "cat 2.png",
        "cat 10.png",
        "dog 1.png",
        "dog 2.png",
        "dusk.png",
        "fog.png",
        "gone.jpg",
    ]
    assert many.toolbar.title.text().replace("\u00a0", " ") == "8 photos"
    assert not many.progress.isVisible()


def test_that_every_answer_is_in_the_history_once(many: ManyView, opened: Opened) -> None:
    assert opened.whisker.history.count() == 7
    click(many, "cat 1.png")
    opened.settle()
    assert opened.whisker.history.count() == 7


def test_that_escape_takes_one_step_back_at_a_time_and_at_last_home(many: ManyView, opened: Opened) -> None:
    chip(many, "cat").click()
    many.grid.setFocus()
    click(many, "cat 1.png")
    press(many, Qt.Key.Key_Escape)
    assert not many.grid.selected()
    press(many, Qt.Key.Key_Escape)
    assert len(names(many)) == 8
    press(many, Qt.Key.Key_Escape)
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert not many.model.pictures
    assert many.thumbnails.bytes == 0


def test_that_its_keys_go_on_when_one_comes_back_from_another_page(many: ManyView, opened: Opened) -> None:
    click(many, "cat 1.png")
    for key in (Qt.Key.Key_6, Qt.Key.Key_1):
        press_anywhere(key, CONTROL)
    assert many.grid.hasFocus()
    press(many, Qt.Key.Key_2)
    opened.wait(lambda: len(opened.whisker.history.corrections()) == 1)
    opened.settle()


def test_that_its_keys_work_wherever_in_the_window_the_keyboard_is(many: ManyView, opened: Opened) -> None:
    click(many, "cat 1.png")
    rail = opened.window.rail.buttons["predict"]

    def outside(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        rail.setFocus()
        press_anywhere(key, held)
        opened.settle()

    outside(Qt.Key.Key_2)
    assert len(opened.whisker.history.corrections()) == 1
    outside(Qt.Key.Key_Z, CONTROL)
    assert not opened.whisker.history.corrections()
    outside(Qt.Key.Key_S, CONTROL | SHIFT)
    assert many.sorting.isVisible()
    outside(Qt.Key.Key_Escape)
    assert not many.sorting.isVisible()
    outside(Qt.Key.Key_Escape)
    assert not many.grid.selected()
    outside(Qt.Key.Key_F, CONTROL)
    assert many.toolbar.search.hasFocus()
    press(many, Qt.Key.Key_Escape)
    assert opened.page.stack.currentWidget() is many
    outside(Qt.Key.Key_Escape)
    assert opened.page.stack.currentWidget() is opened.page.empty


EDGE = 16
"""Of a field: its border and padding, and what Qt leaves beside its icons."""


def press_anywhere(key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, held)


def test_that_a_second_drop_adds_to_the_list_and_asks_nothing(
    many: ManyView, opened: Opened, tmp_path: Path, album: Path
) -> None:
    drop(opened, solid(tmp_path / "late.png", BLUE))
    opened.wait(lambda: "late.png" in names(many) and many.run.phase is Phase.DONE)
    drop(opened, album)
    opened.wait(lambda: not many.run.busy)
    opened.settle()
    assert len(names(many)) == 9


def test_that_a_folder_without_photos_says_so(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    drop(opened, tmp_path / "bare")
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.nothing.isVisible()
    assert many.nothing.text.text() == "There are no photos in there"
    many.nothing.action.click()
    assert opened.page.stack.currentWidget() is opened.page.empty


def test_that_every_control_has_a_name_and_a_tip(many: ManyView) -> None:
    many.toolbar.sort.click()
    click(many, "cat 1.png")
    for button in many.findChildren(QAbstractButton):
        if button.isVisible() and not button.objectName().startswith("qt_"):
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button.text() or button.accessibleName()


def test_that_words_fit_where_they_stand_in_the_smallest_window(many: ManyView, opened: Opened) -> None:
    opened.window.resize(opened.window.minimumSize())
    opened.settle()
    for button in many.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            assert button.width() >= button.minimumSizeHint().width(), button.text()
    search = many.toolbar.search
    icon = search.findChildren(QToolButton)[0].width()
    opened.wait(lambda: search.placeholderText() == "Search")
    assert search.width() - icon - 2 * EDGE >= search.fontMetrics().horizontalAdvance(search.placeholderText())
    for label in (many.toolbar.title, many.toolbar.line):
        assert isinstance(label, QLabel)
        assert label.width() >= label.sizeHint().width(), label.text()
