"""Which keys do what, over the window until any key or click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import Theme

KEYS = (
    ("Ctrl+O", "Browse for photos"),
    ("Ctrl+Shift+O", "Browse for a folder"),
    ("Ctrl+V", "Paste a photo, files or a path"),
    ("H", "Show what the model looked at"),
    ("1 to 9", "Say what it really is"),
    ("C", "Choose what it is from all classes"),
    ("Ctrl+Z", "Take the last correction back"),
    ("Ctrl+C", "Copy the answer"),
    ("Space", "Zoom into the chosen one of many"),
    ("Ctrl+F", "Search the names of many"),
    ("Ctrl+A", "Choose all"),
    ("Ctrl+E", "Export many answers as a table"),
    ("Ctrl+Shift+S", "Sort many into folders"),
    ("Esc", "Back to the start"),
    ("Arrows, Space", "Move and look closer among many photos"),
    ("Ctrl+Enter, Alt+Left", "Teach: go on, go back"),
    ("F2, Delete", "Teach: rename a class, leave it out"),
    ("Enter, S", "Review: the model is right, skip"),
    ("Ctrl+Enter, Ctrl+B", "Server: on or off, its page in the browser"),
    ("Ctrl+1, 2, 3…", "The pages, from Predict on"),
    ("Ctrl+H", "History: all answers and trainings"),
    ("Enter, Delete", "History: open in Predict, forget"),
    ("Ctrl+,", "Preferences"),
    ("F1", "Help"),
    ("Shift+F1", "This list"),
    ("Ctrl+Q", "Quit"),
)


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
        grid = QGridLayout(card)
        grid.setContentsMargins(32, 24, 32, 28)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(10)
        title = QLabel("Shortcuts")
        title.setProperty("role", "title")
        grid.addWidget(title, 0, 0, 1, 2)
        grid.setRowMinimumHeight(1, 4)
        for row, (key, does) in enumerate(KEYS, start=2):
            words = QLabel(does)
            keys = QLabel(key)
            keys.setProperty("role", "key")
            grid.addWidget(words, row, 0)
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.put_away()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color("window", 0.8))
