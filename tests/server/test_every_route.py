"""Over a real socket: every route succeeds, and every class of error arrives with its status in the one shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import FolderError, WhiskerError
from engine.whisker import Whisker
from server.app import create_app
from server.local_server import LocalServer
from server.replies import STATUS
from server.uploads import Uploads
from tests.server.conftest import CAT, CAT_BASE64, Browser, encoded, shades, until
from tests.server.error_classes import family
from tests.server.trainings import FakeTrainer, finished

FORM = {"Content-Type": "multipart/form-data; boundary=B"}
JSON = {"Content-Type": "application/json"}


def form(pictures: dict[str, bytes], field: str = "files") -> bytes:
    parts = b""
    for name, data in pictures.items():
        head = f'--B\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
        parts += head + data + b"\r\n"
    return parts + b"--B--\r\n"


@pytest.fixture
def browser(server: LocalServer) -> Iterator[Browser]:
    client = Browser(server)
    yield client
    client.close()


class Asked:
    """Sends requests, and notes under which rule each was answered."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.rules: set[tuple[str, str]] = set()

    def __call__(self, rule: str, status: int, method: str = "GET", path: str = "", **more: Any) -> Any:
        got, headers, content = self._browser.ask(method, path or rule, more.get("body"), **more.get("headers", {}))
        assert got == status, (method, path or rule, content[:300])
        self.rules.add((method, rule))
        return json.loads(content) if headers["content-type"] == "application/json" else content


def test_that_every_route_succeeds(browser: Browser, trainer: FakeTrainer, whisker: Whisker) -> None:
    asked = Asked(browser)
    post: dict[str, Any] = {"method": "POST"}
    assert asked("/api/predict", 200, **post, body=CAT)["predicted_class"] == "cat"
    one = form({"a.png": CAT}, "file")
    assert asked("/api/predict", 200, **post, body=one, headers=FORM)["predicted_class"] == "cat"
    many = form({"a.png": CAT, "b.png": b"x"})
    said = asked("/api/predict", 200, **post, body=many, headers=FORM)["predictions"]
    assert [("error" in each, each["name"]) for each in said] == [(False, "a.png"), (True, "b.png")]
    body = json.dumps({"image": CAT_BASE64}).encode()
    assert asked("/api/predict", 200, **post, body=body, headers=JSON)["confidence"] > 0.5
    assert asked("/api/explain", 200, **post, body=CAT).startswith(b"\x89PNG")
    sent = asked("/api/upload", 201, **post, body=form({**shades("cat", 2), **shades("dog", 2)}), headers=FORM)
    assert len(sent["saved"]) == 4
    assert asked("/api/upload", 200)["total"] == 4
    job = asked("/api/retrain", 202, **post)["job_id"]
    rule = "/api/retrain/<job_id>"
    assert asked(rule, 200, path=f"/api/retrain/{job}")["state"] == "running"
    assert asked("/api/retrain", 200)["jobs"][0]["job_id"] == job
    assert asked(rule, 200, "DELETE", path=f"/api/retrain/{job}")["state"] == "cancelled"
    again = asked("/api/retrain", 202, **post)["job_id"]
    trainer.runs[1].say(finished())
    assert b"event: finished" in asked(f"{rule}/events", 200, path=f"/api/retrain/{again}/events")
    assert asked("/api/statistics", 200)["predictions"]["total"] == 4
    assert len(asked("/api/predictions", 200, path="/api/predictions?limit=2")["predictions"]) == 2
    assert asked("/api/model-info", 200)["classes"] == ["cat", "dog"]
    assert asked("/api/health", 200)["status"] == "ok"
    assert b"whisker_http_requests_total" in asked("/metrics", 200)
    assert asked("/api/openapi.json", 200)["openapi"].startswith("3.1")
    for page in ("/", "/api/docs", "/theme.css", "/favicon.ico", "/samples"):
        assert asked(page, 200)
    assert asked("/samples/<int:number>", 200, path="/samples/0").startswith(b"\xff\xd8")
    assert asked("/static/<path:filename>", 200, path="/static/page.js")
    there = {
        (method, rule.rule)
        for rule in create_app(whisker).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith("/bootstrap")
    }
    assert asked.rules == there


@pytest.mark.parametrize("kind", sorted(family(), key=lambda kind: kind.__name__))
def test_that_every_class_of_error_arrives_with_its_status(
    kind: type[WhiskerError], browser: Browser, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind("It is wrong.", "Mend it.")

    monkeypatch.setattr(whisker, "classify", fail)
    status, headers, content = browser.ask("POST", "/api/predict", CAT)
    assert status == STATUS[kind]
    assert json.loads(content) == {"error": {"code": kind.code, "message": "It is wrong. Mend it."}}
    assert ("retry-after" in headers) == (status == 503)
    assert browser.json("GET", "/api/health")[0] == 200


@pytest.mark.parametrize(
    ("status", "code", "method", "path", "body", "headers"),
    [
        (400, "nothing_sent", "POST", "/api/predict", b"", {}),
        (400, "bad_request", "GET", "/api/predictions?limit=0", None, {}),
        (400, "bad_request", "POST", "/api/predict", b"{", JSON),
        (400, "bad_request", "POST", "/api/retrain", b'{"recipe": "magic"}', JSON),
        (403, "host_refused", "GET", "/api/health", None, {"Host": "evil.example"}),
        (403, "origin_refused", "POST", "/api/predict", CAT, {"Origin": "https://evil.example"}),
        (404, "not_found", "GET", "/api/nowhere", None, {}),
        (404, "job_not_found", "GET", "/api/retrain/nobody", None, {}),
        (405, "method_not_allowed", "GET", "/api/predict", None, {}),
        (413, "image_too_large", "POST", "/api/predict", bytes((16 << 20) + 1), {}),
        (413, "image_too_many_pixels", "POST", "/api/predict", encoded(size=(10_000, 7_000), form="GIF"), {}),
        (415, "image_format_unsupported", "POST", "/api/predict", b"%PDF-1.7 and so on", {}),
        (422, "image_truncated", "POST", "/api/predict", CAT[: len(CAT) // 2], {}),
        (422, "dataset_error", "POST", "/api/retrain", None, {}),
    ],
    ids=lambda value: str(value)[:24],
)
def test_that_what_can_go_wrong_is_said_in_one_shape(
    browser: Browser, status: int, code: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    got, said = browser.json(method, path, body, **headers)
    assert (got, said["error"]["code"]) == (status, code)
    assert set(said) == {"error"}
    assert set(said["error"]) == {"code", "message"}
    assert browser.json("GET", "/api/health")[0] == 200


def test_that_a_second_retraining_is_a_conflict(browser: Browser, server: LocalServer, trainer: FakeTrainer) -> None:
    browser.json("POST", "/api/upload", form({**shades("cat", 2), **shades("dog", 2)}), **FORM)
    assert browser.json("POST", "/api/retrain")[0] == 202
    status, said = browser.json("POST", "/api/retrain")
    assert (status, said["error"]["code"]) == (409, "training_busy")
    trainer.runs[0].say(finished())
    until(lambda: not server.retraining)


def test_that_a_disk_that_refuses_is_507(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise FolderError("cat.0.png could not be kept (No space left on device).", "Make room.")

    monkeypatch.setattr(Uploads, "receive", refuse)
    status, said = browser.json("POST", "/api/upload", form(shades("cat", 1)), **FORM)
    assert (status, said["error"]["code"]) == (507, "folder_error")


def test_that_without_a_model_it_is_503_with_a_time_to_come_back(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PATH", "/nowhere/model.onnx")
    for method, path, body in (("GET", "/api/health", None), ("POST", "/api/predict", CAT)):
        status, headers, content = browser.ask(method, path, body)
        assert (status, headers["retry-after"]) == (503, "1")
        assert json.loads(content)["error"]["code"] == "model_broken"
