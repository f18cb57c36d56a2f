"""One line of the form: what it is, its sentence, its control, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import SettingsError
from engine.settings import Setting, Settings, Value
from gui.buttons import tool
from gui.preferences import controls
from gui.problems import announce
from gui.theme import Theme


class Row(QWidget):
    """Words at the left, something to choose with at the right, and a sentence below when that cannot be."""

    def __init__(self, title: str, description: str, control: QWidget) -> None:
        super().__init__()
        self.title = QLabel(title)
        self.title.setProperty("role", "heading")
        self.description = QLabel(description)
        self.description.setProperty("role", "secondary")
        self.description.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("role", "wrong")
        self.problem.setWordWrap(True)
        self.problem.hide()
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self.title, self.description, self.problem):
            words.addWidget(label)
        words.addStretch(1)
        self.right = QHBoxLayout()
        self.right.setSpacing(6)
        self.right.addWidget(control)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.addLayout(words, 0, 0)
        grid.addLayout(self.right, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)

    def matches(self, words: str) -> bool:
        """Whether each of the words searched for stands somewhere in this row."""
        text = f"{self.title.text()} {self.description.text()}".casefold()
        return all(word in text for word in words.casefold().split())

    def say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if problem:
            self.problem.setAccessibleName(problem)
            announce(self.problem)


class SettingRow(Row):
    """A setting of the schema; what is chosen holds at once, what cannot be is said here and changes nothing."""

    def __init__(self, theme: Theme, settings: Settings, setting: Setting) -> None:
        self.control = controls.control(setting, theme)
        super().__init__(setting.title, setting.description, self.control)
        self._theme = theme
        self._settings = settings
        self.setting = setting
        self.control.name(setting.title, setting.description)
        self.control.chosen.connect(self._on_chosen)
        default = controls.said(setting, setting.default)
        self.reset = tool(f"Back to the default: {default}", name=f"{setting.title}: back to the default, {default}")
        self.reset.clicked.connect(self._on_reset)
        keeps_its_place = self.reset.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keeps_its_place)
        self.right.insertWidget(0, self.reset)
        theme.changed.connect(self._tint)
        self._tint()
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        value = self._settings[self.setting.key]
        self.control.show_value(value)
        self.reset.setVisible(value != self.setting.default)
        self.say("")

    def _on_chosen(self, value: object) -> None:
        try:
            checked: Value = self.setting.check(value)
        except SettingsError:
            self.say(f"That cannot be. {controls.allowed(self.setting)}")
            return
        try:
            self._settings.set(self.setting.key, checked)
        except SettingsError as error:
            self.refresh()
            self.say(str(error))
        else:
            self.refresh()

    def _on_reset(self) -> None:
        try:
            self._settings.reset(self.setting.key)
        except SettingsError as error:
            self.say(str(error))
        else:
            self.refresh()
            # The button goes; the keyboard goes on from the control.
            self.control.setFocus()

    def _tint(self) -> None:
        self.reset.setIcon(self._theme.icon("undo", "muted"))
