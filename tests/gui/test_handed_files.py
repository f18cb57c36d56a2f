"""Files handed over by the system, as macOS does it; the event is Qt's and the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.handed_files import HandedFiles


@pytest.fixture
def taken() -> list[list[Path]]:
    return []


@pytest.fixture
def handed(qapp: QApplication, taken: list[list[Path]]) -> Iterator[HandedFiles]:
    files = HandedFiles(qapp, taken.append)
    yield files
    qapp.removeEventFilter(files)
    files.deleteLater()


def hand_over(app: QApplication, *paths: Path) -> None:
    for path in paths:
        QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl.fromLocalFile(str(path))))


def test_that_files_opened_together_come_together(
    qapp: QApplication, handed: HandedFiles, taken: list[list[Path]], qtbot: QtBot, tmp_path: Path
) -> None:
    handed.ready()
    files = [tmp_path / "Mäuschen 1.jpg", tmp_path / "2.png"]
    hand_over(qapp, *files)
    qtbot.waitUntil(lambda: taken == [files])


def test_that_a_file_handed_over_before_there_is_a_window_waits_for_it(
    qapp: QApplication, handed: HandedFiles, taken: list[list[Path]], qtbot: QtBot, tmp_path: Path
) -> None:
    hand_over(qapp, tmp_path / "early.jpg")
    qtbot.wait(120)
    assert taken == []
    handed.ready()
    assert taken == [[tmp_path / "early.jpg"]]
