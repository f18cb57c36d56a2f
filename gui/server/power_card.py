"""The switch, what it has done, and the address to use."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.server.state import Phase, ServerState
from gui.switch import LARGE, Switch
from gui.theme import Theme

BESIDE_FROM = 920
"""From this width on the addresses stand beside the switch if they are short enough, else below it."""
_TITLES = {
    Phase.OFF: "The server is off",
    Phase.STARTING: "Starting…",
    Phase.ON: "The server is on",
    Phase.STOPPING: "Switching off…",
}


class PowerCard(QFrame):
    """Signals:
    switched: The person wants it on, or off.
    copy_asked: A text should be put on the clipboard; and what it is, in a few words.
    browser_asked: The web page should be opened.
    """

    switched = Signal(bool)
    copy_asked = Signal(str, str)
    browser_asked = Signal()

    def __init__(self, theme: Theme, state: ServerState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._room = 0
        self.setProperty("surface", "card")
        self.switch = Switch(theme, LARGE)
        self.switch.setAccessibleName("Server")
        self.switch.setToolTip("Let programs and browsers ask Whisker (Ctrl+Enter)")
        self.switch.clicked.connect(self.switched)
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.line)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addLayout(words, 1)
        self.addresses = QWidget()
        self._grid = QGridLayout(self.addresses)
        self._grid.setContentsMargins(4, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self.address, self.copy_address = self._row(0)
        self.other, self.copy_other = self._row(1)
        self.browse = push("Open in browser", "Open the web page at this address (Ctrl+B)")
        self.browse.clicked.connect(self.browser_asked)
        self._grid.addWidget(self.browse, 0, 4)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(16, 16, 20, 16)
        self._box.setSpacing(12)
        self._box.addLayout(top, 1)
        self._box.addWidget(self.addresses)
        state.changed.connect(self.show_state)
        self.show_state()

    def fit(self, width: int) -> None:
        """Stand as `width` pixels allow. Not as many as it has: what stands too wide keeps them from growing fewer."""
        self._room = width
        self._arrange()

    def _arrange(self) -> None:
        self._grid.activate()
        self._box.setDirection(QBoxLayout.Direction.LeftToRight)
        if self._room < max(BESIDE_FROM, self._box.minimumSize().width()):
            self._box.setDirection(QBoxLayout.Direction.TopToBottom)

    def show_state(self) -> None:
        state = self._state
        self.switch.setChecked(state.phase in (Phase.ON, Phase.STARTING))
        # Not disabled on the way: that would take the keyboard from it.
        self.switch.setEnabled(state.available)
        self.title.setText(_TITLES[state.phase])
        self.line.setText(self._said())
        on = state.phase is Phase.ON
        network = on and state.wish.network
        self.addresses.setVisible(on)
        self._show(0, "On this computer" if network else "", state.local_url if on else "")
        self._show(1, "From other machines", state.shared_url if state.addresses else "This computer is in no network.")
        more = state.addresses[1:]
        self.other.setToolTip(f"Also at {', '.join(f'{one}:{state.port}' for one in more)}" if more else "")
        self._cells(0)[0].setVisible(network)
        for widget in self._cells(1):
            widget.setVisible(network)
        self.copy_other.setVisible(network and bool(state.addresses))
        self._arrange()

    def _said(self) -> str:
        state = self._state
        if not state.available:
            return "This edition of Whisker has no server. Install the full edition."
        if state.phase is not Phase.ON:
            said = "Switched on, scripts, other programs and a browser can ask the same model."
            return said if state.error is not None else f"{said} It will be at {state.local_url}."
        if state.wish.network:
            return "Programs and browsers in your network can ask Whisker, with the token."
        return "Programs and browsers on this computer can ask Whisker. Nobody else reaches it."

    def _row(self, row: int) -> tuple[QLabel, QPushButton]:
        caption = QLabel()
        caption.setProperty("role", "secondary")
        address = QLabel()
        address.setProperty("role", "address")
        address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        address.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        copy = push("Copy", "Copy the address", name="Copy the address")
        copy.clicked.connect(lambda: self.copy_asked.emit(address.text(), "Address"))
        for column, widget in ((0, caption), (1, address), (3, copy)):
            self._grid.addWidget(widget, row, column)
        return address, copy

    def _show(self, row: int, caption: str, address: str) -> None:
        labels = [widget for widget in self._cells(row) if isinstance(widget, QLabel)]
        labels[0].setText(caption)
        labels[1].setText(address)
        labels[1].setAccessibleName(f"{caption}: {address}")

    def _cells(self, row: int) -> list[QWidget]:
        items = [self._grid.itemAtPosition(row, column) for column in (0, 1, 3)]
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]
