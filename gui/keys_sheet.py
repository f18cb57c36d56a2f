"""Which keys do what, over the window until any key or click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Theme

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("Ctrl+1, 2, 3…", "The pages, from Predict on"),
            ("Ctrl+H", "History: all answers and trainings"),
            ("Ctrl+,", "Preferences"),
            ("F1", "Help"),
            ("Shift+F1", "This list"),
            ("Esc", "Back, or put away what is in front"),
            ("Ctrl+Q", "Quit"),
        ),
    ),
    (
        "Predict",
        (
            ("Ctrl+O", "Browse for photos"),
            ("Ctrl+Shift+O", "Browse for a folder"),
            ("Ctrl+V", "Paste a photo, files or a path"),
            ("H", "Show what the model looked at"),
            ("1 to 9", "Say what it really is"),
            ("C", "Choose what it is from all classes"),
            ("Ctrl+Z", "Take the last correction back"),
            ("Ctrl+C", "Copy the answer"),
        ),
    ),
    (
        "Many photos",
        (
            ("Arrows, Space", "Move, look closer"),
            ("Ctrl+F", "Search the names"),
            ("Ctrl+A", "Choose all"),
            ("Ctrl+E", "Export the answers as a table"),
            ("Ctrl+Shift+S", "Sort into folders"),
        ),
    ),
    (
        "Other pages",
        (
            ("Ctrl+Enter, Alt+Left", "Teach: go on, go back"),
            ("F2, Delete", "Teach: rename a class, leave it out"),
            ("Enter, S", "Review: the model is right, skip"),
            ("F2, Ctrl+Z", "Models: rename, take back"),
            ("Alt+1, 2, 3, P", "Monitor: minute, hour, day, pause"),
            ("Ctrl+Enter, Ctrl+B", "Server: on or off, its page in the browser"),
            ("Enter, Delete", "History: open in Predict, forget"),
            ("Ctrl+F, Alt+Left", "Help: search, back"),
        ),
    ),
)
"""Group by group: a key and what it does."""


SHEET = 900
"""Width of the sheet: room for two columns, and in the smallest window."""


class KeyGroups(QWidget):
    """All of them in two columns."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(40)
        longest = sum(len(keys) + 2 for _, keys in KEYS) / 2
        filled = 0
        column = QVBoxLayout()
        for title, keys in KEYS:
            if filled and filled + len(keys) > longest + 2 and row.count() == 0:
                column.addStretch(1)
                row.addLayout(column, 1)
                column = QVBoxLayout()
            column.addWidget(_group(title, keys))
            column.addSpacing(10)
            filled += len(keys) + 2
        column.addStretch(1)
        row.addLayout(column, 1)


def _group(title: str, keys: Sequence[tuple[str, str]]) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(7)
    heading = QLabel(title)
    heading.setProperty("role", "heading")
    column.addWidget(heading)
    for key, does in keys:
        words = QLabel(does)
        words.setProperty("role", "secondary")
        words.setWordWrap(True)
        cap = QLabel(key)
        cap.setProperty("role", "key")
        # Each for itself: in columns, the longest keys would take room from all words.
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(words, 1)
        row.addWidget(cap, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(row)
    return box


class KeysSheet(QWidget):
    """A veil over the window with one card in its middle."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self._before = window.focusWidget()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Shortcuts")
        card = QFrame()
        card.setProperty("surface", "popup")
        card.setMinimumWidth(SHEET)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(32, 24, 32, 18)
        inside.setSpacing(14)
        title = QLabel("Shortcuts")
        title.setProperty("role", "title")
        inside.addWidget(title)
        inside.addWidget(KeyGroups())
        column = QVBoxLayout(self)
        column.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    @staticmethod
    def toggle(window: QWidget, theme: Theme) -> None:
        shown = window.findChild(KeysSheet)
        if shown is not None:
            shown.put_away()
        else:
            KeysSheet(window, theme)

    def put_away(self) -> None:
        self.hide()
        self.setParent(None)
        self.deleteLater()
        if self._before is not None:
            self._before.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            # Else a key that is tried out on the list would act on the page behind it.
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            # Also Tab, with which the keyboard would go to what lies behind.
            self.put_away()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color("window", 0.8))
