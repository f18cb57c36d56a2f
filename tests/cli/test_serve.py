"""`serve` as a process of its own: its address, its end, and a kill in the middle of work."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.guard import network_addresses
from tests.bundles import RED, make_bundle, solid
from tests.cli.conftest import Command
from tests.server.conftest import shades

MAIN = Path(__file__).resolve().parents[2] / "main.py"


class Served:
    """A running `serve`."""

    def __init__(self, home: Path, model: Path, *options: str) -> None:
        environment = os.environ | {"WHISKER_HOME": str(home), "MODEL_PATH": str(model)}
        self.process = subprocess.Popen(
            [sys.executable, str(MAIN), "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def end(self, number: int) -> tuple[int, float, str]:
        """Send a signal; the exit code, the seconds it took, and standard error."""
        began = time.monotonic()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, time.monotonic() - began, said


@pytest.fixture
def served(home: Path, tmp_path: Path) -> Iterator[Served]:
    started = Served(home, make_bundle(tmp_path / "cats-dogs"))
    yield started
    if started.process.poll() is None:
        started.process.kill()
    started.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_that_it_prints_its_address_answers_and_ends_cleanly(served: Served, tmp_path: Path, number: int) -> None:
    assert served.address.startswith("http://127.0.0.1:")
    status, answer = served.ask("POST", "/api/predict", solid(tmp_path / "a.png", RED).read_bytes())
    assert (status, answer["predicted_class"]) == (200, "cat")
    assert served.ask("GET", "/api/health")[0] == 200
    kept = http.client.HTTPConnection(urlsplit(served.address).netloc)
    kept.request("GET", "/api/health")
    kept.getresponse().read()
    code, seconds, said = served.end(number)
    kept.close()
    assert code == 0
    assert seconds < 2.0
    assert "Traceback" not in said


def test_that_a_broken_model_is_said_and_health_tells_of_it(home: Path, tmp_path: Path) -> None:
    served = Served(home, tmp_path / "nowhere.onnx")
    assert served.ask("GET", "/api/health")[0] == 503
    assert served.process.stderr is not None
    assert "Whisker answers there" in served.process.stderr.readline()
    assert "nowhere.onnx" in served.process.stderr.readline()
    assert served.end(signal.SIGTERM)[0] == 0


def test_that_a_kill_loses_no_acknowledged_upload_and_leaves_no_half_one(
    served: Served, home: Path, tmp_path: Path
) -> None:
    acknowledged: list[str] = []

    def send() -> None:
        for name, data in shades("cat", 200).items():
            head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            try:
                kind = {"Content-Type": "multipart/form-data; boundary=B"}
                _, answer = served.ask("POST", "/api/upload", head + data + b"\r\n--B--\r\n", **kind)
            except (OSError, http.client.HTTPException, ValueError):
                return
            saved = answer["saved"]
            assert isinstance(saved, list)
            acknowledged.extend(item["sha256"] for item in saved)

    sending = threading.Thread(target=send)
    sending.start()
    while len(acknowledged) < 10:
        time.sleep(0.005)
    served.end(signal.SIGKILL)
    sending.join()
    again = Served(home, tmp_path / "cats-dogs")
    try:
        kept = {file.stem for file in (home / "uploads" / "cat").iterdir()}
        assert set(acknowledged) <= kept
        assert not [name for name in kept if name.startswith(".")]
        counted = again.ask("GET", "/api/upload")[1]["total"]
        assert isinstance(counted, int)
        assert counted >= len(acknowledged)
    finally:
        assert again.end(signal.SIGTERM)[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only there can a running program be forbidden to write")
def test_that_it_says_once_when_answers_cannot_be_remembered_any_more(served: Served, tmp_path: Path) -> None:
    import resource

    photo = solid(tmp_path / "a.png", RED).read_bytes()
    assert served.ask("POST", "/api/predict", photo)[0] == 200
    kept = served.ask("GET", "/api/predictions")[1]["predictions"]
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    for _ in range(3):
        status, answer = served.ask("POST", "/api/predict", photo)
        assert (status, answer["predicted_class"]) == (200, "cat")
    assert served.ask("GET", "/api/predictions")[1]["predictions"] == kept
    code, _, said = served.end(signal.SIGTERM)
    assert said.count("Answers are given but not remembered: the history ") == 1
    # Nor does its log, which cannot be written either, make a noise.
    assert (code, said.splitlines()[0], len(said.splitlines())) == (0, "Whisker answers there. Ctrl-C ends it.", 3)


def test_that_beyond_this_machine_a_token_is_wanted(command: Command) -> None:
    for arguments in (("--host", "0.0.0.0"), ("--host", "0.0.0.0", "--token", ""), ("--token", " ")):
        ran = command("serve", *arguments)
        assert ran.code == 2
        assert "token" in ran.err
        assert ran.out == []


def test_that_an_empty_address_is_wrong_usage(command: Command) -> None:
    ran = command("serve", "--host", "")
    assert ran.code == 2
    assert "An empty address" in ran.err


def test_that_wrong_usage_and_a_taken_port_have_their_exit_codes(served: Served, command: Command) -> None:
    assert command("serve", "--port", "70000").code == 2
    assert command("serve", "--port", "x").code == 2
    ran = command("serve", "--port", served.address.rpartition(":")[2])
    assert (ran.code, ran.out) == (1, [])
    assert "already" in ran.err


def test_that_the_token_may_come_from_the_environment_and_who_else_may_ask_is_said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHISKER_TOKEN", "a long token")
    served = Served(home, make_bundle(tmp_path / "cats-dogs"), "--host", "0.0.0.0")
    try:
        assert served.ask("GET", "/api/health")[0] == 401
        assert served.ask("GET", "/api/health", Authorization="Bearer a long token")[0] == 200
    finally:
        _, _, said = served.end(signal.SIGTERM)
    assert "not encrypted" in said
    assert "short enough to be guessed" in said
    assert "a long token" not in said
    for address in network_addresses()[:1]:
        assert f"http://{address}:" in said
