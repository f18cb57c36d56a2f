"""Every failure of every route is `{"error": {"code", "message"}}` with a fitting status."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.errors import WhiskerError
from engine.whisker import Whisker
from server.app import create_app
from server.replies import STATUS, failure
from tests.server.error_classes import family


@pytest.mark.parametrize("kind", sorted(family(), key=lambda kind: kind.__name__))
def test_that_every_error_class_has_a_row_in_the_table(kind: type[WhiskerError]) -> None:
    assert kind in STATUS, f"server/replies.py does not say which status {kind.__name__} has"
    status, body, _ = failure(kind("It is wrong.", "Mend it."))
    assert 400 <= status < 600
    assert body == {"error": {"code": kind.code, "message": "It is wrong. Mend it."}}


@pytest.mark.parametrize("kind", sorted(family(), key=lambda kind: kind.__name__))
def test_that_a_route_that_raises_answers_with_that_status(
    kind: type[WhiskerError], client: FlaskClient, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind("It is wrong.", "Mend it.")

    monkeypatch.setattr(whisker, "classify", fail)
    answer = client.post("/api/predict", data=b"x")
    assert answer.status_code == STATUS[kind]
    assert answer.get_json()["error"]["code"] == kind.code
    assert ("Retry-After" in answer.headers) == (answer.status_code == 503)


def test_that_codes_are_told_apart() -> None:
    codes = [kind.code for kind in family()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/nowhere", 404, "not_found"),
        ("GET", "/static/../app.py", 404, "not_found"),
        ("GET", "/static/%2e%2e/app.py", 404, "not_found"),
        ("GET", "/static/nowhere.js", 404, "not_found"),
        ("GET", "/api/retrain/nobody", 404, "job_not_found"),
        ("GET", "/api/retrain/nobody/events", 404, "job_not_found"),
        ("DELETE", "/api/retrain/nobody", 404, "job_not_found"),
        ("GET", "/api/predict", 405, "method_not_allowed"),
        ("PUT", "/api/predict", 405, "method_not_allowed"),
        ("DELETE", "/api/health", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
        ("POST", "/metrics", 405, "method_not_allowed"),
    ],
)
def test_that_a_wrong_address_or_method_has_the_same_shape(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message"]
    assert (status == 405) == ("Allow" in answer.headers)


def test_that_our_own_mistake_is_a_500_without_its_details(
    whisker: Whisker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also with FLASK_DEBUG, which must not bring the debugger or a traceback to the client."""
    monkeypatch.setenv("FLASK_DEBUG", "1")

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(whisker, "classify", fail)
    app = create_app(whisker)
    assert not app.debug
    answer = app.test_client().post("/api/predict", data=b"x")
    assert answer.status_code == 500
    assert answer.get_json()["error"]["code"] == "internal_server_error"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "a secret" in caplog.text


def test_that_every_reply_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/api/health", "/nowhere", "/api/docs", "/static/page.js", "/theme.css"):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in headers
    assert client.get("/api/health").headers["Cache-Control"] == "no-store"
