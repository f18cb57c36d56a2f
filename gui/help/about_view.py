"""About Whisker: what it is, its version, what changed, its licence, and what it carries that others made."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine import paths
from engine.errors import WhiskerError
from engine.version import __version__
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.help.reader import Reader
from gui.problems import InlineMessage

LOGO = 64
SENTENCE = "A private image classifier: drop a photo and be told what it is, why, and honestly when it does not know."
TEXTS = (
    ("What's new", "CHANGELOG.md", "What changed from version to version"),
    ("Licence", "LICENSE", "Under which terms Whisker may be used and passed on"),
    ("Third-party notices", "THIRD-PARTY.md", "What Whisker carries that others made, and their terms"),
)


class AboutView(QWidget):
    """Signals:
    tour_asked: The tour should be shown again.
    """

    tour_asked = Signal()

    def __init__(self, desk: Desk, folder: Path | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._folder = folder or paths.program_folder()
        self.version = QLabel(f"Whisker {__version__}")
        self.version.setProperty("role", "title")
        line = QLabel(SENTENCE)
        line.setProperty("role", "secondary")
        line.setWordWrap(True)
        built_on = QLabel(f"Python {platform.python_version()} · Qt {qt_version} · free software, MIT licence")
        built_on.setProperty("role", "status")
        self._logo = QLabel()
        self._logo.setFixedSize(LOGO, LOGO)
        self.tour = push("Show the tour again", "The three cards of the first start")
        self.tour.clicked.connect(self.tour_asked)
        self.message = InlineMessage(desk.theme)
        self.reader = Reader(desk.theme, "Text")
        self.texts: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._now = ""
        said = QVBoxLayout()
        said.setSpacing(2)
        for label in (self.version, line, built_on):
            said.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(20)
        head.addWidget(self._logo)
        head.addLayout(said, 1)
        head.addWidget(self.tour)
        chips = QHBoxLayout()
        chips.setSpacing(8)
        for title, name, tip in TEXTS:
            chip = push(title, tip, kind="choice")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, name=name: self.show_text(name))
            self._group.addButton(chip)
            self.texts[name] = chip
            chips.addWidget(chip)
        chips.addStretch(1)
        card = QFrame()
        card.setProperty("surface", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 8, 1, 8)
        inside.addWidget(self.reader)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addLayout(head)
        column.addLayout(chips)
        column.addWidget(self.message)
        column.addWidget(card, 1)
        self.reader.followed.connect(self._on_followed)
        desk.theme.changed.connect(self._tint)
        self._tint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._now:
            self.show_text(TEXTS[0][1])

    def show_text(self, name: str) -> None:
        """One of the texts that come with the program."""
        self._now = name
        self.texts[name].setChecked(True)
        self.message.clear()
        path = self._folder / name
        self._desk.tasks.run(
            self, lambda: path.read_text(encoding="utf-8"), lambda text: self._on_text(name, text), self._on_unread
        )

    def _on_text(self, name: str, text: str) -> None:
        if name == self._now:
            plain = not name.endswith(".md")
            self.reader.show_markdown(f"# {self.texts[name].text()}\n\n{text}" if plain else text, self._folder)

    def _on_unread(self, error: WhiskerError) -> None:
        self.message.show_message(f"{self._now} is not part of this installation.", words.sentence(error))

    def _on_followed(self, link: str) -> None:
        if link in self.texts:
            self.show_text(link)
            return
        self.message.show_message(
            f"This leads elsewhere: {link}",
            kind="info",
            action=("Copy address", lambda: QGuiApplication.clipboard().setText(link)),
        )

    def _tint(self) -> None:
        self._logo.setPixmap(self._desk.theme.pixmap("whisker", "text", LOGO, self.devicePixelRatioF()))
