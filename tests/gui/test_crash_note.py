from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gui import crash_note

CHECKOUT = Path(__file__).resolve().parents[2]


def _run(home: Path, shelf: Path, end: str) -> subprocess.CompletedProcess[str]:
    """The window in a process of its own, which says its notice and then does `end`."""
    program = (
        "import faulthandler, os, signal, sys\nfrom pathlib import Path\nfrom PySide6.QtCore import QTimer\n"
        "from engine.whisker import Whisker\nfrom engine.paths import Home\nfrom gui import app, main_window\n"
        f"whisker = Whisker(Home(Path({str(home)!r})), Path({str(shelf)!r}))\n"
        "say = main_window.MainWindow._on_painted\n"
        "def look(window):\n"
        "    print(window.notice.text.text() if window.notice.isVisible() else '', flush=True)\n"
        f"    {end}\n"
        "def painted(window):\n    say(window)\n    QTimer.singleShot(300, lambda: look(window))\n"
        "main_window.MainWindow._on_painted = painted\n"
        "raise SystemExit(app.run(whisker, []))\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WHISKER_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the crash is one of Unix")
def test_that_a_crash_of_native_code_is_noted_and_told_once_at_the_next_start(home: Path, shelf: Path) -> None:
    crashed = _run(home, shelf, "faulthandler._sigsegv()")
    assert crashed.returncode < 0
    assert "Segmentation fault" in (home / "logs" / crash_note.NAME).read_text("utf-8")
    told = _run(home, shelf, "window.end()")
    assert told.returncode == 0
    assert told.stdout.startswith("Whisker ended unexpectedly the last time")
    assert "Segmentation fault" in (home / "logs" / crash_note.EARLIER).read_text("utf-8")
    assert not (home / "logs" / crash_note.NAME).exists()
    assert _run(home, shelf, "window.end()").stdout.strip() == ""


def test_that_a_program_that_was_merely_killed_has_nothing_to_tell(home: Path) -> None:
    (home / "logs").mkdir()
    (home / "logs" / crash_note.NAME).touch()
    with ExitStack() as shutdown:
        assert crash_note.keep_note(home / "logs", shutdown) == ""


def test_that_a_home_that_cannot_be_written_goes_without(home: Path) -> None:
    (home / "logs").write_text("in the way")
    with ExitStack() as shutdown:
        assert crash_note.keep_note(home / "logs", shutdown) == ""
