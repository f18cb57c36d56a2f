"""Lets Page Up and Page Down scroll what holds nothing to stop at with Tab."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractSlider, QScrollArea, QWidget


def scroll_by_keys(view: QWidget, area: QScrollArea) -> None:
    """While `view` is visible, the page keys scroll `area`."""
    bar = area.verticalScrollBar()
    for keys, step in (
        ("PgUp", QAbstractSlider.SliderAction.SliderPageStepSub),
        ("PgDown", QAbstractSlider.SliderAction.SliderPageStepAdd),
    ):
        shortcut = QShortcut(QKeySequence(keys), view)
        shortcut.activated.connect(lambda step=step: bar.triggerAction(step))
