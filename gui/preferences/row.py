"""One line of the form: what it is, its sentence, its control, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import SettingsError
from engine.settings import Settings
from engine.settings_schema import Setting, Value
from gui.buttons import push, tool
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
        self.grid = grid = QGridLayout(self)
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


class _Question(QWidget):
    """What would be lost, and whether it may."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = QLabel(sentence)
        self.sentence.setProperty("role", "wrong")
        self.sentence.setWordWrap(True)
        self.yes = push("Forget them", "Take the new value; what it forgets does not come back")
        self.no = push("Leave it", "Keep the value as it was")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.hide()


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
        self._wanted: Value | None = None
        self.question = _Question(setting.loses)
        self.question.yes.clicked.connect(self._on_yes)
        self.question.no.clicked.connect(self._on_no)
        self.grid.addWidget(self.question, 1, 0, 1, 2)
        theme.changed.connect(self._tint)
        self._tint()
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        value = self._settings[self.setting.key]
        self.control.show_value(value)
        self.reset.setVisible(value != self.setting.default)
        self.say("")
        self._wanted = None
        self.question.hide()

    def _on_chosen(self, value: object) -> None:
        try:
            checked: Value = self.setting.check(value)
        except SettingsError:
            self.say(f"That cannot be. {controls.allowed(self.setting)}")
            return
        if self._loses(checked):
            self._ask(checked)
        else:
            self._take(checked)

    def _take(self, value: Value) -> None:
        try:
            self._settings.set(self.setting.key, value)
        except SettingsError as error:
            self.refresh()
            self.say(str(error))
        else:
            self.refresh()

    def _loses(self, value: Value) -> bool:
        now = self._settings[self.setting.key]
        if not self.setting.loses or isinstance(value, str) or isinstance(now, str):
            return False
        return value != 0 and (now == 0 or value < now)

    def _ask(self, value: Value) -> None:
        """It cannot be undone, so it is not done by a slip of the hand."""
        self.say("")
        self._wanted = value
        self.control.show_value(value)
        self.question.setAccessibleName(self.setting.loses)
        self.question.show()
        announce(self.question)

    def _on_yes(self) -> None:
        if self._wanted is not None:
            self._take(self._wanted)
            self.control.setFocus()

    def _on_no(self) -> None:
        self.refresh()
        self.control.setFocus()

    def _on_reset(self) -> None:
        if self._loses(self.setting.default):
            self._ask(self.setting.default)
            return
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
