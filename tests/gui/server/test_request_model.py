from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import paths
from engine.bulletin import RequestAnswered
from gui.server.request_model import COLUMNS, KEPT, Column, RequestModel
from gui.theme import Theme


@pytest.fixture
def model(qapp: QApplication) -> RequestModel:
    return RequestModel(Theme(qapp, paths.resources()))


def request(number: int, status: int = 200) -> RequestAnswered:
    return RequestAnswered(1_790_000_000.0 + number, "POST", f"/api/predict/{number}", status, 12.3, "127.0.0.1")


def test_that_it_keeps_so_many_and_no_more_the_latest_first(model: RequestModel, qtbot: QtBot) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_live(True)
    for number in range(KEPT + 300):
        model.hear(request(number))
        if number % 150 == 0:
            qtbot.waitUntil(lambda number=number: str(model.index(0, 2).data()).endswith(f"/{number}"))
    qtbot.waitUntil(lambda: str(model.index(0, 2).data()).endswith(f"/{KEPT + 299}"))
    assert model.rowCount() == KEPT
    assert model.heard == KEPT + 300
    assert model.index(KEPT - 1, 2).data().endswith("/300")
    tester.deleteLater()


def test_that_a_rush_costs_no_more_than_a_handful_of_insertions(model: RequestModel, qtbot: QtBot) -> None:
    inserted: list[int] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append(last - first + 1))
    model.show_live(True)
    for number in range(400):
        model.hear(request(number))
    qtbot.waitUntil(lambda: model.rowCount() == 400)
    assert len(inserted) < 5


def test_that_while_nobody_looks_rows_wait_in_bounded_memory(model: RequestModel) -> None:
    for number in range(KEPT * 3):
        model.hear(request(number))
    assert model.rowCount() == 0
    model.show_live(True)
    assert model.rowCount() == KEPT


@pytest.mark.parametrize(("status", "meaning"), [(200, "answered"), (401, "token"), (503, "busy"), (500, "fault")])
def test_that_a_row_says_itself_in_a_sentence(model: RequestModel, status: int, meaning: str, tmp_path: Path) -> None:
    model.show_live(True)
    model.hear(request(1, status))
    model._flush()
    said = str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert "POST /api/predict/1" in said
    assert meaning in said
    assert str(model.index(0, COLUMNS.index(Column.STATUS)).data()) == str(status)
