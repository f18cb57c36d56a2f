from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.errors import HistoryError
from engine.history import History
from engine.prediction import Prediction
from gui.server.page import ServerPage
from tests.bundles import BLUE, RED, solid
from tests.gui.conftest import Opened


class FullDisk:
    """A disk that the history cannot be written on until there is room."""

    def __init__(self, history: History) -> None:
        self.full = True
        self._record = history.record

    def record(self, predictions: Sequence[Prediction], source: str) -> list[int]:
        if self.full:
            raise HistoryError("The history cannot grow: the disk is full.", "Free some space and try again.")
        return self._record(predictions, source)


@pytest.fixture
def disk(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    disk = FullDisk(opened.whisker.history)
    monkeypatch.setattr(opened.whisker.history, "record", disk.record)
    return disk


def test_that_an_answer_that_is_not_kept_says_so_and_why(opened: Opened, disk: FullDisk, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    line = opened.page.not_remembered
    opened.wait(line.isVisible)
    assert line.text.text() == ("Answers are given but not remembered: the history cannot grow: the disk is full.")
    assert line.hint.text() == "Free some space and try again."
    assert opened.page.single.panel.headline.text() == "Cat"
    assert not opened.page.message.isVisible()


def test_that_it_is_said_once_as_long_as_the_window_is_open(opened: Opened, disk: FullDisk, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    line = opened.page.not_remembered
    opened.wait(line.isVisible)
    (close,) = line.findChildren(QToolButton)
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not line.isVisible()
    opened.show(solid(tmp_path / "rex.png", BLUE))
    assert not line.isVisible()


def test_that_it_goes_when_answers_are_kept_again(opened: Opened, disk: FullDisk, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    line = opened.page.not_remembered
    opened.wait(line.isVisible)
    disk.full = False
    opened.show(solid(tmp_path / "rex.png", BLUE))
    opened.wait(lambda: not line.isVisible())


def test_that_a_page_opened_afterwards_says_it_too_and_putting_it_away_there_is_enough(
    opened: Opened, disk: FullDisk, tmp_path: Path
) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    line = opened.page.not_remembered
    opened.wait(line.isVisible)
    opened.window.show_page("server")
    page = opened.window.page("server")
    assert isinstance(page, ServerPage)
    assert page.not_remembered.isVisible()
    assert page.not_remembered.text.text() == line.text.text()
    (close,) = page.not_remembered.findChildren(QToolButton)
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    opened.window.show_page("predict")
    assert not line.isVisible()


def test_that_a_page_opened_when_answers_are_kept_again_says_nothing(
    opened: Opened, disk: FullDisk, tmp_path: Path
) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.wait(opened.page.not_remembered.isVisible)
    disk.full = False
    opened.show(solid(tmp_path / "rex.png", BLUE))
    opened.wait(lambda: not opened.page.not_remembered.isVisible())
    opened.window.show_page("server")
    page = opened.window.page("server")
    assert isinstance(page, ServerPage)
    assert not page.not_remembered.isVisible()
