from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.errors import HistoryError
from gui.history.rows_model import CORRECTION
from gui.models.page import ModelsPage
from gui.monitor.page import MonitorPage
from tests.gui.conftest import Opened
from tests.gui.history.conftest import CONTROL, Page


def test_that_answers_stand_there_the_latest_first_and_the_first_is_beside_them(page: Page) -> None:
    assert page.names == ["Été.png", "grey thing.png", "rex.png", "tom.png"]
    assert page.answers.count.text() == "4\u00a0answers"
    assert page.answers.beside.headline.full_text == "Cat?"
    assert page.answers.beside.facts["Asked by"].full_text == "API"
    page.opened.wait(lambda: page.answers.beside.photo.has_photo)
    assert page.answers.table.hasFocus()


def test_that_escape_leads_back_to_where_one_came_from(page: Page) -> None:
    window = page.opened.window
    page.key(Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.page("predict")
    assert window.rail.buttons["predict"].isChecked()
    window.show_page("models")
    window.show_page("history")
    assert not any(button.isChecked() for button in window.rail.buttons.values())
    page.page.back.click()
    assert window.pages.currentWidget() is window.page("models")


def test_that_the_row_of_recent_answers_leads_to_all_of_them(opened: Opened, photos: dict[str, Path]) -> None:
    opened.show(photos["tom.png"])
    opened.wait(opened.page.recent.isVisible)
    opened.page.recent.all.click()
    assert opened.window.pages.currentWidget() is opened.window.page("history")
    opened.settle()


def test_that_the_latest_predictions_of_monitor_lead_there_too(opened: Opened) -> None:
    opened.window.show_page("monitor")
    monitor = opened.window.page("monitor")
    assert isinstance(monitor, MonitorPage)
    monitor.recent.all.click()
    history = opened.window.page("history")
    assert opened.window.pages.currentWidget() is history
    opened.settle()
    opened.key(Qt.Key.Key_Escape)
    assert opened.window.pages.currentWidget() is monitor
    opened.settle()


def test_that_without_any_answer_the_page_says_what_to_do(opened: Opened) -> None:
    page = Page(opened)
    nothing = page.answers.nothing
    assert nothing.isVisible()
    assert (nothing.text.text(), nothing.action.text()) == ("No answers yet", "Ask about a photo")
    assert not page.answers.bar.isVisible()
    nothing.action.click()
    assert opened.window.pages.currentWidget() is opened.page


def test_that_a_key_corrects_and_another_takes_it_back(page: Page) -> None:
    page.choose(3)
    page.key(Qt.Key.Key_2)
    history = page.opened.whisker.history
    page.opened.wait(lambda: [each.label for each in history.corrections()] == ["dog"])
    page.opened.wait(lambda: page.answers.rows.index(3, CORRECTION).data() == "dog")
    assert "corrected this to dog" in page.answers.beside.bar.line.text()
    page.key(Qt.Key.Key_Z, CONTROL)
    page.opened.wait(lambda: history.corrections() == [])
    page.opened.wait(lambda: page.answers.rows.index(3, CORRECTION).data() == "")


def test_that_a_class_is_corrected_from_all_by_name(page: Page) -> None:
    page.choose(3)
    page.key(Qt.Key.Key_C)
    picker = page.answers.beside.picker
    page.opened.qtbot.keyClicks(picker.search, "dog")
    page.opened.qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    page.opened.wait(lambda: len(page.opened.whisker.history.corrections()) == 1)


def test_that_escape_closes_the_list_of_classes_and_nothing_else(page: Page) -> None:
    for ask, picker in (
        (page.answers.bar.classes.click, page.answers.picker),
        (page.answers.beside.ask_class, page.answers.beside.picker),
    ):
        ask()
        assert picker.isVisible()
        page.opened.qtbot.keyClick(picker.search, Qt.Key.Key_Escape)
        assert not picker.isVisible()
        assert page.page.isVisible()


def test_that_enter_opens_the_answer_in_predict_as_it_was_given(page: Page) -> None:
    page.choose(2)
    page.key(Qt.Key.Key_Return)
    opened = page.opened
    assert opened.window.pages.currentWidget() is opened.page
    opened.wait(lambda: opened.page.single.answer is not None)
    assert opened.page.single.answer is not None
    assert opened.page.single.answer.name == "rex.png"
    assert opened.whisker.history.count() == 4
    opened.settle()


def test_that_paths_of_all_chosen_are_copied(page: Page, photos: dict[str, Path]) -> None:
    page.choose(2, 3)
    page.key(Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text().splitlines() == [str(photos["rex.png"]), str(photos["tom.png"])]


def test_that_a_history_that_cannot_be_read_is_said_and_tried_again(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def refused(*_args: object, **_kwargs: object) -> object:
            raise HistoryError("The history is damaged.", "Start Whisker again.")

        patch.setattr(page.opened.whisker.history, "search", refused)
        page.answers.bar.unknown.click()
        page.found()
        assert page.answers.message.isVisible()
        assert page.answers.message.text.text() == "The history is damaged."
    page.answers.message.action.click()
    page.found()
    assert not page.answers.message.isVisible()
    assert page.names == ["grey thing.png"]


def test_that_a_history_another_program_writes_to_can_be_searched(page: Page) -> None:
    other = sqlite3.connect(page.opened.whisker.home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    page.type("rex")
    assert page.names == ["rex.png"]
    other.execute("ROLLBACK")
    other.close()


def test_that_what_counts_as_sure_is_what_the_settings_say(page: Page) -> None:
    page.answers.bar.unsure.click()
    page.found()
    assert page.names == ["Été.png"]
    page.opened.whisker.settings.set("sure_above", 0.5)
    page.opened.wait(lambda: page.answers.bar.search.sure_above == 0.5)
    page.found()
    assert page.names == []


def test_that_a_picture_that_is_gone_is_shown_as_gone(page: Page, photos: dict[str, Path]) -> None:
    photos["rex.png"].unlink()
    page.choose(2)
    page.opened.wait(
        lambda: page.answers.beside.photo.accessibleName() != "" and not page.answers.beside.photo.has_photo
    )
    page.opened.settle()
    assert not page.answers.beside.photo.has_photo


def test_that_every_control_has_a_name_and_the_rows_are_spoken(page: Page) -> None:
    index = page.answers.rows.index(3, 0)
    model = page.answers.rows
    spoken = [model.index(3, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in range(model.columnCount())]
    assert spoken[:4] == ["tom.png", "Cat  100\u00a0%", "nothing", "Window"]
    assert index.isValid()
    for button in (page.page.back, page.answers.export.button, page.answers.beside.copy, *page.answers.bar.chips):
        assert button.accessibleName()
        assert button.toolTip()


def test_that_models_are_reached_from_a_training(page: Page) -> None:
    history = page.opened.whisker.history
    run = history.begin_run("cats-dogs", "quick", {"folder": "/photos"})
    history.end_run(run, 1, {"accuracy": 0.9, "images": 40, "accuracy_interval": [0.8, 0.97]}, 12.0, "finished", {})
    page.page.tabs[1].click()
    page.opened.settle()
    runs = page.page.runs
    assert runs.details.headline.text() == "36 of 40 right on photos it never saw, give or take\u00a03"
    runs.details.show_model.click()
    models = page.opened.window.page("models")
    assert isinstance(models, ModelsPage)
    assert page.opened.window.pages.currentWidget() is models
    page.opened.wait(lambda: models.row("cats-dogs@1") is not None)
    page.opened.wait(lambda: models.row("cats-dogs@1").details.isChecked())  # type: ignore[union-attr]
    page.opened.settle()
