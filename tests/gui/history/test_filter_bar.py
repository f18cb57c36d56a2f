from __future__ import annotations

from PySide6.QtCore import Qt

from gui.history.time_range import midnight
from tests.gui.history.conftest import Page


def test_that_typing_narrows_and_clearing_shows_everything(page: Page) -> None:
    page.type("ete")
    assert page.names == ["Été.png"]
    assert page.answers.count.text() == "1\u00a0answer found"
    assert page.answers.bar.clear.isVisible()
    page.answers.bar.clear.click()
    page.found()
    assert len(page.names) == 4
    assert page.answers.bar.field.text() == ""
    assert not page.answers.bar.clear.isVisible()


def test_that_nothing_found_offers_to_clear_the_filters(page: Page) -> None:
    page.type("zebra")
    nothing = page.answers.nothing
    assert nothing.isVisible()
    assert nothing.text.text() == "Nothing found"
    assert page.answers.bar.field.hasFocus()
    nothing.action.click()
    page.found()
    assert len(page.names) == 4
    assert page.answers.table.isVisible()


def test_that_escape_in_the_field_empties_it_before_it_leaves(page: Page) -> None:
    page.type("tom")
    page.opened.qtbot.keyClick(page.answers.bar.field, Qt.Key.Key_Escape)
    page.opened.wait(lambda: not page.answers.bar.search.narrows)
    page.found()
    assert page.page.isVisible()
    page.opened.qtbot.keyClick(page.answers.bar.field, Qt.Key.Key_Escape)
    assert not page.page.isVisible()


def test_that_digits_typed_into_the_field_correct_nothing(page: Page) -> None:
    page.type("12c")
    assert page.opened.whisker.history.corrections() == []
    assert page.answers.picker.isHidden()


def test_that_chips_show_what_was_doubtful(page: Page) -> None:
    page.answers.bar.unsure.click()
    page.found()
    assert page.names == ["Été.png"]
    page.answers.bar.unknown.click()
    page.found()
    assert page.names == ["grey thing.png"]
    assert not page.answers.bar.unsure.isChecked()
    page.answers.bar.unknown.click()
    page.found()
    assert len(page.names) == 4


def test_that_a_class_is_chosen_by_typing_a_part_of_its_name(page: Page) -> None:
    page.answers.bar.classes.click()
    picker = page.answers.picker
    page.opened.qtbot.keyClicks(picker.search, "do")
    page.opened.qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    page.found()
    assert page.names == ["rex.png"]
    assert page.answers.bar.classes.text() == "Class: dog  ▾"
    page.answers.bar.classes.click()
    page.opened.qtbot.keyClicks(picker.search, "any")
    page.opened.qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    page.found()
    assert len(page.names) == 4
    assert not page.answers.bar.classes.isChecked()


def test_that_menus_narrow_by_source_model_correction_and_time(page: Page) -> None:
    bar = page.answers.bar
    bar.sources.click()
    page.pick(bar.menu(), "API")
    assert page.names == ["Été.png"]
    bar.sources.click()
    page.pick(bar.menu(), "Anyone")
    bar.models.click()
    page.pick(bar.menu(), "cats-dogs v1")
    assert len(page.names) == 4
    bar.corrected.click()
    page.pick(bar.menu(), "Corrected by you")
    assert page.names == []
    bar.corrected.click()
    page.pick(bar.menu(), "All")
    bar.times.click()
    page.pick(bar.menu(), "Yesterday")
    assert page.names == []
    assert bar.times.text() == "When: Yesterday  ▾"
    bar.times.click()
    page.pick(bar.menu(), "Any time")
    assert len(page.names) == 4


def test_that_two_days_can_be_chosen_and_the_last_belongs_to_them(page: Page) -> None:
    bar = page.answers.bar
    bar.times.click()
    page.pick(bar.menu(), "Choose days")
    assert bar.range.isVisible()
    assert len(page.names) == 4
    today = bar.range.first.date()
    bar.range.last.setDate(today.addDays(-1))
    page.found()
    assert (bar.range.first.date(), page.names) == (today.addDays(-1), [])
    day = bar.search.since
    assert day is not None
    assert day == midnight(day.date())
