"""A chart with its title, the value of now large in the corner, and a key that reads out whatever is pointed at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.buttons import push
from gui.monitor.chart import Chart
from gui.monitor.views import Line, View
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.monitor.reading import Reading

ASIDE_FROM = 420
"""Below this width there is room for the lines' values alone."""


class ChartCard(QFrame):
    """Signals:
    pointed: A time is pointed at, seconds before now; None when none is any more.
    view_chosen: Another view is shown, which may need figures that were not read.
    """

    pointed = Signal(object)
    view_chosen = Signal()

    def __init__(self, theme: Theme, views: Sequence[View], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reading: Reading | None = None
        self._at: float | None = None
        self._offered: dict[str, bool] = {}
        self.view = views[0]
        self.setProperty("surface", "chart")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.view.title)
        self.title = QLabel(self.view.title)
        self.title.setProperty("role", "heading")
        self.value = QLabel()
        self.value.setProperty("role", "value")
        self.chart = Chart(theme, self.view)
        self.chart.pointed.connect(self.pointed)
        self.choosers: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title)
        if len(views) > 1:
            self.title.hide()
            for view in views:
                head.addWidget(self._chooser(view))
        head.addStretch(1)
        head.addWidget(self.value)
        legend = QWidget()
        # It may be cut off, but never make the window wider.
        legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._key = QHBoxLayout(legend)
        self._key.setContentsMargins(0, 0, 0, 0)
        self._key.setSpacing(9)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(legend)
        column.addWidget(self.chart, 1)
        self.keys: list[KeyItem] = []
        self.aside = QLabel()
        self.aside.setProperty("role", "secondary")
        self.aside.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.show_view(self.view)

    def show_view(self, view: View) -> None:
        self.view = view
        for item in self.keys:
            item.setParent(None)
            item.deleteLater()
        while self._key.count():
            self._key.takeAt(0)
        self.keys = [KeyItem(self._theme, line) for line in view.lines]
        for item in self.keys:
            self._key.addWidget(item)
        self._key.addStretch(1)
        self._key.addWidget(self.aside)
        self._make_room()
        self.setToolTip(view.tip)
        if view.key in self.choosers:
            self.choosers[view.key].setChecked(True)
        self.chart.show_view(view)
        self._say()

    def offer(self, key: str, wanted: bool) -> None:
        """Whether the view of this key can be chosen; where there is no graphics card, its is left out."""
        if wanted != self._offered.get(key, True):
            self._offered[key] = wanted
            shown = [other for other in self.choosers if self._offered.get(other, True)]
            for other, button in self.choosers.items():
                button.setVisible(other in shown and len(shown) > 1)
            self.title.setVisible(len(shown) == 1)

    def draw(self, reading: Reading) -> None:
        self._reading = reading
        self.chart.draw(reading)
        self._say()

    def read_out(self, x: float | None) -> None:
        """Let the key say the values of a time, seconds before now; None goes back to now."""
        self._at = x
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.aside.setVisible(self.width() >= ASIDE_FROM)
        self._make_room()

    def _make_room(self) -> None:
        """Three lines side by side in a small window."""
        tight = self.width() < ASIDE_FROM and len(self.keys) > 2
        self._key.setSpacing(6 if tight else 9)
        for item in self.keys:
            item.tighten(tight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -100_000, Qt.Key.Key_End: 100_000}
        if event.key() in steps:
            self.pointed.emit(self.chart.step(self._at, steps[Qt.Key(event.key())]))
        elif event.key() == Qt.Key.Key_Escape and self._at is not None:
            self.pointed.emit(None)
        else:
            super().keyPressEvent(event)

    def _chooser(self, view: View) -> QPushButton:
        button = push(view.title, view.tip, name=f"Show {view.title}", kind="choice")
        button.setCheckable(True)
        button.clicked.connect(lambda: self._choose(view))
        self._group.addButton(button)
        self.choosers[view.key] = button
        return button

    def _choose(self, view: View) -> None:
        self.show_view(view)
        self.view_chosen.emit()

    def _say(self) -> None:
        reading, view = self._reading, self.view
        if reading is None:
            return
        now = [line.now(reading.sample) for line in view.lines]
        self.value.setText(_said(view, view.large(now)))
        values, when = now, ""
        found = None if self._at is None else self.chart.values(self._at)
        if found is not None:
            values = list(found[1])
            moment = datetime.fromtimestamp(reading.at + found[0])
            when = f"{moment:%H:%M:%S}" if reading.spell.step == 1 else f"{moment:%H:%M}"
        self.aside.setText(view.aside(reading.sample))
        for item, value in zip(self.keys, values, strict=True):
            item.say(_said(view, value))
        self.chart.show_cursor(None if found is None else found[0], when)
        read = ", ".join(f"{item.line.words} {item.value.text()}" for item in self.keys)
        self.setAccessibleName(f"{view.title}{f' at {when}' if when else ' now'}: {read}")


def _said(view: View, value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else view.said(value)  # noqa: RUF001 - a dash


class KeyItem(QWidget):
    """One line's sample, name and value."""

    def __init__(self, theme: Theme, line: Line, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self.value = QLabel()
        self.value.setProperty("role", "heading")
        name = QLabel(line.words)
        name.setProperty("role", "secondary")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._stroke = _Stroke(theme, line)
        self.tighten(False)
        row.addWidget(self._stroke)
        row.addWidget(name)
        row.addWidget(self.value)

    def tighten(self, on: bool) -> None:
        self._row.setSpacing(3 if on else 4)
        self._stroke.setFixedSize(QSize(9 if on else 14, 12))

    def say(self, text: str) -> None:
        if text != self.value.text():
            self.value.setText(text)


class _Stroke(QWidget):
    """A bit of the line, in its colour and style."""

    def __init__(self, theme: Theme, line: Line) -> None:
        super().__init__()
        self._theme = theme
        self._line = line
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.color(self._line.color), 2, self._line.style))
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
