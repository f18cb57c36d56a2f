from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.predict.many.order import Order
from gui.predict.many_view import ManyView
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import CONTROL, click, names, press


@pytest.mark.parametrize(
    ("order", "first"),
    [(Order.LEAST_SURE, "fog.png"), (Order.CLASS, "cat 1.png"), (Order.MOST_SURE, "cat 1.png")],
)
def test_that_the_menu_sorts(many: ManyView, order: Order, first: str) -> None:
    menu = many.toolbar.order.menu()
    next(action for action in menu.actions() if action.data() is order).trigger()
    assert names(many)[0] == first
    assert many.toolbar.order.text() == order.value


def test_that_names_are_searched_from_the_keyboard_and_escape_ends_it(many: ManyView) -> None:
    press(many, Qt.Key.Key_F, CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), "DOG")
    assert names(many) == ["dog 1.png", "dog 2.png"]
    press(many, Qt.Key.Key_Escape)
    assert len(names(many)) == 8
    assert many.grid.hasFocus()


def test_that_digits_typed_into_the_search_correct_nothing(many: ManyView, opened: Opened) -> None:
    click(many, "cat 1.png")
    many.toolbar.search.setFocus()
    QTest.keyClicks(many.toolbar.search, "2")
    assert many.toolbar.search.text() == "2"
    assert many.model.corrected == 0


def test_that_a_search_without_a_result_says_so_and_offers_the_way_back(many: ManyView) -> None:
    many.toolbar.search.setText("zebra")
    assert many.nothing.isVisible()
    assert "zebra" in many.nothing.hint.text()
    many.nothing.action.click()
    assert many.grid.isVisible()
    assert len(names(many)) == 8
