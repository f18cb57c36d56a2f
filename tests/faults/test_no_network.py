"""Without any network everything works, and no socket beyond this machine is ever opened."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.paths import sample_set
from tests.bundles import RED, make_bundle, solid
from tests.faults.acts.act import CHECKOUT
from tests.faults.conftest import Tried
from tests.faults.run_main import run_main
from tests.faults.window import look

KIND = "run without any network"

# Serves, asks itself over loopback (which has to be brought up in there) and ends.
ASKS_ITSELF = """
import fcntl, http.client, json, socket, struct, sys
from pathlib import Path
from urllib.parse import urlsplit
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lo:
    name = struct.pack("16sh", b"lo", 0)
    flags = struct.unpack("16sh", fcntl.ioctl(lo, 0x8913, name)[:18])[1]
    if not flags & 1:
        fcntl.ioctl(lo, 0x8914, struct.pack("16sh", b"lo", flags | 1))
from engine.paths import Home
from engine.whisker import Whisker
from server.local_server import LocalServer
whisker = Whisker(Home(Path(sys.argv[1])), Path(sys.argv[2]))
server = LocalServer(whisker)
connection = http.client.HTTPConnection(urlsplit(server.start(port=0)).netloc, timeout=20)
connection.request("POST", "/api/predict", Path(sys.argv[3]).read_bytes(), {"Content-Type": "image/png"})
print(json.loads(connection.getresponse().read())["predicted_class"])
for path in ("/", "/api/docs", "/api/openapi.json", "/api/statistics", "/metrics"):
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    print(path, answer.status)
connection.close()
server.stop()
whisker.close()
"""


@pytest.fixture(scope="module")
def alone() -> Sequence[str]:
    """What runs a command in a world without network."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare` here")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    pytest.skip("a world without network may not be made here")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return solid(tmp_path / "photo.png", RED)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Twelve labelled pictures."""
    for picture in sorted(sample_set().rglob("*-0[0-5].jpg")):
        target = tmp_path / "few" / picture.parent.name / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target)
    return tmp_path / "few"


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    return tmp_path / "builtin"


def test_that_the_window_answers(alone: Sequence[str], home: Path, builtin: Path, photo: Path, tried: Tried) -> None:
    seen = look(home, builtin, photo, inside=alone)
    assert (seen["answer"], seen["problem"], seen["notice"], seen["code"]) == ("cat", "", "", 0)
    tried(KIND)


def test_that_the_terminal_answers(alone: Sequence[str], home: Path, photo: Path, tried: Tried) -> None:
    for command in (["predict", str(photo), "--json"], ["models"], ["diagnose"]):
        done = run_main(*command, home=home, inside=alone)
        assert (done.returncode, done.stderr) == (0, "")
        tried(KIND)


def test_that_the_api_answers_whole_with_its_pages(
    alone: Sequence[str], home: Path, builtin: Path, photo: Path, tried: Tried
) -> None:
    done = asks_itself(alone, home, builtin, photo)
    assert done.stdout.splitlines() == [
        "cat",
        *(f"{path} 200" for path in ("/", "/api/docs", "/api/openapi.json", "/api/statistics", "/metrics")),
    ], done.stderr
    tried(KIND)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sequence[str]]:
    """A file, and what runs a command and writes there every call that has to do with the network."""
    log = tmp_path_factory.mktemp("trace") / "calls"
    command = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(log)]
    if shutil.which("strace") is None:
        pytest.skip("there is no `strace` here")
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        pytest.skip("a program may not be traced here")
    return log, command


def test_that_window_terminal_and_api_open_no_socket_beyond_this_machine(
    traced: tuple[Path, Sequence[str]], home: Path, builtin: Path, photo: Path, tried: Tried
) -> None:
    log, inside = traced
    look(home, builtin, photo, inside=inside)
    assert_kept_to_itself(log, sockets=True)
    assert run_main("predict", photo, home=home, inside=inside).returncode == 0
    assert_kept_to_itself(log, sockets=False)
    asks_itself(inside, home, builtin, photo)
    assert_kept_to_itself(log, sockets=True)
    tried("traced for connections beyond this machine", 3)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_a_training_needs_no_network_and_asks_for_none(
    alone: Sequence[str], traced: tuple[Path, Sequence[str]], home: Path, few: Path, tried: Tried
) -> None:
    log, inside = traced
    done = run_main("train", few, "--name", "alone", "--json", home=home, inside=[*alone, *inside], seconds=800)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "finished"
    assert (home / "models" / "alone" / "1" / "model.onnx").is_file()
    assert_kept_to_itself(log, sockets=True)
    tried(KIND)
    tried("traced for connections beyond this machine")


def test_that_a_connection_elsewhere_would_be_noticed(traced: tuple[Path, Sequence[str]]) -> None:
    log, inside = traced
    program = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9)); s.close()"
    subprocess.run([*inside, sys.executable, "-c", program], check=True)
    assert beyond(log.read_text(encoding="utf-8")) != []


def asks_itself(inside: Sequence[str], home: Path, builtin: Path, photo: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*inside, sys.executable, "-c", ASKS_ITSELF, home, builtin, photo],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_kept_to_itself(log: Path, *, sockets: bool) -> None:
    text = log.read_text(encoding="utf-8", errors="replace")
    if sockets:
        # The window wakes its own loop through a pair of them; the API listens.
        assert "socket" in text, "the trace has seen nothing"
    assert beyond(text) == []


def beyond(trace: str) -> list[str]:
    """The calls of a trace that name an address other than loopback's or a file's, or ask the kernel for such."""
    found = []
    for line in trace.splitlines():
        family = re.search(r"\b(?:socket|socketpair)\((\w+)", line)
        named = re.search(r"inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\"", line)
        if named:
            address = named[1] or named[2]
            if not (address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1")):
                found.append(line)
        elif family and family[1] not in ("AF_UNIX", "AF_LOCAL", "AF_INET", "AF_INET6", "AF_NETLINK"):
            found.append(line)
    return found
