from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess

from tests.bundles import BLUE, RED, solid
from tests.gui.conftest import Opened

SOURCE = Path(__file__).with_name("xdnd_source.py")


def _drop(opened: Opened, *paths: Path) -> str:
    """Have another program drop `paths`, while the window's event loop runs."""
    process = QProcess()
    with opened.qtbot.waitSignal(process.finished, timeout=20_000):
        process.start(sys.executable, [str(SOURCE), str(int(opened.window.winId())), *map(str, paths)])
    return bytes(process.readAllStandardOutput().data()).decode().strip()


@pytest.mark.xvfb
def test_that_a_file_managers_drop_of_a_photo_is_answered(opened: Opened, tmp_path: Path) -> None:
    photo = solid(tmp_path / "my cät #1.png", RED)
    assert _drop(opened, photo) == "accepted"
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.settle()
    answer = opened.page.single.answer
    assert answer is not None
    assert (answer.name, answer.path, answer.predicted_class) == (photo.name, photo, "cat")


@pytest.mark.xvfb
def test_that_a_file_managers_drop_of_a_folder_and_a_photo_is_answered_as_many(opened: Opened, tmp_path: Path) -> None:
    solid(tmp_path / "trip" / "one.png", BLUE)
    solid(tmp_path / "two.png", RED)
    assert _drop(opened, tmp_path / "trip", tmp_path / "two.png") == "accepted"
    opened.wait(lambda: opened.whisker.history.count() == 2)
    opened.settle()
    assert {row.predicted_class for row in opened.whisker.history.recent()} == {"cat", "dog"}
