"""The window with a real server on a real socket, which stays on this computer whatever is wished."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from engine.whisker import Whisker
from gui.problems import Toast
from gui.server.page import ServerPage
from gui.server.state import ServerState
from gui.server.switch import MakeServer
from server.local_server import LocalServer
from tests.gui.conftest import Opened
from tests.gui.server.app_process import own_port
from tests.server.trainings import FakeTrainer


class AtHome(LocalServer):
    """Listens on loopback only, and remembers where it was asked to."""

    def __init__(self, whisker: Whisker, trainer: FakeTrainer) -> None:
        super().__init__(whisker, lambda: trainer)
        self.asked: list[tuple[str, int, str | None]] = []

    def start(self, host: str = "127.0.0.1", port: int = 0, token: str | None = None, **more: Any) -> str:
        self.asked.append((host, port, token))
        return super().start("127.0.0.1", port, token, **more)

    def addresses(self) -> list[str]:
        return ["127.0.0.1", "10.0.0.7"]


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


@pytest.fixture
def local(whisker: Whisker, trainer: FakeTrainer) -> AtHome:
    return AtHome(whisker, trainer)


@pytest.fixture
def make_server(whisker: Whisker, local: AtHome) -> MakeServer:
    whisker.settings.set("server_port", own_port())
    return lambda _: local


@dataclass
class Served:
    """The Server page under test."""

    opened: Opened
    page: ServerPage
    local: AtHome

    @property
    def state(self) -> ServerState:
        return self.opened.desk.server

    @property
    def lamp(self) -> str:
        return self.opened.window.status.server.text()

    @property
    def toast(self) -> str:
        toast = self.opened.window.findChild(Toast)
        assert toast is not None
        return toast.text.text() if toast.isVisible() else ""

    def wait(self, fact: Callable[[], object]) -> None:
        self.opened.wait(fact)

    def click(self, button: QAbstractButton) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        self.opened.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())

    def press_near_start(self, button: QAbstractButton) -> None:
        """Round buttons and boxes hear a click on their words, which may not reach the middle."""
        where = button.rect().center()
        where.setX(14)
        self.opened.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=where)

    def switch_on(self) -> None:
        self.click(self.page.power.switch)
        self.wait(lambda: self.state.on)

    def switch_off(self) -> None:
        self.click(self.page.power.switch)
        self.wait(lambda: self.state.phase.value == "off")

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """A request over the socket, as any program sends it."""
        assert self.local.port is not None
        client = http.client.HTTPConnection("127.0.0.1", self.local.port, timeout=10)
        try:
            client.request(method, path, body, headers)
            answer = client.getresponse()
            content = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(content) if is_json else content
        finally:
            client.close()


@pytest.fixture
def served(opened: Opened, local: AtHome) -> Iterator[Served]:
    opened.window.resize(1280, 860)
    opened.window.show_page("server")
    page = opened.window.page("server")
    assert isinstance(page, ServerPage)
    yield Served(opened, page, local)
    opened.settle()


@pytest.fixture
def taken(whisker: Whisker, make_server: MakeServer) -> Iterator[int]:
    """The port of the settings, with another program on it."""
    port = int(whisker.settings["server_port"])
    with socket.create_server(("127.0.0.1", port)):
        yield port


def clipboard() -> str:
    return QGuiApplication.clipboard().text()
