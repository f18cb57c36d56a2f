"""What a setting of each kind is chosen with.

A control says what the person chose, be it sensible or not, and shows what it is told; who holds the settings judges.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from engine.settings_schema import Kind, Setting, Value
from gui.buttons import push
from gui.choice_list import ChoiceList
from gui.switch import Switch
from gui.theme import Theme

_CHIPS_UP_TO = 3
"""So many choices stand side by side; more are a list."""


class Control(QWidget):
    """Signals:
    chosen: What the person chose or typed, not judged yet.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def show_value(self, value: Value) -> None:
        raise NotImplementedError

    def name(self, title: str, description: str) -> None:
        """What a screen reader says, and the tooltip."""
        raise NotImplementedError


class SwitchControl(Control):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.switch = Switch(theme)
        self.switch.clicked.connect(lambda on: self.chosen.emit(on))
        self.setFocusProxy(self.switch)
        self.row.addWidget(self.switch)

    def show_value(self, value: Value) -> None:
        self.switch.setChecked(bool(value))

    def name(self, title: str, description: str) -> None:
        self.switch.setAccessibleName(title)
        self.switch.setToolTip(description)


class ChipsControl(Control):
    """A few choices side by side."""

    def __init__(self, choices: Sequence[str], words: Sequence[str]) -> None:
        super().__init__()
        self.chips: dict[str, QPushButton] = {}
        self._words = dict(zip(choices, words, strict=True))
        self._group = QButtonGroup(self)
        for choice, said in self._words.items():
            chip = push(said, said, kind="choice")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, choice=choice: self.chosen.emit(choice))
            self._group.addButton(chip)
            self.chips[choice] = chip
            self.row.addWidget(chip)

    def show_value(self, value: Value) -> None:
        self.chips[str(value)].setChecked(True)
        self.setFocusProxy(self.chips[str(value)])

    def name(self, title: str, description: str) -> None:
        self.setAccessibleName(title)
        for choice, chip in self.chips.items():
            chip.setAccessibleName(f"{title}: {self._words[choice]}")
            chip.setToolTip(description)


class ListControl(Control):
    """Many choices, one under the other."""

    def __init__(self, theme: Theme, choices: Sequence[str] = (), words: Sequence[str] = ()) -> None:
        super().__init__()
        self.box = ChoiceList(theme)
        self.box.setMinimumWidth(200)
        self.offer(choices, words)
        self.box.activated.connect(lambda at: self.chosen.emit(self.box.itemData(at)))
        self.setFocusProxy(self.box)
        self.row.addWidget(self.box)

    def offer(self, choices: Sequence[str], words: Sequence[str]) -> None:
        self.box.clear()
        for choice, said in zip(choices, words, strict=True):
            self.box.addItem(said, choice)

    def show_value(self, value: Value) -> None:
        self.box.setCurrentIndex(self.box.findData(value))

    def name(self, title: str, description: str) -> None:
        self.box.setAccessibleName(title)
        self.box.setToolTip(description)


class NumberControl(Control):
    """A number and what it counts. Shares are typed as percents. Arrow keys go up and down by one."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        self._share = setting.kind is Kind.FRACTION
        self.field = _NumberField()
        self.field.setMaxLength(12)
        self.field.setFixedWidth(84)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.editingFinished.connect(self._on_typed)
        self.field.stepped.connect(self._on_step)
        self.setFocusProxy(self.field)
        self.row.addWidget(self.field)
        if said := "%" if self._share else setting.unit:
            unit = QLabel(said)
            unit.setProperty("role", "secondary")
            self.row.addWidget(unit)
        self._shown = ""

    def show_value(self, value: Value) -> None:
        number = float(value) * 100 if self._share else float(value)
        self._shown = f"{round(number, 2):.15g}"
        self.field.setText(self._shown)

    def name(self, title: str, description: str) -> None:
        self.field.setAccessibleName(title)
        self.field.setToolTip(description)

    def _on_typed(self) -> None:
        # Leaving the field as it was is no choice.
        if self.field.text() != self._shown:
            self._shown = self.field.text()
            self.chosen.emit(self._read(self._shown))

    def _on_step(self, by: int) -> None:
        number = self._read(self.field.text())
        if isinstance(number, int | float):
            step = by / 100 if self._share else by
            low, high = self._setting.minimum, self._setting.maximum
            self.chosen.emit(min(max(round(number + step, 4), low), high))

    def _read(self, text: str) -> object:
        plain = text.strip().rstrip("%").strip()
        try:
            number = float(plain.replace(",", "."))
        except ValueError:
            return text
        return number / 100 if self._share else number


class _NumberField(QLineEdit):
    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)


class TextControl(Control):
    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setFixedWidth(240)
        self.field.editingFinished.connect(self._on_typed)
        self.setFocusProxy(self.field)
        self.row.addWidget(self.field)
        self._shown = ""

    def show_value(self, value: Value) -> None:
        self._shown = str(value)
        self.field.setText(self._shown)

    def name(self, title: str, description: str) -> None:
        self.field.setAccessibleName(title)
        self.field.setToolTip(description)

    def _on_typed(self) -> None:
        if self.field.text() != self._shown:
            self._shown = self.field.text()
            self.chosen.emit(self._shown)


def control(setting: Setting, theme: Theme) -> Control:
    """The control for a setting."""
    if setting.kind is Kind.SWITCH:
        return SwitchControl(theme)
    if setting.kind is Kind.CHOICE:
        words = setting.words or tuple(choice[:1].upper() + choice[1:] for choice in setting.choices)
        few = len(setting.choices) <= _CHIPS_UP_TO
        return ChipsControl(setting.choices, words) if few else ListControl(theme, setting.choices, words)
    if setting.kind is Kind.TEXT:
        return TextControl()
    return NumberControl(setting)


def said(setting: Setting, value: Value) -> str:
    """A value in the form's own words: "On", "80 %", "365 days", "Light"."""
    if setting.kind is Kind.SWITCH:
        return "On" if value else "Off"
    if setting.kind is Kind.CHOICE and setting.words:
        return setting.words[setting.choices.index(str(value))]
    if setting.kind is Kind.FRACTION:
        return f"{round(float(value) * 100, 2):g} %"
    return f"{value} {setting.unit}".strip() if value != "" else "empty"


def allowed(setting: Setting) -> str:
    """Which values are, in the form's own words."""
    if setting.kind is Kind.FRACTION:
        return f"Choose from {setting.minimum * 100:g} to {setting.maximum * 100:g} %."
    if setting.kind is Kind.INTEGER:
        return f"Choose a whole number from {setting.minimum:,.0f} to {setting.maximum:,.0f}."
    return setting.allowed
