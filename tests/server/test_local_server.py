"""The real server on a real socket: on and off, who may ask, what it tells and leaves behind."""

from __future__ import annotations

import gc
import socket
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.bulletin import News, RequestAnswered
from engine.errors import PortTaken, ServerError
from engine.whisker import Whisker
from server.limits import FOLLOWERS
from server.local_server import LocalServer
from server.ports import free_port
from tests.server.conftest import CAT, Browser, raw, shades, until
from tests.server.trainings import FakeTrainer, finished


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


def test_that_what_wakes_the_loop_last_finds_its_pipe_still_open(server: LocalServer) -> None:
    running = server._running
    assert running is not None
    trigger, loop = running._server.trigger, running._thread
    asked = trigger.pull_trigger
    wake = trigger._physical_pull

    def pull(work: Any = None) -> None:
        def late() -> None:
            # Another answer woke the loop first, so it has done the work already when this thread comes to it.
            wake()
            until(lambda: not trigger.thunks)
            loop.join(0.2)
            wake()

        trigger._physical_pull = late
        asked(work)

    trigger.pull_trigger = pull
    server.stop()
    assert not loop.is_alive()
    assert not trigger._fds


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
