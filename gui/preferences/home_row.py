"""Where everything is kept: shown, opened, and how to move it."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.buttons import push
from gui.desk import Desk
from gui.elided_label import ElidedLabel

SENTENCE = (
    "Settings, history, your own models, caches and logs all lie in this one folder. Your photos stay where they are."
)
MOVE = (
    "To move it: close Whisker, move the folder, and set the environment variable WHISKER_HOME to its new place before "
    "Whisker starts again."
)
SET = (
    "It is here because the environment variable WHISKER_HOME says so. To move it: close Whisker, move the folder, and "
    "change the variable."
)


class HomeRow(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._home = desk.whisker.home.root
        self.title = QLabel("Where Whisker keeps things")
        self.title.setProperty("role", "heading")
        self.path = ElidedLabel()
        self.path.set_full_text(str(self._home))
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        chosen = bool(os.environ.get("WHISKER_HOME", "").strip())
        self.sentence = QLabel(f"{SENTENCE} {SET if chosen else MOVE}")
        self.sentence.setProperty("role", "secondary")
        self.sentence.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("role", "wrong")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.open = push("Open folder", "Show the folder in the file manager", name="Open Whisker's folder")
        self.open.clicked.connect(self._on_open)
        self.copy = push("Copy path", "Copy the folder's path", name="Copy the path of Whisker's folder")
        self.copy.clicked.connect(self._on_copy)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.path, 1)
        line.addWidget(self.copy)
        line.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addLayout(line)
        column.addWidget(self.sentence)
        column.addWidget(self.problem)

    def matches(self, words: str) -> bool:
        text = f"{self.title.text()} {self.sentence.text()} home folder path".casefold()
        return all(word in text for word in words.casefold().split())

    def _on_open(self) -> None:
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._home)))
        self.problem.setText("This system has no file manager that Whisker could ask. Copy the path instead.")
        self.problem.setVisible(not opened)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self._home))
        self._desk.toast("The path is copied", None)
