"""A server over one tiny model and a home of its own, and clients."""

from __future__ import annotations

import base64
import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from engine import images
from engine.paths import Home
from engine.whisker import Whisker
from server.app import create_app
from server.local_server import LocalServer
from tests.bundles import BLUE, GREY, RED, make_bundle
from tests.server.trainings import FakeTrainer


def encoded(colour: tuple[int, int, int] = RED, form: str = "PNG", size: tuple[int, int] = (48, 40)) -> bytes:
    """A picture of one colour, as a file's bytes. RED is a cat, BLUE a dog, GREY unknown."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


CAT, DOG, UNKNOWN = encoded(RED), encoded(BLUE), encoded(GREY)
CAT_BASE64 = base64.b64encode(CAT).decode()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of built-in models with one: cats-dogs."""
    folder = tmp_path_factory.mktemp("models")
    make_bundle(folder / "cats-dogs", title="Cats and dogs")
    return folder


@pytest.fixture
def whisker(home: Path, models: Path) -> Iterator[Whisker]:
    engine = Whisker(Home(home), models)
    yield engine
    engine.close()


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


@pytest.fixture
def client(whisker: Whisker, trainer: FakeTrainer) -> Iterator[FlaskClient]:
    """The application without a socket."""
    app = create_app(whisker, trainer=lambda: trainer)
    yield app.test_client()
    app.extensions["room"].jobs.close()


@pytest.fixture
def server(whisker: Whisker, trainer: FakeTrainer) -> Iterator[LocalServer]:
    """A server that listens on a free port."""
    local = LocalServer(whisker, lambda: trainer)
    local.start(port=0)
    yield local
    local.stop()


@pytest.fixture
def upload(client: FlaskClient) -> Callable[..., dict[str, list[dict[str, str]]]]:
    """upload({"cat.0.png": bytes, ...}, label=None) sends them and returns the answer."""

    def send(files: dict[str, bytes], label: str | None = None) -> dict[str, list[dict[str, str]]]:
        form: dict[str, object] = {"files": [(io.BytesIO(data), name) for name, data in files.items()]}
        if label is not None:
            form["label"] = label
        answer = client.post("/api/upload", data=form)
        assert answer.status_code == 201, answer.text
        found: dict[str, list[dict[str, str]]] = answer.get_json()
        return found

    return send


def shades(colour: str, count: int, form: str = "PNG") -> dict[str, bytes]:
    """`count` different pictures of "cat" (reds) or "dog" (blues), named as in cat.0.png."""
    reds = colour == "cat"
    return {
        f"{colour}.{n}.{form.lower()}": encoded((200 + n, n, 0) if reds else (0, n, 200 + n), form)
        for n in range(count)
    }


def until(fact: Callable[[], bool], longest_s: float = 5.0) -> None:
    """Wait for a fact."""
    end = time.monotonic() + longest_s
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.005)


class Browser:
    """A client that keeps its connection."""

    def __init__(self, server: LocalServer) -> None:
        assert server.port is not None
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        status, _, content = self.ask(method, path, body, **headers)
        return status, json.loads(content)

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def browser(server: LocalServer) -> Iterator[Browser]:
    client = Browser(server)
    yield client
    client.close()


def raw(server: LocalServer, data: bytes) -> bytes:
    """Everything the server says to these bytes before it closes, or is silent."""
    assert server.port is not None
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as wire:
        wire.sendall(data)
        wire.settimeout(0.3)
        said = b""
        try:
            while piece := wire.recv(65536):
                said += piece
        except TimeoutError:
            return said
        return said


@pytest.fixture
def slow(whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Predictions that wait until the event is set."""
    go = threading.Event()
    load = images.load

    def wait(*arguments: Any, **named: Any) -> Any:
        go.wait(10)
        return load(*arguments, **named)

    monkeypatch.setattr(images, "load", wait)
    yield go
    go.set()
