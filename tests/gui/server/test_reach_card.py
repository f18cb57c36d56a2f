from __future__ import annotations

import socket

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from gui.preferences.controls import NumberControl
from gui.preferences.page import PreferencesPage
from gui.problems import Toast
from server.ports import free_port
from tests.gui.server.conftest import Served, clipboard


@pytest.mark.usefixtures("taken")
def test_that_a_taken_port_is_said_in_place_and_the_next_free_one_is_a_click_away(served: Served, taken: int) -> None:
    page = served.page
    served.click(page.power.switch)
    served.wait(page.message.isVisible)
    assert str(taken) in page.message.text.text()
    assert not page.power.switch.isChecked()
    assert served.lamp == f"Server: port {taken} is taken"
    assert "Another program" in served.opened.window.status.server.toolTip()
    served.click(page.message.action)
    served.wait(lambda: served.state.on)
    assert served.state.port > taken
    assert served.state.wish.port == served.state.port
    assert page.reach.port.value() == served.state.port
    assert not page.message.isVisible()
    assert served.ask("GET", "/api/health")[0] == 200


def type_port(served: Served, port: int) -> None:
    field = served.page.reach.port
    field.setFocus()
    field.selectAll()
    served.opened.qtbot.keyClicks(field, str(port))
    served.opened.qtbot.keyClick(field, Qt.Key.Key_Return)


def test_that_another_port_is_taken_up_while_it_runs(served: Served) -> None:
    served.switch_on()
    wished = free_port(after=served.state.port + 1)
    type_port(served, wished)
    served.wait(lambda: served.state.on and served.state.port == wished)
    assert served.ask("GET", "/api/health")[0] == 200
    assert str(wished) in served.page.snippets.text.toPlainText()


def test_that_a_port_another_program_has_does_not_cost_the_one_it_runs_on(served: Served) -> None:
    served.switch_on()
    port = served.state.port
    with socket.create_server(("127.0.0.1", free_port(after=port + 1))) as other:
        wished = other.getsockname()[1]
        type_port(served, wished)
        served.wait(served.page.message.isVisible)
        assert f"still answers on port {port}" in served.page.message.hint.text()
        assert served.ask("GET", "/api/health")[0] == 200
        assert served.state.wish.port == port
        served.wait(lambda: served.page.reach.port.value() == port)
        served.click(served.page.message.action)
        served.wait(lambda: served.state.on and served.state.port > wished)


def test_that_preferences_says_why_a_running_server_kept_its_port(served: Served) -> None:
    served.switch_on()
    port = served.state.port
    window = served.opened.window
    window.show_page("preferences")
    page = window.page("preferences")
    assert isinstance(page, PreferencesPage)
    row = page.rows["server_port"]
    assert isinstance(row.control, NumberControl)
    field = row.control.field

    def type_port(wished: int) -> None:
        field.setFocus()
        field.selectAll()
        served.opened.qtbot.keyClicks(field, str(wished))
        served.opened.qtbot.keyClick(field, Qt.Key.Key_Return)

    with socket.create_server(("127.0.0.1", 0)) as other:
        type_port(other.getsockname()[1])
        served.wait(row.problem.isVisible)
        served.opened.settle()
    assert "listens on port" in row.problem.text()
    assert field.text() == str(port)
    free = free_port(after=port + 1)
    type_port(free)
    served.wait(lambda: served.state.port == free and not row.problem.isVisible())


def test_that_the_network_needs_a_token_which_is_made_shown_copied_and_renewed(served: Served) -> None:
    page = served.page
    served.switch_on()
    assert not page.reach.token_row.isVisible()
    served.press_near_start(page.reach.reach["network"])
    served.wait(lambda: served.state.on and served.state.addresses)
    host, port, token = served.local.asked[-1]
    assert (host, port) == ("0.0.0.0", served.state.port)
    assert token is not None
    assert len(token) >= 32
    assert page.power.other.text() == f"http://127.0.0.1:{port}"
    assert "10.0.0.7" in page.power.other.toolTip()
    assert served.lamp == f"Server on · {port} · network"
    assert served.ask("GET", "/api/health")[0] == 401
    assert served.ask("GET", "/api/health", Authorization=f"Bearer {token}")[0] == 200
    assert token not in page.snippets.text.toPlainText()
    assert token not in page.reach.token.displayText()
    served.click(page.reach.reveal)
    assert page.reach.token.displayText() == token
    assert token in page.snippets.text.toPlainText()
    served.click(page.reach.copy_token)
    assert clipboard() == token
    served.click(page.reach.renew)
    served.wait(lambda: served.state.on and served.local.asked[-1][2] != token)
    served.wait(lambda: served.ask("GET", "/api/health", Authorization=f"Bearer {token}")[0] == 401)
    toast = served.opened.window.findChild(Toast)
    assert toast is not None
    served.click(toast.undo)
    served.wait(lambda: served.state.on and served.local.asked[-1][2] == token)
    served.press_near_start(page.reach.reach["computer"])
    served.wait(lambda: served.state.on and served.local.asked[-1][2] is None)
    assert served.ask("GET", "/api/health")[0] == 200


def test_that_ctrl_z_takes_a_renewed_token_back_as_its_toast_says(served: Served) -> None:
    page, opened = served.page, served.opened
    served.state.set("server_reach", "network")
    served.wait(page.reach.token.text)
    before = page.reach.token.text()
    served.click(page.reach.renew)
    served.wait(lambda: page.reach.token.text() != before)
    opened.qtbot.keyClick(page.reach.renew, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    served.wait(lambda: page.reach.token.text() == before)
    assert not opened.window.findChild(Toast).undo.isVisible()


def test_that_a_problem_put_away_does_not_come_back_with_another_choice(served: Served, taken: int) -> None:
    page = served.page
    served.click(page.power.switch)
    served.wait(lambda: page.message.action.isVisible())
    (close,) = page.message.findChildren(QToolButton)
    served.click(close)
    assert served.lamp == "Server off"
    served.state.set("server_with_app", True)
    served.opened.settle()
    assert not page.message.isVisible()
