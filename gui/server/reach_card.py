"""Who may reach the server, at which port, and what it may do by itself. Each choice is a setting, kept at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.settings import Settings
from engine.settings_schema import SCHEMA
from gui.buttons import push
from gui.check_box import CheckBox
from gui.server.state import ServerState
from gui.theme import Theme

_REACH = {
    "computer": ("This computer only", "Programs and browsers here. Pages of other web sites cannot use it."),
    "network": (
        "My network",
        "Other machines too, if they bring the token. The connection is not encrypted, so only in a network you trust.",
    ),
}
_RING = 8
_INDENT = 30


class ReachCard(QFrame):
    """Signals:
    copy_asked: A text should be put on the clipboard; and what it is, in a few words.
    renew_asked: Another token is wanted.
    reveal_changed: The token is to be seen now, or no longer.
    """

    copy_asked = Signal(str, str)
    renew_asked = Signal()
    reveal_changed = Signal()

    def __init__(self, theme: Theme, settings: Settings, state: ServerState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._state = state
        self.setProperty("surface", "card")
        column = QVBoxLayout(self)
        # Round buttons and boxes bring a margin of their own, for the focus ring.
        column.setContentsMargins(20 - _RING, 19, 20, 12)
        column.setSpacing(0)
        column.addWidget(_heading("Who may reach it"))
        self.reach: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        for key, (title, said) in _REACH.items():
            button = QRadioButton(title)
            button.setToolTip(said)
            button.setAccessibleName(title)
            button.setAccessibleDescription(said)
            button.clicked.connect(lambda _=False, key=key: state.set("server_reach", key))
            group.addButton(button)
            self.reach[key] = button
            column.addWidget(button)
            column.addLayout(_indented(_quiet(said)))
        self.token_row = self._make_token_row()
        column.addWidget(self.token_row)
        column.addSpacing(12)
        self.port = _number("server_port")
        self.port.setKeyboardTracking(False)
        self.port.editingFinished.connect(lambda: self._changed("server_port", self.port.value()))
        port = _row(_label("Port", self.port), self.port, stretch=True)
        port.setContentsMargins(_RING, 0, 0, 0)
        column.addLayout(port)
        column.addSpacing(12)
        column.addWidget(_heading("By itself"))
        self.with_app = _check(theme, "Switch on when Whisker starts", "server_with_app")
        self.with_app.clicked.connect(lambda on: state.set("server_with_app", on))
        column.addWidget(self.with_app)
        self.retrain = _check(theme, "Retrain after", "retrain_by_itself")
        self.retrain.clicked.connect(lambda on: state.set("retrain_by_itself", on))
        self.after = _number("retrain_after")
        self.after.setKeyboardTracking(False)
        self.after.editingFinished.connect(lambda: self._changed("retrain_after", self.after.value()))
        column.addLayout(_row(self.retrain, self.after, _label("new photos", self.after), stretch=True))
        said = "Labelled photos that programs send. The new model answers only if it is measurably better."
        column.addLayout(_indented(_quiet(said)))
        self.retrained = _quiet("")
        column.addLayout(_indented(self.retrained))
        column.addStretch(1)
        for field in (self.port, self.after):
            field.installEventFilter(self)
        state.changed.connect(self.show_state)
        self.show_state()

    @property
    def revealed(self) -> bool:
        return self.reveal.isChecked()

    def show_state(self) -> None:
        settings = self._settings
        network = settings["server_reach"] == "network"
        self.reach["network" if network else "computer"].setChecked(True)
        self.token_row.setVisible(network)
        self.token.setText(str(settings["server_token"]))
        self.with_app.setChecked(bool(settings["server_with_app"]))
        self.retrain.setChecked(bool(settings["retrain_by_itself"]))
        self.after.setEnabled(self.retrain.isChecked())
        # The toast that said it is soon gone, and nobody may have been there to read it.
        self.retrained.setText(f"Last time: {self._state.retrained}")
        self.retrained.setVisible(bool(self._state.retrained))
        for field, key in ((self.port, "server_port"), (self.after, "retrain_after")):
            if not field.hasFocus() or self._state.error is not None:
                field.setValue(int(settings[key]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The wheel scrolls; it does not change a value that happens to be under the mouse.
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _changed(self, key: str, value: int) -> None:
        # A field also says that it was left without a change.
        if value != self._settings[key]:
            self._state.set(key, value)

    def _make_token_row(self) -> QWidget:
        self.token = QLineEdit()
        self.token.setReadOnly(True)
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setAccessibleName("Token")
        self.token.setToolTip("Each request from your network must bring it, as Authorization: Bearer TOKEN")
        self.reveal = push("Show", "Show the token on the screen", kind="choice")
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._on_reveal)
        copy = push("Copy", "Copy the token", name="Copy the token", kind="choice")
        copy.clicked.connect(lambda: self.copy_asked.emit(self.token.text(), "Token"))
        self.copy_token = copy
        self.renew = push("Renew", "Make another token; programs that use this one must be given it", kind="choice")
        self.renew.clicked.connect(self.renew_asked)
        row = QWidget()
        inside = QVBoxLayout(row)
        inside.setContentsMargins(_INDENT, 6, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.token)
        inside.addLayout(_row(self.reveal, self.copy_token, self.renew, stretch=True))
        return row

    def _on_reveal(self, on: bool) -> None:
        self.token.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.reveal.setText("Hide" if on else "Show")
        self.reveal.setAccessibleName("Hide the token" if on else "Show the token")
        self.reveal_changed.emit()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setContentsMargins(_RING, 0, 0, 4)
    return label


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    return label


def _label(text: str, field: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(field)
    return label


def _check(theme: Theme, text: str, key: str) -> CheckBox:
    box = CheckBox(theme, text)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.setAccessibleName(SCHEMA[key].title)
    box.setToolTip(SCHEMA[key].description)
    return box


def _number(key: str) -> QSpinBox:
    setting = SCHEMA[key]
    field = QSpinBox()
    field.setRange(int(setting.minimum), int(setting.maximum))
    field.setGroupSeparatorShown(False)
    field.setAccessibleName(setting.title)
    field.setToolTip(f"{setting.description} {setting.allowed}")
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.lineEdit().setTextMargins(8, 0, 8, 0)
    field.setFixedWidth(92)
    return field


def _row(*widgets: QWidget, stretch: bool = False) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def _indented(inner: QLayout | QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(_INDENT, 0, 0, 8)
    if isinstance(inner, QWidget):
        row.addWidget(inner)
    else:
        row.addLayout(inner)
    return row
