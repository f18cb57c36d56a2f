"""The server from the window's first painting to its end, in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import paths
from engine.whisker import Whisker
from server.local_server import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from engine.paths import Home
from engine.whisker import Whisker
from gui import app
from main import _make_server

whisker = Whisker(Home(Path(sys.argv[1])), Path(sys.argv[2]))
status = app.run(whisker, [], make_server=lambda: _make_server(whisker))
whisker.close()
raise SystemExit(status)
"""


@contextmanager
def window(home: Path, shelf: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WHISKER_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home), str(shelf)],
        cwd=CHECKOUT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def health(port: int, process: subprocess.Popen[str]) -> dict[str, object]:
    """Its answer, as soon as there is one."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/api/health")
            answer: dict[str, object] = json.loads(client.getresponse().read())
            return answer
        except OSError:
            time.sleep(0.05)
        finally:
            client.close()
    raise AssertionError(process.stderr.read() if process.poll() is not None and process.stderr else "no answer")


def test_that_it_starts_with_the_window_if_wished_and_ends_with_it(home: Path, shelf: Path) -> None:
    port = free_port(after=5300)
    whisker = Whisker(paths.Home(home), shelf)
    whisker.settings.set("server_port", port)
    whisker.settings.set("server_with_app", True)
    whisker.close()
    with window(home, shelf) as process:
        assert health(port, process)["status"] == "ok"
        # A client that keeps its connection must not keep the window from ending.
        with socket.create_connection(("127.0.0.1", port)):
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_that_a_window_with_the_server_off_imports_nothing_of_it(home: Path) -> None:
    heavy = ("flask", "waitress", "werkzeug", "server", "server.local_server", "secrets", "urllib.request")
    program = f"import sys\nimport gui.app\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
