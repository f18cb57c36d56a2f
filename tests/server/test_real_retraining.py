"""From pictures sent over HTTP to a model that answers, with the real training."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.paths import Home
from engine.whisker import Whisker
from server.local_server import LocalServer

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "sample-set"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def server(home: Path) -> Iterator[LocalServer]:
    whisker = Whisker(Home(home))
    local = LocalServer(whisker)
    local.start(port=0)
    yield local
    local.stop()
    whisker.close()


def ask(server: LocalServer, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    assert server.port is not None
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        client.request(method, path, body, headers)
        answer = client.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        client.close()


def send(server: LocalServer, pictures: list[Path]) -> Any:
    form = b""
    for number, picture in enumerate(pictures):
        name = f"{picture.parent.name}.{number}.jpg"
        head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        form += head + picture.read_bytes() + b"\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    return ask(server, "POST", "/api/upload", form + b"--B--\r\n", **kind)[1]


def events(server: LocalServer, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    assert server.port is not None
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    client.request("GET", address)
    kind = ""
    for line in client.getresponse():
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
    client.close()


def test_that_pictures_sent_over_http_become_the_model_that_answers(server: LocalServer) -> None:
    pictures = sorted(SAMPLES.rglob("*.jpg"))
    kept = [picture for picture in pictures if picture.stem.endswith("0")]
    sent = send(server, [picture for picture in pictures if picture not in kept])
    assert len(sent["saved"]) == len(pictures) - len(kept)
    status, started = ask(server, "POST", "/api/retrain", json.dumps({"recipe": "quick"}).encode())
    assert status == 202
    heard = list(events(server, started["events_url"]))
    kinds = [kind for kind, _ in heard]
    assert kinds[-1] == "finished", heard[-1]
    assert "prepared" in kinds
    job = ask(server, "GET", started["status_url"])[1]
    assert (job["state"], job["activated"], job["model"]) == ("finished", True, "my-model")
    assert ask(server, "GET", "/api/model-info")[1]["classes"] == ["cat", "cup"]
    for picture in kept:
        answer = ask(server, "POST", "/api/predict", picture.read_bytes())[1]
        assert answer["predicted_class"] == picture.parent.name
        assert answer["model"] == "my-model"
