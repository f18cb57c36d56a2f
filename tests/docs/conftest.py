"""A desk to try the manual's commands on: the photos they name, a home of its own, and `whisker` in the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import CHECKOUT

LONGEST_S = 1_000
"""A training beside other work on a small machine."""
ADDRESS = "http://127.0.0.1:5000"
"""What the manual calls the server; here it has whatever port is free."""


class Desk:
    """A folder with what the manual's examples speak of."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.address = ADDRESS
        self._server: subprocess.Popen[str] | None = None
        self._lay_out(CHECKOUT / "data")
        tools = folder.parent / "tools"
        tools.mkdir()
        self._tool(tools / "whisker", f'exec "{sys.executable}" "{CHECKOUT / "main.py"}" "$@"')
        self._tool(tools / "python", f'exec "{sys.executable}" "$@"')
        # As in a checkout.
        (folder / ".venv" / "bin").mkdir(parents=True)
        self._tool(folder / ".venv" / "bin" / "python", f'exec "{sys.executable}" "$@"')
        (folder / "main.py").symlink_to(CHECKOUT / "main.py")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("MODEL_PATH", "UPLOAD_FOLDER")},
            "WHISKER_HOME": str(home),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
            "QT_QPA_PLATFORM": "offscreen",
            "COLUMNS": "200",
        }

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """As typed into a terminal. A server that is started stays until another one is, or the desk is left."""
        whisker, serves, options = command.partition(" serve")
        if serves and whisker in ("whisker", ".venv/bin/python main.py"):
            return self._serve(options.split())
        return subprocess.run(
            ["sh", "-c", command.replace(ADDRESS, self.address)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
        )

    def leave(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=60)
            self._server = None
            self.address = ADDRESS

    def _serve(self, options: list[str]) -> subprocess.CompletedProcess[str]:
        self.leave()
        self._server = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "main.py"), "serve", *options, "--port", "0"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout is not None
        begun = time.monotonic()
        self.address = self._server.stdout.readline().strip()
        assert self.address.startswith("http://"), f"no address after {time.monotonic() - begun:.0f} s"
        return subprocess.CompletedProcess("serve", 0, ADDRESS + "\n", "")

    def _lay_out(self, data: Path) -> None:
        samples, labelled = data / "samples", data / "sample-set"
        (self.folder / "holiday").mkdir(parents=True)
        for sample, name in (("cat", "mia"), ("coffee", "cup"), ("rocket", "launch")):
            shutil.copy(samples / f"{sample}.jpg", self.folder / "holiday" / f"{name}.jpg")
        shutil.copy(samples / "cat.jpg", self.folder / "mia.jpg")
        shutil.copy(samples / "coffee.jpg", self.folder / "desk.jpg")
        whole = (samples / "cat.jpg").read_bytes()
        (self.folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
        shutil.copytree(labelled, self.folder / "labelled")
        for label in ("cat", "cup"):
            for number in range(2):
                shutil.copy(labelled / label / f"{label}-{number:02}.jpg", self.folder / f"{label}.{number}.jpg")

    @staticmethod
    def _tool(path: Path, does: str) -> None:
        path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        path.chmod(0o755)


@pytest.fixture
def desk(tmp_path: Path, home: Path) -> Iterator[Desk]:
    laid_out = Desk(tmp_path / "desk", home)
    yield laid_out
    laid_out.leave()
