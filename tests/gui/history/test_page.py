from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from engine.bulletin import HistoryCleared
from engine.errors import HistoryError
from engine.history_search import Search
from gui.history.page import HistoryPage
from gui.history.rows_model import CORRECTION, PAGE
from gui.history.time_range import midnight
from gui.models.page import ModelsPage
from gui.monitor.page import MonitorPage
from gui.problems import Toast
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


def test_that_scrolling_reads_page_after_page(page: Page) -> None:
    prediction = page.opened.whisker.history.recent(1)[0]
    assert prediction.path is not None
    whisker = page.opened.whisker
    answer = whisker.predictor.predict(prediction.path)
    whisker.history.record([answer] * (2 * PAGE), "cli")
    page.answers.look()
    page.found()
    assert len(page.names) == PAGE
    for shown in (2 * PAGE, 2 * PAGE + 4):

        def there(shown: int = shown) -> bool:
            page.answers.table.scrollToBottom()
            return len(page.names) >= shown

        page.opened.wait(there)
    page.opened.settle()
    assert page.names[-1] == "tom.png"
    assert len({row.id for row in page.answers.rows.rows}) == 2 * PAGE + 4


def test_that_a_new_answer_comes_on_top_and_the_choice_stays(page: Page, photos: dict[str, Path]) -> None:
    page.choose(2)
    page.opened.whisker.classify(photos["tom.png"], origin="api")
    page.opened.wait(lambda: len(page.names) == 5)
    assert page.names[0] == "tom.png"
    row = page.answers.table.row()
    assert row is not None
    assert row.name == "rex.png"
    assert page.answers.count.text() == "5\u00a0answers"


def test_that_a_new_answer_that_does_not_fit_stays_out(page: Page, photos: dict[str, Path]) -> None:
    page.type("rex")
    page.opened.whisker.classify(photos["tom.png"], origin="api")
    page.opened.whisker.classify(photos["rex.png"], origin="api")
    page.opened.wait(lambda: len(page.names) == 2)
    assert page.names == ["rex.png", "rex.png"]


def test_that_what_came_while_the_page_was_hidden_is_there_when_it_is_seen(page: Page, photos: dict[str, Path]) -> None:
    page.key(Qt.Key.Key_Escape)
    page.opened.whisker.classify(photos["rex.png"], origin="cli")
    page.opened.settle()
    page.opened.key(Qt.Key.Key_H, CONTROL)
    page.opened.wait(lambda: len(page.names) == 5)


def test_that_a_clean_up_of_old_answers_moves_nothing_that_is_looked_at(page: Page) -> None:
    page.choose(0)
    history = page.opened.whisker.history
    resets: list[int] = []
    page.answers.rows.modelReset.connect(lambda: resets.append(1))
    page.opened.whisker.bulletin.tell(HistoryCleared())
    page.opened.settle()
    assert resets == []
    history.forget([history.recent(10)[-1].id])
    page.opened.whisker.bulletin.tell(HistoryCleared())
    page.opened.wait(lambda: page.names == ["Été.png", "grey thing.png", "rex.png"])
    page.found()


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


def test_that_what_is_shown_is_written_into_a_file(page: Page, tmp_path: Path) -> None:
    page.answers.bar.unknown.click()
    page.found()
    file = tmp_path / "history.jsonl"
    page.answers.export.write(file)
    page.opened.wait(lambda: not page.answers.export.saving.running)
    assert [json.loads(line)["name"] for line in file.read_text(encoding="utf-8").splitlines()] == ["grey thing.png"]
    assert page.opened.window.findChild(Toast).text.text() == "Saved 1\u00a0answer in history.jsonl"
    assert page.opened.desk.jobs.running == []


def test_that_an_export_can_be_stopped_and_leaves_nothing(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    reached, goes_on = threading.Event(), threading.Event()
    search = page.opened.whisker.history.search

    def slow(*args: object, **kwargs: object) -> object:
        reached.set()
        goes_on.wait(10)
        return search(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(page.opened.whisker.history, "search", slow)
    file = tmp_path / "history.csv"
    page.answers.export.write(file)
    assert reached.wait(10)
    assert page.answers.export.stop.isVisible()
    page.answers.export.stop.click()
    goes_on.set()
    page.opened.settle()
    assert not page.answers.export.stop.isVisible()
    assert [each.name for each in tmp_path.iterdir()] == ["photos"]


def test_that_a_file_that_cannot_be_written_is_named(page: Page, tmp_path: Path) -> None:
    page.answers.export.write(tmp_path / "not there" / "history.csv")
    page.opened.wait(page.answers.message.isVisible)
    assert "could not be written" in page.answers.message.text.text()


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


def test_that_the_page_asks_for_no_more_than_a_page_at_first(page: Page) -> None:
    assert page.answers.rows.search == Search(sure_above=0.8)
    assert len(page.names) <= PAGE


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
