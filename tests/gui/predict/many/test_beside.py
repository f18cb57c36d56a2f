from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.predict.many_view import ManyView
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import click, press


def test_that_a_click_opens_the_photo_beside_the_grid_with_its_answer(many: ManyView, opened: Opened) -> None:
    assert not many.beside.isVisible()
    click(many, "dog 1.png")
    single = many.beside.single
    opened.wait(lambda: single.answer is not None and single.answer.name == "dog 1.png")
    assert many.beside.isVisible()
    assert single.panel.headline.text() == "Dog"
    many.beside.close_button.click()
    assert not many.beside.isVisible()


def test_that_below_the_photo_the_words_have_all_the_width(many: ManyView, opened: Opened) -> None:
    opened.window.resize(1280, 800)
    click(many, "dog 1.png")
    single = many.beside.single
    opened.wait(lambda: single.answer is not None)
    assert single.panel.y() > single.photo.y()
    assert single.panel.width() == single.contentsRect().width() - 36  # the margins at its sides
    assert single.panel.why.text() == "Why: what the model looked at"


def test_that_a_failed_picture_beside_the_grid_says_why(many: ManyView, opened: Opened) -> None:
    click(many, "gone.jpg")
    opened.wait(lambda: many.beside.stack.currentWidget() is many.beside.without)
    assert "gone.jpg is empty." in many.beside.without.why.text()


def test_that_the_splitter_is_remembered(many: ManyView, opened: Opened) -> None:
    click(many, "dog 1.png")
    left, right = many.splitter.sizes()
    many.splitter.setSizes([left - 100, right + 100])
    many.splitter.splitterMoved.emit(left - 100, 1)
    share = many.splitter.sizes()[1] / sum(many.splitter.sizes())
    opened.wait(lambda: abs(float(opened.whisker.settings["many_split"]) - share) < 0.01)


def test_that_space_zooms_arrows_go_on_and_space_comes_back(many: ManyView, opened: Opened) -> None:
    click(many, "cat 1.png")
    press(many, Qt.Key.Key_Space)
    assert many.zoomed
    assert not many.grid.isVisible()
    assert not many.beside.single.panel.isVisible()
    press(many, Qt.Key.Key_Right)
    opened.wait(lambda: many.beside.single.answer is not None and many.beside.single.answer.name == "cat 2.png")
    assert "cat 2.png" in many.beside.place.text()
    press(many, Qt.Key.Key_Space)
    assert many.grid.isVisible()
    assert many.grid.hasFocus()


def test_that_a_double_click_zooms_the_picture_that_was_clicked(many: ManyView) -> None:
    index = many.model.index(1)
    where: QPoint = many.grid.visualRect(index).center()
    QTest.mouseClick(many.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    QTest.mouseDClick(many.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert many.zoomed
    assert many.grid.current is not None
    assert many.grid.current.name == "cat 2.png"


def test_that_h_shows_what_the_model_looked_at(many: ManyView, opened: Opened) -> None:
    click(many, "cat 1.png")
    opened.wait(lambda: many.beside.single.answer is not None)
    opened.settle()
    press(many, Qt.Key.Key_H)
    opened.wait(lambda: many.beside.single.photo.has_heat)
