from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from gui import ahead
from gui.pages import FOOT, PAGES, SIDE_PAGES
from tests.gui.conftest import Opened

PROGRAM = """
import sys
import threading
from gui import ahead
assert "pyqtgraph" not in sys.modules and "gui.teach.page" not in sys.modules
ahead.import_all()
print(*(name for name in sys.modules if name.endswith(".page") or name in ("pyqtgraph", "tensorflow", "server")))
"""


def test_that_all_pages_and_the_charts_are_imported_ahead_and_nothing_that_only_a_training_needs() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    said = set(ran.stdout.split())
    assert said == {*(f"gui.{entry.key}.page" for entry in (*PAGES, *FOOT, *SIDE_PAGES)), "pyqtgraph"}


def test_that_they_are_imported_off_the_thread_of_the_window(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[threading.Thread] = []
    monkeypatch.setattr(ahead, "AHEAD_MS", 1)
    monkeypatch.setattr(ahead, "import_all", lambda: where.append(threading.current_thread()))
    ahead.import_soon(opened.window, opened.desk.tasks)
    opened.wait(lambda: where)
    opened.settle()
    assert where != [threading.main_thread()]
