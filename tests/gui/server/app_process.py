"""The window with its server, in a process of its own, to be looked at from outside and killed.

python -m tests.gui.server.app_process HOME BUILTIN [CHILD]     CHILD: a function of tests.engine.training.children
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.paths import Home
from engine.whisker import Whisker
from server.local_server import LocalServer
from server.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0


def own_port() -> int:
    """A free port out of forty that only this process takes from: tests may run beside others."""
    return free_port(after=10_000 + os.getpid() % 500 * 40)


class App:
    """A running one."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            client.request(method, path, body, headers)
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            client.close()

    def upload(self, pictures: dict[str, bytes]) -> tuple[int, Any]:
        form = b""
        for name, data in pictures.items():
            head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            form += head + data + b"\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=B"}
        return self.ask("POST", "/api/upload", form + b"--B--\r\n", **kind)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask("GET", "/api/health")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"no answer, and the exit code {self.process.poll()}")


@contextmanager
def app(home: Path, builtin: Path, child: str = "finishes") -> Iterator[App]:
    """Open the window with the server on, and wait until that answers; killed at the end if it still runs."""
    port = own_port()
    whisker = Whisker(Home(home), builtin)
    whisker.settings.set("server_port", port)
    whisker.settings.set("server_with_app", True)
    whisker.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gui.server.app_process", str(home), str(builtin), child],
        cwd=CHECKOUT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "WHISKER_HOME": str(home)},
        text=True,
    )
    running = App(process, port)
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        running.kill()


def main(home: str, builtin: str, child: str) -> int:
    from engine.training.trainer import Trainer
    from gui.app import run
    from tests.engine.training import children

    whisker = Whisker(Home(Path(home)), Path(builtin))
    trainer = Trainer(whisker.home, whisker.shelf, whisker.bulletin, target=getattr(children, child))
    try:
        return run(whisker, [], make_server=lambda over: LocalServer(over, lambda: trainer))
    finally:
        trainer.close()
        whisker.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
