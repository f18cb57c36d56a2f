"""How the window says that something happened: a line in its place, or a quiet toast with Undo; never a modal box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.buttons import push, tool
from gui.theme import ICON, Theme

TOAST_MS = 7000
"""Long enough to read a line and reach for Undo."""
TOAST_ABOVE = 12
"""Pixels between a toast and the lower edge of the page."""


def announce(widget: QWidget) -> None:
    """Have a screen reader say a message that came up by itself."""
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))


class InlineMessage(QFrame):
    """A message in its place, with a hint what to do next; hidden while there is none.

    Signals:
        closed: The person has put it away.
    """

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = "problem"
        self._act: Callable[[], None] | None = None
        self.setProperty("surface", "message")
        self._icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.hint = QLabel()
        self.hint.setProperty("role", "secondary")
        self.hint.setWordWrap(True)
        self.action = push("", "")
        self.action.clicked.connect(self._on_action)
        self._close = tool("Put this message away", name="Put this message away", side=ICON)
        self._close.clicked.connect(self.clear)
        self._close.clicked.connect(self.closed)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.action)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._tint)
        self._tint()
        self.hide()

    def show_message(
        self,
        text: str,
        hint: str = "",
        *,
        kind: str = "problem",
        action: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """`kind` is `problem` or `info`; `action` is a button's words and what it does."""
        self._kind = kind
        self.setProperty("kind", kind)
        self.style().polish(self)
        self._tint()
        self.text.setText(text)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.action.setVisible(action is not None)
        if action is not None:
            self.action.setText(action[0])
            self.action.setAccessibleName(action[0])
            self.action.setToolTip(action[0])
            self._act = action[1]
        self.setAccessibleName(f"{text} {hint}".strip())
        self.show()
        announce(self)

    def clear(self) -> None:
        self.hide()
        self.text.clear()
        self.hint.clear()

    def _on_action(self) -> None:
        if self._act is not None:
            self._act()

    def _tint(self) -> None:
        problem = self._kind == "problem"
        icon = self._theme.icon("warning" if problem else "info", "wrong" if problem else "muted")
        self._icon.setPixmap(icon.pixmap(ICON, ICON))
        self._close.setIcon(self._theme.icon("close", "muted"))


class Toast(QFrame):
    """A quiet line over the foot of the page that goes by itself, with Undo while it stands.

    Args:
        page: What it stands over; what is below that, as the tour, is not covered.
    """

    def __init__(self, theme: Theme, window: QWidget, page: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._page = page
        self._undo: Callable[[], None] | None = None
        self.setProperty("surface", "toast")
        self.text = QLabel()
        self.undo = push("Undo", "Take it back (Ctrl+Z)", kind="toast")
        self.undo.clicked.connect(self._on_undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(16)
        row.addWidget(self.text)
        row.addWidget(self.undo)
        self._timer = QTimer(self, singleShot=True, interval=TOAST_MS)
        self._timer.timeout.connect(self._go)
        page.installEventFilter(self)
        self.hide()

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        self._undo = undo
        self.text.setText(text)
        self.undo.setVisible(undo is not None)
        self.setAccessibleName(text)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Also after the window was minimised: else it would stand for good.
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _go(self) -> None:
        self.hide()
        self._undo = None

    def _on_undo(self) -> None:
        undo, self._undo = self._undo, None
        self.hide()
        if undo is not None:
            undo()

    def _place(self) -> None:
        foot = self._page.mapTo(self._window, QPoint(0, self._page.height())).y()
        self.move((self._window.width() - self.width()) // 2, foot - TOAST_ABOVE - self.height())
