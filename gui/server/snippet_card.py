"""Snippets in tabs, filled with the real address and token."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.buttons import push
from gui.server.snippets import LANGUAGES, NOTES, snippets

LINES = 9
HIDDEN = "••••••••"


class SnippetCard(QFrame):
    """Signals:
    copy_asked: A text should be put on the clipboard; and what it is, in a few words.
    """

    copy_asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._texts: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self._hidden = False
        self._shown = LANGUAGES[0]
        title = QLabel("Ask it from a program")
        title.setProperty("role", "heading")
        self.tabs: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title, 1)
        for language in LANGUAGES:
            tab = push(language, f"Show it in {language}", kind="choice")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _=False, language=language: self.show_language(language))
            group.addButton(tab)
            self.tabs[language] = tab
            head.addWidget(tab)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Snippet")
        self.text.setToolTip("Select, or copy all of it with the button below")
        # A long line goes on below instead of out of sight; what is copied has no break there.
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.note = QLabel()
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.copy = push("Copy", "Copy these lines (Ctrl+Shift+C)", name="Copy the snippet", kind="choice")
        self.copy.clicked.connect(lambda: self.copy_asked.emit(self._texts[self._shown], "Snippet"))
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self.tabs[self._shown].setChecked(True)

    def fill(self, address: str, token: str | None, *, hide: bool) -> None:
        """`hide` keeps the token off the screen; what is copied has it all the same."""
        self._texts = snippets(address, token)
        self._hidden = hide and token is not None
        self._seen = snippets(address, HIDDEN) if self._hidden else self._texts
        self.show_language(self._shown)

    def show_language(self, language: str) -> None:
        self._shown = language
        self.note.setText(f"{NOTES[language]} Copy takes the token along." if self._hidden else NOTES[language])
        if self.text.toPlainText() != self._seen[language]:
            self.text.setPlainText(self._seen[language])
        # The longest of them fits without a scroll bar, and the card does not jump from tab to tab.
        self.text.setFixedHeight(LINES * self.text.fontMetrics().lineSpacing() + 32)
