from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.predict.class_picker import ClassPicker
from tests.gui.conftest import Opened

NAMES = ("catamaran", "tiger cat", "bobcat", "cat", "catwalk (stage)", "wild-cat", "dog")


def test_that_a_class_of_which_the_typed_is_a_word_comes_before_one_that_only_begins_with_it(
    opened: Opened, qtbot: QtBot
) -> None:
    over = QWidget(opened.window)
    over.resize(600, 500)
    picker = ClassPicker(opened.desk.theme, over)
    picker.ask(NAMES)
    qtbot.keyClicks(picker.search, "cat")
    found = [picker.list.model().index(row, 0).data() for row in range(picker.list.model().rowCount())]
    assert found == ["cat", "tiger cat", "wild-cat", "catamaran", "catwalk (stage)", "bobcat"]
    with qtbot.waitSignal(picker.chosen) as chosen:
        qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert chosen.args == ["cat"]
