from __future__ import annotations

import io
import sys

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from gui import last_words


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(last_words, "show_box", shown.append)
    return shown


def test_that_on_a_terminal_the_sentence_is_printed_and_no_box_waits(
    boxes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    last_words.say("It cannot go on.")
    assert capsys.readouterr().err == "It cannot go on.\n"
    assert boxes == []


def test_that_a_double_clicked_program_says_it_in_a_box(boxes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    last_words.say("It cannot go on.")
    assert boxes == ["It cannot go on."]
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    last_words.say("It cannot go on.")
    assert len(boxes) == 1


def test_that_the_box_has_the_sentence_and_closes(qtbot: QtBot, qapp: QApplication) -> None:
    seen: list[str] = []

    def close() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        box.accept()

    QTimer.singleShot(200, close)
    last_words.show_box("It cannot go on.")
    assert seen == ["It cannot go on."]
