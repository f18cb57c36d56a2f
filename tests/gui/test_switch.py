from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.switch import LARGE, SMALL, Switch
from tests.gui.conftest import Opened


@pytest.mark.parametrize("height", [SMALL, LARGE])
def test_that_a_switch_is_pressed_anywhere_on_it_and_by_the_space_bar(opened: Opened, height: int) -> None:
    switch = Switch(opened.desk.theme, height)
    opened.qtbot.addWidget(switch)
    switch.show()
    clicks: list[bool] = []
    switch.clicked.connect(lambda on: clicks.append(on))
    for at in (switch.rect().topLeft(), switch.rect().center(), switch.rect().bottomRight()):
        opened.qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=at)
    opened.qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert clicks == [True, False, True, False]


@pytest.mark.parametrize("height", [SMALL, LARGE])
def test_that_on_looks_other_than_off(opened: Opened, height: int) -> None:
    switch = Switch(opened.desk.theme, height)
    opened.qtbot.addWidget(switch)
    off = switch.grab().toImage()
    switch.setChecked(True)
    assert switch.grab().toImage() != off
    assert switch.height() == height + 8
