"""The real server on a real socket: on and off, in a rush, and with clients that misbehave."""

from __future__ import annotations

import gc
import http.client
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine import images
from engine.bulletin import News, RequestAnswered
from engine.errors import PortTaken, ServerError
from engine.whisker import Whisker
from server.limits import FOLLOWERS
from server.local_server import LocalServer, free_port
from tests.server.conftest import CAT, DOG, FakeTrainer, shades
from tests.server.test_retrain import finished, until

Ask = Callable[..., tuple[int, dict[str, str], Any]]


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


def test_that_it_names_its_address_and_the_port_it_really_has(server: LocalServer) -> None:
    assert server.running
    assert server.url == f"http://127.0.0.1:{server.port}"
    with pytest.raises(ServerError, match="already"):
        server.start(port=0)


def test_that_a_taken_port_is_said_and_the_next_free_one_found(server: LocalServer, whisker: Whisker) -> None:
    assert server.port is not None
    other = LocalServer(whisker)
    with pytest.raises(PortTaken, match=str(server.port)):
        other.start(port=server.port)
    assert not other.running
    port = free_port(after=server.port)
    assert port > server.port
    assert other.start(port=port).endswith(str(port))
    other.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_that_beyond_loopback_it_wants_a_token(whisker: Whisker, host: str) -> None:
    with pytest.raises(ServerError, match="token"):
        LocalServer(whisker).start(host, 0)
    with pytest.raises(ServerError, match="token"):
        LocalServer(whisker).start(host, 0, "")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_that_an_address_of_another_machine_is_said(whisker: Whisker, host: str) -> None:
    with pytest.raises(ServerError):
        LocalServer(whisker).start(host, 0, "a token")


def test_that_with_a_token_only_those_who_bring_it_are_answered(whisker: Whisker) -> None:
    server = LocalServer(whisker)
    server.start("0.0.0.0", 0, "a long token")
    client = Browser(server)
    try:
        assert client.json("GET", "/api/health")[0] == 401
        assert client.json("POST", "/api/predict", CAT, Authorization="Bearer a long tokem")[0] == 401
        status, headers, _ = client.ask("GET", "/")
        assert (status, "Basic" in headers["www-authenticate"]) == (401, True)
        assert client.json("POST", "/api/predict", CAT, Authorization="Bearer a long token")[0] == 200
    finally:
        client.close()
        server.stop()


def test_that_rebinding_and_other_sites_are_refused_before_a_body_is_read(
    browser: Browser, server: LocalServer
) -> None:
    assert browser.json("GET", "/api/health", Host="evil.example")[1]["error"]["code"] == "host_refused"
    assert (
        browser.json("POST", "/api/predict", CAT, Origin="http://evil.example")[1]["error"]["code"] == "origin_refused"
    )
    assert browser.json("POST", "/api/predict", CAT, Origin=server.url or "")[0] == 200
    said = raw(server, b"POST /api/predict HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2000000000\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 4")
    assert b'{"error":' in said


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


def test_that_many_clients_at_once_are_all_answered(server: LocalServer, whisker: Whisker) -> None:
    answers: list[str] = []

    def work(number: int) -> None:
        client = Browser(server)
        for turn in range(10):
            cat = (number + turn) % 2
            said = client.json("POST", "/api/predict", CAT if cat else DOG)[1]
            answers.append("right" if said.get("predicted_class") == ("cat" if cat else "dog") else str(said))
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["right"] * 160
    assert whisker.history.count() == 160


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


def test_that_a_rush_is_turned_away_while_questions_are_still_answered(whisker: Whisker, slow: threading.Event) -> None:
    server = LocalServer(whisker)
    server.start(port=0, cores=1, waiting=2)
    said: list[tuple[int, dict[str, str]]] = []

    def ask() -> None:
        client = Browser(server)
        status, headers, _ = client.ask("POST", "/api/predict", CAT)
        said.append((status, headers))
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    try:
        for thread in threads:
            thread.start()
        until(lambda: len(said) == 3)
        assert [status for status, _ in said] == [503, 503, 503]
        assert all(headers["retry-after"] == "1" for _, headers in said)
        client = Browser(server)
        assert client.json("GET", "/api/health")[0] == 200
        client.close()
        slow.set()
        for thread in threads:
            thread.join()
        assert sorted(status for status, _ in said) == [200, 200, 200, 503, 503, 503]
    finally:
        server.stop()


def test_that_stopping_lets_what_is_being_answered_finish(
    server: LocalServer, whisker: Whisker, slow: threading.Event
) -> None:
    told: list[tuple[int, Any]] = []
    client = Browser(server)
    asking = threading.Thread(target=lambda: told.append(client.json("POST", "/api/predict", CAT)))
    asking.start()
    time.sleep(0.1)
    threading.Timer(0.2, slow.set).start()
    server.stop()
    asking.join()
    client.close()
    assert told[0][0] == 200
    assert told[0][1]["predicted_class"] == "cat"


def test_that_stopping_takes_no_time_with_keep_alive_clients_and_streams(
    server: LocalServer, trainer: FakeTrainer, whisker: Whisker
) -> None:
    port = server.port
    clients = [Browser(server) for _ in range(5)]
    for client in clients:
        assert client.json("GET", "/api/health")[0] == 200
    for name, data in (*shades("cat", 2).items(), *shades("dog", 2).items()):
        head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        assert clients[0].json("POST", "/api/upload", head + data + b"\r\n--B--\r\n", **kind)[0] == 201
    job = clients[0].json("POST", "/api/retrain")[1]["job_id"]
    clients[1].connection.request("GET", f"/api/retrain/{job}/events")
    stream = clients[1].connection.getresponse()
    assert stream.readline() == b"retry: 1000\n"
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 1.0
    assert trainer.running is None
    stream.close()
    for client in clients:
        client.close()
    assert server.url is None
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_that_streams_are_counted(server: LocalServer, trainer: FakeTrainer, browser: Browser) -> None:
    for name, data in (*shades("cat", 2).items(), *shades("dog", 2).items()):
        head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        browser.json("POST", "/api/upload", head + data + b"\r\n--B--\r\n", **kind)
    job = browser.json("POST", "/api/retrain")[1]["job_id"]
    followers = [Browser(server) for _ in range(FOLLOWERS)]
    for follower in followers:
        follower.connection.request("GET", f"/api/retrain/{job}/events")
    streams = [follower.connection.getresponse() for follower in followers]
    assert [stream.status for stream in streams] == [200] * FOLLOWERS
    assert browser.json("GET", f"/api/retrain/{job}/events")[0] == 503
    trainer.runs[0].say(finished())
    for stream in streams:
        assert stream.read().endswith(b"\n\n")
    for follower in followers:
        follower.close()
    until(lambda: browser.ask("GET", f"/api/retrain/{job}/events")[0] == 200)


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


def test_that_requests_are_told_with_a_thumbnail_only_while_somebody_looks(
    server: LocalServer, browser: Browser, whisker: Whisker
) -> None:
    told: list[News] = []
    whisker.bulletin.listen(told.append)
    browser.json("POST", "/api/predict", CAT)
    server.show_thumbnails(True)
    browser.json("POST", "/api/predict", CAT)
    head = b'--B\r\nContent-Disposition: form-data; name="files"; filename="cat.0.png"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    browser.json("POST", "/api/upload", head + CAT + b"\r\n--B--\r\n", **kind)
    browser.ask("POST", "/api/explain", CAT)
    browser.json("GET", "/api/health", Host="evil.example")
    requests = [news for news in told if isinstance(news, RequestAnswered)]
    assert [(news.method, news.path, news.status) for news in requests] == [
        ("POST", "/api/predict", 200),
        ("POST", "/api/predict", 200),
        ("POST", "/api/upload", 201),
        ("POST", "/api/explain", 200),
        ("GET", "/api/health", 403),
    ]
    assert [(news.thumbnail or b"")[:2] for news in requests] == [b"", *3 * [b"\xff\xd8"], b""]
    assert requests[1].client == "127.0.0.1"
    assert requests[1].elapsed_ms > 0


def test_that_the_log_names_requests_and_holds_no_picture_and_no_forged_line(
    server: LocalServer, browser: Browser, home: Path
) -> None:
    browser.json("POST", "/api/predict", CAT)
    raw(server, f"GET /x%0a2026 INFO forged HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
    browser.json("GET", "/nowhere%0d%0aforged?token=secret")
    log = (home / "logs" / "server.log").read_text(encoding="utf-8")
    assert "POST /api/predict 200" in log
    assert "GET /nowhere%0D%0Aforged 404" in log
    assert "secret" not in log
    assert all("127.0.0.1" in line for line in log.splitlines())


def test_that_a_hundred_rounds_leave_no_thread_socket_or_megabyte(whisker: Whisker) -> None:
    server, process = LocalServer(whisker), psutil.Process()

    def round_trip() -> float:
        server.start(port=0)
        client = Browser(server)
        assert client.json("POST", "/api/predict", CAT)[0] == 200
        began = time.monotonic()
        server.stop()
        took = time.monotonic() - began
        client.close()
        return took

    def threads() -> int:
        return sum(thread.name != "monitor" for thread in threading.enumerate())

    for _ in range(5):
        round_trip()
    gc.collect()
    before = (threads(), process.num_fds(), process.memory_info().rss)
    longest = max(round_trip() for _ in range(100))
    gc.collect()
    assert longest < 1.0
    until(lambda: threads() <= before[0])
    assert process.num_fds() <= before[1]
    assert process.memory_info().rss - before[2] < 8 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has a niceness for each thread")
@pytest.mark.parametrize("behind", [False, True])
def test_that_in_a_window_the_threads_for_pictures_step_back(whisker: Whisker, behind: bool) -> None:
    server = LocalServer(whisker, behind_window=behind)
    nice: list[int] = []
    classify = whisker.classify

    def look(*arguments: Any, **named: Any) -> Any:
        nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return classify(*arguments, **named)

    whisker.classify = look  # type: ignore[method-assign]
    server.start(port=0)
    client = Browser(server)
    try:
        assert client.json("POST", "/api/predict", CAT)[0] == 200
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        assert (nice[0] > own) is behind
    finally:
        client.close()
        server.stop()


def test_that_it_says_whether_stopping_would_cancel_a_training(
    server: LocalServer, trainer: FakeTrainer, browser: Browser
) -> None:
    assert not server.retraining
    for name, data in (*shades("cat", 2).items(), *shades("dog", 2).items()):
        head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        browser.json("POST", "/api/upload", head + data + b"\r\n--B--\r\n", **kind)
    browser.json("POST", "/api/retrain")
    assert server.retraining
    trainer.runs[0].say(finished())
    until(lambda: not server.retraining)
    server.stop()
    assert not server.retraining
