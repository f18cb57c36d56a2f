"""Bodies and clients of every kind, those that misbehave among them, on a real socket."""

from __future__ import annotations

import json
import socket

import pytest

from engine.whisker import Whisker
from server.local_server import LocalServer
from tests.server.conftest import CAT, DOG, Browser, raw, until


def test_that_bytes_are_counted_as_they_pass_the_socket(browser: Browser, whisker: Whisker) -> None:
    _, _, content = browser.ask("POST", "/api/predict", CAT, **{"Content-Type": "image/png"})
    # The answer may be here before the thread that sent it has counted it.
    until(lambda: whisker.monitor.answers.traffic()[1] > 0)
    received, sent = whisker.monitor.answers.traffic()
    assert len(CAT) < received < len(CAT) + 500
    assert len(content) < sent < len(content) + 2000


def test_that_every_kind_of_body_is_answered_over_one_connection(browser: Browser) -> None:
    form = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + CAT + b"\r\n--B--\r\n"
    for _ in range(2):
        status, said = browser.json("POST", "/api/predict", form, **{"Content-Type": "multipart/form-data; boundary=B"})
        assert (status, said["predicted_class"]) == (200, "cat")
        assert browser.json("POST", "/api/predict", DOG)[1]["predicted_class"] == "dog"
        # In pieces, without saying how long it is.
        chunked = iter([CAT[:10], CAT[10:]])
        assert browser.json("POST", "/api/predict", chunked)[1]["predicted_class"] == "cat"
        assert browser.json("GET", "/api/health")[0] == 200


@pytest.mark.parametrize(
    ("size", "path", "status", "code"),
    [
        (17 << 20, "/api/predict", 413, "image_too_large"),
        (40 << 20, "/api/predict", 413, "body_too_large"),
        (1 << 20, "/api/retrain", 413, "body_too_large"),
        (1 << 20, "/api/nowhere", 413, "body_too_large"),
    ],
)
def test_that_too_large_a_body_is_refused_and_the_connection_goes_on(
    browser: Browser, size: int, path: str, status: int, code: str
) -> None:
    said = browser.json("POST", path, bytes(size))
    assert (said[0], said[1]["error"]["code"]) == (status, code)
    assert browser.json("GET", "/api/health")[0] == 200
    in_pieces = (bytes(1 << 16) for _ in range(size >> 16))
    said = browser.json("POST", path, in_pieces)
    assert (said[0], said[1]["error"]["code"]) == (status, code)
    assert browser.json("GET", "/api/health")[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: \r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /api/predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: magic\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"G\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_that_what_is_no_sound_request_is_refused_in_the_same_shape(server: LocalServer, data: bytes) -> None:
    said = raw(server, data)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.split()[1][:1] in (b"4", b"5"), said
    assert head.split()[1] != b"500"
    assert set(json.loads(body)["error"]) == {"code", "message"}
    assert b"nosniff" in head


def test_that_paths_do_not_lead_out_of_the_static_folder(browser: Browser) -> None:
    for path in (
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
        "/static/%5c..%5capp.py",
        "/bootstrap/static/../../__init__.py",
        "//etc/passwd",
        "/../../etc/passwd",
        "/api/retrain/..%2f..%2fetc%2fpasswd",
    ):
        status, said = browser.json("GET", path)
        assert (status, set(said)) == (404, {"error"}), path


def test_that_a_client_that_goes_away_harms_nobody(server: LocalServer, browser: Browser) -> None:
    assert server.port is not None
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as wire:
            wire.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nhalf")
        with socket.create_connection(("127.0.0.1", server.port)) as wire:
            host = f"127.0.0.1:{server.port}".encode()
            wire.sendall(
                b"POST /api/predict HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: %d\r\n\r\n" % len(CAT) + CAT
            )
    assert browser.json("GET", "/api/health")[0] == 200


def test_that_one_who_reads_slowly_gets_all_of_it(server: LocalServer, browser: Browser) -> None:
    _, headers, style = browser.ask("GET", "/bootstrap/static/css/bootstrap.min.css")
    rounds = 40
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(10)
        wire.connect(("127.0.0.1", server.port))
        get = f"GET /bootstrap/static/css/bootstrap.min.css HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        wire.sendall((get + "\r\n").encode() * (rounds - 1) + (get + "Connection: close\r\n\r\n").encode())
        said = bytearray()
        while piece := wire.recv(1 << 16):
            said += piece
    assert said.count(style) == rounds
    assert int(headers["content-length"]) == len(style)
