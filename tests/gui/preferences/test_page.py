from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from engine.settings_schema import SCHEMA
from gui.preferences.controls import ChipsControl, NumberControl, SwitchControl
from gui.preferences.page import PreferencesPage
from gui.preferences.row import SettingRow
from tests.gui.conftest import Opened

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(opened: Opened) -> PreferencesPage:
    opened.key(Qt.Key.Key_Comma, CTRL)
    shown = opened.window.pages.currentWidget()
    assert isinstance(shown, PreferencesPage)
    opened.settle()
    return shown


def _number(row: SettingRow) -> QLineEdit:
    assert isinstance(row.control, NumberControl)
    return row.control.field


def _type(opened: Opened, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    opened.qtbot.keyClicks(field, text)
    opened.qtbot.keyClick(field, Qt.Key.Key_Return)


def _click(opened: Opened, button: QWidget) -> None:
    opened.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_the_button_at_the_rails_foot_leads_here(opened: Opened) -> None:
    _click(opened, opened.window.rail.buttons["preferences"])
    assert isinstance(opened.window.pages.currentWidget(), PreferencesPage)
    opened.settle()


def test_that_every_setting_that_is_not_hidden_is_there_with_its_sentence(page: PreferencesPage) -> None:
    assert list(page.rows) == [key for key, setting in SCHEMA.items() if not setting.hidden]
    for key, row in page.rows.items():
        assert row.isVisible()
        assert row.description.text() == SCHEMA[key].description
    assert sum(len(group.rows) for group in page.groups) == len(page.rows) + 3


def test_that_a_choice_holds_at_once_and_is_kept(opened: Opened, page: PreferencesPage, home: Path) -> None:
    control = page.rows["appearance"].control
    assert isinstance(control, ChipsControl)
    _click(opened, control.chips["dark"])
    opened.wait(lambda: opened.desk.theme.dark)
    assert json.loads((home / "settings.json").read_text("utf-8"))["appearance"] == "dark"
    _click(opened, control.chips["light"])
    opened.wait(lambda: not opened.desk.theme.dark)


def test_that_a_number_is_taken_with_enter_and_by_arrow_keys(opened: Opened, page: PreferencesPage) -> None:
    row = page.rows["sure_above"]
    _type(opened, _number(row), "92 %")
    assert opened.whisker.settings["sure_above"] == 0.92
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_Up)
    assert opened.whisker.settings["sure_above"] == 0.93
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_PageUp)
    assert (opened.whisker.settings["sure_above"], _number(row).text()) == (0.99, "99")
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_PageDown)
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_Down)
    assert opened.whisker.settings["sure_above"] == 0.88


@pytest.mark.parametrize("typed", ["forever", "", "-1", "1.5", "99999", "1e400", "nan", "0x10", "３½"])
def test_that_what_cannot_be_is_said_in_place_and_changes_nothing(
    opened: Opened, page: PreferencesPage, typed: str
) -> None:
    row = page.rows["history_days"]
    field = _number(row)
    field.setFocus()
    field.setText(typed)
    opened.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert row.problem.isVisible()
    assert row.problem.text() == "That cannot be. Choose a whole number from 0 to 3,650."
    assert field.text() == typed
    assert opened.whisker.settings["history_days"] == 365
    _type(opened, field, "400")
    assert not row.problem.isVisible()
    assert opened.whisker.settings["history_days"] == 400


def test_that_what_would_lose_answers_is_asked_first(opened: Opened, page: PreferencesPage) -> None:
    row = page.rows["history_days"]
    _type(opened, _number(row), "30")
    assert row.question.isVisible()
    assert "forgotten at once, for good" in row.question.sentence.text()
    assert opened.whisker.settings["history_days"] == 365
    _click(opened, row.question.no)
    assert (opened.whisker.settings["history_days"], _number(row).text()) == (365, "365")
    assert not row.question.isVisible()
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_PageDown)
    opened.qtbot.keyClick(_number(row), Qt.Key.Key_Down)
    assert opened.whisker.settings["history_days"] == 365
    _click(opened, row.question.yes)
    assert opened.whisker.settings["history_days"] == 354
    opened.settle()


def test_that_keeping_more_is_not_asked_but_ending_no_limit_is(opened: Opened, page: PreferencesPage) -> None:
    row = page.rows["history_days"]
    _type(opened, _number(row), "0")
    assert opened.whisker.settings["history_days"] == 0
    assert not row.question.isVisible()
    _click(opened, row.reset)
    assert row.question.isVisible()
    assert opened.whisker.settings["history_days"] == 0
    _click(opened, row.question.yes)
    assert opened.whisker.settings["history_days"] == 365
    opened.settle()


def test_that_a_share_out_of_range_is_said_in_percents(opened: Opened, page: PreferencesPage) -> None:
    _type(opened, _number(page.rows["sure_above"]), "20")
    assert page.rows["sure_above"].problem.text() == "That cannot be. Choose from 50 to 99 %."


def test_that_the_way_back_to_the_default_is_there_when_it_is_one(opened: Opened, page: PreferencesPage) -> None:
    row = page.rows["show_heat_map"]
    assert isinstance(row.control, SwitchControl)
    assert not row.reset.isVisible()
    _click(opened, row.control.switch)
    assert opened.whisker.settings["show_heat_map"] is True
    assert row.reset.toolTip() == "Back to the default: Off"
    _click(opened, row.reset)
    assert opened.whisker.settings["show_heat_map"] is False
    assert not row.control.switch.isChecked()
    assert not row.reset.isVisible()
    assert row.control.switch.hasFocus()


def test_that_a_disk_that_cannot_be_written_is_said_and_the_form_shows_what_holds(
    opened: Opened, page: PreferencesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.settings.write_atomically", full)
    row = page.rows["show_heat_map"]
    assert isinstance(row.control, SwitchControl)
    _click(opened, row.control.switch)
    assert "could not be saved" in row.problem.text()
    assert not row.control.switch.isChecked()


def test_that_a_change_from_elsewhere_is_shown(opened: Opened, page: PreferencesPage) -> None:
    opened.whisker.settings.set("threads", 3)
    opened.wait(lambda: _number(page.rows["threads"]).text() == "3")


def test_that_the_model_is_chosen_here_too(opened: Opened, page: PreferencesPage) -> None:
    box = page.model.control.box
    assert [box.itemText(at) for at in range(box.count())] == ["Cats dogs · v1", "Things · v1"]
    assert box.currentData() == "cats-dogs@1"
    box.setFocus()
    opened.qtbot.keyClick(box, Qt.Key.Key_Down)
    opened.wait(lambda: opened.window.status.model.text() == "things v1")
    opened.settle()
    opened.whisker.shelf.activate("cats-dogs@1")
    opened.wait(lambda: box.currentData() == "cats-dogs@1")
    opened.settle()


def test_that_the_wheel_scrolls_the_page_and_chooses_no_other_model(opened: Opened, page: PreferencesPage) -> None:
    box = page.model.control.box
    box.setFocus()
    down = QWheelEvent(
        QPointF(5, 5),
        box.mapToGlobal(QPointF(5, 5)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, down)
    assert box.currentData() == "cats-dogs@1"
    assert opened.whisker.shelf.active.reference == "cats-dogs@1"


def test_that_a_model_that_cannot_answer_is_said_beside_the_choice(
    opened: Opened, page: PreferencesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import ModelBroken

    def refuse(_: object) -> None:
        raise ModelBroken("It was altered.", "Import it again.")

    monkeypatch.setattr(opened.whisker.shelf, "activate", refuse)
    page.model.control.chosen.emit("things@1")
    opened.wait(page.model.problem.isVisible)
    assert page.model.problem.text() == "It was altered. Import it again."
    opened.settle()
    assert page.model.control.box.currentData() == "cats-dogs@1"


def test_that_searching_leaves_what_speaks_of_it(opened: Opened, page: PreferencesPage) -> None:
    opened.qtbot.keyClick(page, Qt.Key.Key_F, CTRL)
    assert page.search.hasFocus()
    opened.qtbot.keyClicks(page.search, "Heat")
    assert [key for key, row in page.rows.items() if row.isVisible()] == ["show_heat_map"]
    assert not page.home.isVisible()
    page.search.setText("answers")
    assert page.rows["threads"].isVisible()
    page.search.setText("language")
    assert page.language.isVisible()
    page.search.setText("zebra")
    assert page.nothing.text() == "No setting speaks of “zebra”. Esc shows all again."
    assert not any(group.isVisible() for group in page.groups)
    opened.qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert all(row.isVisible() for row in page.rows.values())


def test_that_escape_takes_back_what_was_typed_and_cannot_be(opened: Opened, page: PreferencesPage) -> None:
    row = page.rows["sure_above"]
    field = _number(row)
    before = field.text()
    _type(opened, field, "much")
    assert row.problem.isVisible()
    opened.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == before
    assert not row.problem.isVisible()
    assert field.hasFocus()


def test_that_the_home_is_shown_opened_and_copied(
    opened: Opened, page: PreferencesPage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url) or len(asked) > 1)
    assert page.home.path.full_text == str(home)
    assert "because the environment variable WHISKER_HOME says so" in page.home.sentence.text()
    _click(opened, page.home.open)
    assert page.home.problem.text().startswith("This system has no file manager")
    _click(opened, page.home.open)
    assert [url.toLocalFile() for url in asked] == [str(home)] * 2
    assert not page.home.problem.isVisible()
    _click(opened, page.home.copy)
    assert QApplication.clipboard().text() == str(home)


@pytest.mark.parametrize("size", [(960, 640), (1280, 800), (1920, 1080)])
def test_that_at_every_size_nothing_is_cut_off_sideways(
    opened: Opened, page: PreferencesPage, size: tuple[int, int]
) -> None:
    opened.window.resize(*size)
    columns = 2 if size[0] == 1920 else 1
    opened.wait(lambda: len({group.mapTo(page, QPoint()).x() for group in page.groups}) == columns)
    opened.settle()
    assert page.area.widget().width() <= page.area.viewport().width()


def test_that_everything_here_has_a_name_and_says_what_it_is_for(page: PreferencesPage) -> None:
    for widget in page.findChildren(QWidget):
        if isinstance(widget, QAbstractButton | QLineEdit | QComboBox) and not isinstance(widget.parent(), QComboBox):
            assert widget.accessibleName(), widget
            assert widget.toolTip(), widget


def test_that_hidden_it_does_not_read_the_shelf(
    opened: Opened, page: PreferencesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(page.model, "_on_entries", lambda entries: read.append(len(entries)))
    opened.window.show_page("predict")
    opened.whisker.shelf.activate("things@1")
    opened.wait(lambda: opened.window.status.model.text() == "things v1")
    opened.settle()
    assert read == []
    opened.window.show_page("preferences")
    opened.wait(lambda: read == [2])
    opened.settle()


@pytest.mark.parametrize("size", [(960, 640), (1920, 1080)])
def test_that_a_sentence_about_a_problem_makes_room_for_itself(
    opened: Opened, page: PreferencesPage, size: tuple[int, int]
) -> None:
    row = page.rows["history_days"]
    opened.window.resize(*size)
    opened.settle()
    _type(opened, _number(row), "forever")
    opened.wait(lambda: row.height() >= row.heightForWidth(row.width()))
