"""The server from the window's first painting to its end, in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.gui.server.app_process import CHECKOUT, app


def test_that_it_starts_with_the_window_if_wished_and_ends_with_it(home: Path, shelf: Path) -> None:
    with app(home, shelf) as running:
        assert running.ask("GET", "/api/health")[1]["status"] == "ok"
        # A client that keeps its connection must not keep the window from ending.
        with socket.create_connection(("127.0.0.1", running.port)):
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(20) == 0
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", running.port))


def test_that_a_window_with_the_server_off_imports_nothing_of_it(home: Path) -> None:
    heavy = ("flask", "waitress", "werkzeug", "server", "server.local_server", "secrets", "urllib.request")
    program = f"import sys\nimport gui.app\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
