"""Somebody on this machine who is given photos, runs programs and has a history of answers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from contents import CHECKOUT

SAMPLE = CHECKOUT / "data" / "samples" / "cat.jpg"
"""A photo of a cat to give them."""


class Person:
    """Somebody on this machine: a home with blanks and letters of other alphabets, and nothing else."""

    def __init__(self, folder: Path, name: str, user: int | None) -> None:
        self.home = folder / name
        self.given: set[Path] = set()
        self.home.mkdir(parents=True)
        self._user = user
        if user is not None:
            os.chown(self.home, user, user)

    @property
    def environment(self) -> dict[str, str]:
        # Nothing of the checkout's environment: no virtual environment, no PYTHONPATH.
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(self._scratch())}

    def _scratch(self) -> Path:
        scratch = self.home / "tmp"
        if not scratch.is_dir():
            scratch.mkdir()
            if self._user is not None:
                os.chown(scratch, self._user, self._user)
        return scratch

    @property
    def database(self) -> Path:
        return self.home / ".local" / "share" / "Whisker" / "whisker.db"

    def faults(self) -> list[str]:
        """The last line of each fault of the program's own in its log: the window goes on after one."""
        log = self.database.parent / "logs" / "whisker.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        reports = re.findall(r"^\S+ \S+ CRITICAL .*\n((?:(?!\d{4}-\d\d-\d\d ).*\n?)*)", text, re.MULTILINE)
        return [report.strip().splitlines()[-1] if report.strip() else "a fault" for report in reports]

    def answers(self) -> list[tuple[str, str]]:
        """(file name, class) of each answer in the history, oldest first."""
        if not self.database.is_file():
            return []
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            try:
                return list(database.execute("SELECT name, predicted_class FROM predictions ORDER BY id"))
            except sqlite3.Error:
                return []  # It is just being made.

    def give(self, source: Path, name: str) -> Path:
        target = self.home / name
        self.given.add(target)
        shutil.copyfile(source, target)
        target.chmod(0o644)
        return target

    def run(self, *command: str | Path, seconds: float = 900, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env=self.environment | environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            **self._as(),
        )

    @contextmanager
    def running(self, *command: str | Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A program of theirs, ended by SIGTERM when the block ends."""
        process = subprocess.Popen(
            [str(word) for word in command],
            env=self.environment | environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as(),
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
            assert process.stdout is not None
            process.stdout.close()

    def as_myself(self) -> Person:
        """Whoever runs this, with a home in theirs: the checkout is started by somebody who may read it."""
        me = object.__new__(Person)
        me.home, me._user, me.given = self.home / "source", None, set()
        me.home.mkdir(exist_ok=True)
        return me

    def _as(self) -> dict[str, object]:
        return {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}
