from __future__ import annotations

import socket
import threading

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QSpinBox

from engine.errors import HistoryError, ServerError
from gui.server.request_model import COLUMNS, Column
from gui.server.state import Phase
from gui.server.switch import MakeServer
from server.ports import free_port
from tests.gui.server.conftest import AtHome, Served, clipboard
from tests.server.conftest import CAT, DOG


def rows(served: Served) -> list[list[str]]:
    model = served.page.requests.table.model()
    return [[str(model.index(row, at).data() or "") for at in range(len(COLUMNS))] for row in range(model.rowCount())]


def column(served: Served, which: Column) -> list[str]:
    return [row[COLUMNS.index(which)] for row in rows(served)]


def test_that_one_click_switches_the_server_on_and_another_off(served: Served) -> None:
    page, port = served.page, served.state.wish.port
    assert (page.power.title.text(), served.lamp) == ("The server is off", "Server off")
    assert not page.power.addresses.isVisible()
    served.switch_on()
    assert (page.power.title.text(), served.lamp) == ("The server is on", f"Server on · {port}")
    assert page.power.address.text() == f"http://127.0.0.1:{port}"
    assert served.ask("GET", "/api/health")[0] == 200
    assert served.local.asked == [("127.0.0.1", port, None)]
    served.switch_off()
    assert served.lamp == "Server off"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_that_twenty_rounds_of_the_switch_leave_no_thread_and_no_socket(served: Served) -> None:
    def threads() -> list[str]:
        # Those that Qt's pool lends to Python are the window's own, and stay.
        return [thread.name for thread in threading.enumerate() if "Dummy" not in thread.name]

    before = threads()
    for _ in range(20):
        served.switch_on()
        assert served.ask("POST", "/api/predict", CAT)[1]["predicted_class"] == "cat"
        served.switch_off()
    served.opened.settle()
    served.wait(lambda: len(threads()) <= len(before))
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", served.state.wish.port))


def test_that_what_is_answered_to_others_and_not_remembered_is_said_here_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise HistoryError("The history cannot grow: the disk is full.", "Free some space and try again.")

    served.switch_on()
    line = served.page.not_remembered
    with monkeypatch.context() as patched:
        patched.setattr(served.opened.whisker.history, "record", full)
        assert served.ask("POST", "/api/predict", CAT)[1]["predicted_class"] == "cat"
        served.wait(line.isVisible)
    assert line.text.text() == "Answers are given but not remembered: the history cannot grow: the disk is full."
    assert line.hint.text() == "Free some space and try again."
    served.ask("POST", "/api/predict", CAT)
    served.wait(lambda: not line.isVisible())
    served.switch_off()


def test_that_the_keyboard_stays_on_the_switch(served: Served, taken: int) -> None:
    page, press = served.page, served.opened.qtbot.keyClick
    page.power.switch.setFocus(Qt.FocusReason.TabFocusReason)
    press(page.power.switch, Qt.Key.Key_Space)
    served.wait(lambda: page.message.action.isVisible())
    assert page.power.switch.hasFocus()
    page.message.action.setFocus(Qt.FocusReason.TabFocusReason)
    press(page.message.action, Qt.Key.Key_Space)
    served.wait(lambda: served.state.on)
    assert page.power.switch.hasFocus()
    press(page.power.switch, Qt.Key.Key_Space)
    press(page.power.switch, Qt.Key.Key_Space)
    served.wait(lambda: served.state.phase is Phase.OFF)
    assert not page.power.switch.isChecked()
    assert page.power.switch.hasFocus()


def test_that_a_window_made_smaller_cuts_nothing_off(served: Served) -> None:
    served.switch_on()
    served.press_near_start(served.page.reach.reach["network"])
    served.wait(lambda: served.state.on and served.state.addresses)
    area, inside = served.page.area, served.page.area.widget()
    for width, height in ((1920, 1080), (1280, 800), (960, 640), *((width, 640) for width in range(1100, 1300, 20))):
        served.opened.window.resize(width, height)
        served.wait(lambda: inside.width() <= area.viewport().width())


def test_that_address_and_snippet_are_copied_and_the_page_opened(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    served.switch_on()
    served.click(served.page.power.copy_address)
    assert clipboard() == served.local.url
    assert served.toast == "Address copied."
    served.click(served.page.snippets.tabs["Python"])
    served.click(served.page.snippets.copy)
    assert clipboard() == served.page.snippets.text.toPlainText()
    served.click(served.page.power.browse)
    assert [url.toString() for url in opened] == [served.local.url]


def test_that_predictions_through_the_api_are_in_the_window_at_once(served: Served) -> None:
    served.switch_on()
    assert served.ask("POST", "/api/predict", CAT)[0] == 200
    recent = served.opened.page.recent
    served.wait(lambda: recent.filled)
    served.opened.settle()
    assert str(recent.list.model().index(0, 0).data()) == "Cat"
    assert served.ask("POST", "/api/predict", DOG)[0] == 200
    served.wait(lambda: str(recent.list.model().index(0, 0).data()) == "Dog")
    served.opened.window.show_page("predict")
    served.wait(recent.isVisible)


def test_that_each_request_is_listed_with_its_picture_while_somebody_looks(served: Served) -> None:
    served.switch_on()
    assert served.ask("POST", "/api/predict", CAT)[0] == 200
    assert served.ask("POST", "/api/predict", CAT[:40])[0] == 422
    assert served.ask("GET", "/api/health", Origin="http://elsewhere.example")[0] == 403
    served.wait(lambda: len(rows(served)) == 3)
    assert column(served, Column.STATUS) == ["403", "422", "200"]
    assert column(served, Column.REQUEST) == ["GET /api/health", "POST /api/predict", "POST /api/predict"]
    assert set(column(served, Column.CLIENT)) == {"127.0.0.1"}
    model = served.page.requests.table.model()
    pictures = [model.index(row, 0).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    assert [picture is not None for picture in pictures] == [False, False, True]
    assert pictures[2].toImage().pixelColor(16, 16).red() > 200
    assert served.page.requests.count.text() == "3\u00a0requests · 2 refused"
    served.click(served.page.requests.filters["refused"])
    assert column(served, Column.STATUS) == ["403", "422"]
    served.click(served.page.requests.filters["photos"])
    assert column(served, Column.STATUS) == ["422", "200"]
    served.click(served.page.requests.clear)
    served.wait(lambda: not rows(served))


def test_that_pictures_are_made_only_while_the_page_is_seen_and_no_request_is_missed(served: Served) -> None:
    served.switch_on()
    served.opened.window.show_page("predict")
    assert served.ask("POST", "/api/predict", CAT)[0] == 200
    served.wait(lambda: served.state.requests.heard == 1)
    served.opened.window.show_page("server")
    served.wait(lambda: len(rows(served)) == 1)
    assert served.page.requests.table.model().index(0, 0).data(Qt.ItemDataRole.DecorationRole) is None


def test_that_a_sample_photo_can_be_sent_when_nobody_asks(served: Served) -> None:
    assert not served.page.requests.attempt.isVisible()
    served.switch_on()
    served.click(served.page.requests.attempt)
    served.wait(lambda: len(rows(served)) == 1)
    assert column(served, Column.STATUS) == ["200"]


def test_that_settings_changed_elsewhere_are_followed(served: Served) -> None:
    settings = served.opened.whisker.settings
    served.switch_on()
    wished = free_port(after=served.state.port + 1)
    settings.set("server_port", wished)
    settings.set("server_with_app", True)
    settings.set("retrain_by_itself", True)
    served.wait(lambda: served.state.on and served.state.port == wished)
    served.wait(served.page.reach.retrain.isChecked)
    assert served.page.reach.with_app.isChecked()
    assert served.page.reach.after.isEnabled()


def test_that_what_it_does_by_itself_is_chosen_here(served: Served) -> None:
    reach, settings = served.page.reach, served.opened.whisker.settings
    served.press_near_start(reach.with_app)
    served.press_near_start(reach.retrain)
    served.wait(reach.after.isEnabled)
    reach.after.setFocus()
    reach.after.selectAll()
    served.opened.qtbot.keyClicks(reach.after, "20")
    served.opened.qtbot.keyClick(reach.after, Qt.Key.Key_Return)
    assert settings["server_with_app"] is True
    assert settings["retrain_by_itself"] is True
    assert settings["retrain_after"] == 20


def test_that_everything_has_a_name_a_tip_and_a_place_in_the_tab_order(served: Served) -> None:
    served.switch_on()
    served.ask("POST", "/api/predict", CAT)
    served.wait(served.page.requests.table.isVisible)
    served.press_near_start(served.page.reach.reach["network"])
    served.wait(lambda: served.state.on and served.state.addresses)
    controls = [
        widget
        for kind in (QAbstractButton, QLineEdit, QSpinBox)
        for widget in served.page.findChildren(kind)
        if widget.isVisible() and not widget.objectName().startswith("qt_")
    ]
    assert len(controls) > 15
    assert [one for one in controls if not one.accessibleName() or not one.toolTip()] == []
    reached, widget = set(), served.page.nextInFocusChain()
    for _ in range(500):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
        widget = widget.nextInFocusChain()
    assert {served.page.power.switch, served.page.requests.table, served.page.reach.renew} <= reached


def test_that_the_switch_and_the_lamp_work_by_keyboard_and_lead_here(served: Served) -> None:
    window = served.opened.window
    window.show_page("predict")
    served.opened.key(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is served.page
    window.show_page("predict")
    served.click(window.status.server)
    assert window.pages.currentWidget() is served.page
    served.page.power.switch.setFocus()
    served.opened.qtbot.keyClick(served.page.power.switch, Qt.Key.Key_Space)
    served.wait(lambda: served.state.on)
    served.opened.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    served.wait(lambda: served.state.phase.value == "off")


def test_that_its_keys_work_for_whoever_came_with_the_mouse(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = served.opened
    browsed: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: browsed.append(url.toString()))
    opened.window.show_page("predict")
    served.click(opened.window.rail.buttons["server"])
    control = Qt.KeyboardModifier.ControlModifier
    opened.key(Qt.Key.Key_Return, control)
    served.wait(lambda: served.state.on)
    opened.key(Qt.Key.Key_B, control)
    assert browsed == [served.state.url]
    opened.key(Qt.Key.Key_C, control | Qt.KeyboardModifier.ShiftModifier)
    assert "curl" in clipboard()
    opened.window.show_page("predict")
    opened.key(Qt.Key.Key_Return, control)
    opened.settle()
    assert served.state.on


def test_that_a_server_that_cannot_be_made_is_said(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> AtHome:
        raise ServerError("The server's libraries are missing.", "Run `make setup`.")

    monkeypatch.setattr(served.state._listening, "_make", refuse)
    served.click(served.page.power.switch)
    served.wait(served.page.message.isVisible)
    assert "libraries are missing" in served.page.message.text.text()
    assert served.lamp == "Server failed"
    assert "libraries are missing" in served.opened.window.status.server.toolTip()


class TestWithout:
    """An edition without a server."""

    @pytest.fixture
    def make_server(self) -> MakeServer | None:
        return None

    def test_that_it_says_so_and_offers_nothing(self, served: Served) -> None:
        assert "no server" in served.page.power.line.text()
        assert not served.page.power.switch.isEnabled()
        assert not served.page.reach.isEnabled()
        QApplication.processEvents()
