from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from gui.teach.class_table import COLUMNS, ClassTable


@pytest.fixture
def table(qtbot: QtBot) -> ClassTable:
    shown = ClassTable()
    qtbot.addWidget(shown)
    shown.show_classes({"breed 10": score(9, 0.9), "breed 2": score(7, 0.2), "cat": score(8, 0.5)})
    return shown


def score(support: int, share: float) -> dict[str, Any]:
    return {"support": support, "recall": share, "precision": 1 - share, "f1": share, "recall_interval": (0.1, 1.0)}


def names(table: ClassTable) -> list[Any]:
    return [table.model().index(row, 0).data() for row in range(table.model().rowCount())]


def test_that_the_weakest_class_stands_first_and_a_new_result_is_sorted_the_same_way(table: ClassTable) -> None:
    assert names(table) == ["breed 2", "cat", "breed 10"]
    table.show_classes({"strong": score(3, 1.0), "weak": score(3, 0.0)})
    assert names(table) == ["weak", "strong"]


def test_that_each_column_can_be_sorted_both_ways_and_names_as_people_count(table: ClassTable) -> None:
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["breed 2", "breed 10", "cat"]
    for column in range(1, len(COLUMNS)):
        table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
        up = names(table)
        table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        if column != 3:  # All are as sure of it, and so keep their order.
            assert names(table) == up[::-1]


def test_that_the_chosen_class_stays_chosen_when_the_order_changes(table: ClassTable) -> None:
    table.selectRow(1)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    chosen = table.selectionModel().selectedRows()
    assert [index.data() for index in chosen] == ["cat"]
    assert table.selectionModel().isRowSelected(2)
    table.selectionModel().select(chosen[0], QItemSelectionModel.SelectionFlag.Clear)
