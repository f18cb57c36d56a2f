"""Nothing to teach with yet: one sentence, one button, and photos to try it with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine import paths
from gui.buttons import push
from gui.desk import Desk
from gui.teach.lesson import Lesson
from gui.teach.offer_list import OfferList


def sample_set() -> Path | None:
    """The labelled photos that come with the program, if they do."""
    folder = paths.program_folder() / "data" / "sample-set"
    return folder if folder.is_dir() else None


class EmptyImages(QFrame):
    """Signals:
    browse_asked: A folder is to be chosen.
    sample_asked: The sample photos are to be used.
    """

    browse_asked = Signal()
    sample_asked = Signal()

    def __init__(self, desk: Desk, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.offers = OfferList(lesson)
        self.offers.setFixedWidth(440)
        self.setProperty("surface", "card")
        self._icon = QLabel()
        self.title = QLabel("Teach your own classes")
        self.title.setProperty("role", "title")
        self.line = QLabel(
            "Drop a folder for each class anywhere in this window. Twenty photos of each are a good start.\n"
            "Your photos stay where they are, and nothing leaves this computer."
        )
        self.line.setProperty("role", "secondary")
        self.line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.browse = push(
            "Choose a folder…", "Choose a folder of labelled photos (Ctrl+O)", name="Choose a folder", kind="primary"
        )
        self.browse.clicked.connect(self.browse_asked)
        self.sample = push("Try it with sample photos", "Use the small set of photos that comes with Whisker")
        self.sample.clicked.connect(self.sample_asked)
        if sample_set() is None:
            self.sample.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(14)
        buttons.addStretch(1)
        buttons.addWidget(self.browse)
        buttons.addWidget(self.sample)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(4)
        middle = Qt.AlignmentFlag.AlignHCenter
        for widget, space in ((self._icon, 16), (self.title, 8), (self.line, 24)):
            column.addWidget(widget, 0, middle)
            column.addSpacing(space)
        column.addLayout(buttons)
        column.addSpacing(24)
        column.addWidget(self.offers, 0, middle)
        column.addStretch(5)
        desk.theme.changed.connect(self._tint)
        self._tint()

    def show_unavailable(self) -> None:
        """This edition came without what training takes."""
        self.title.setText("Training needs the full edition")
        self.line.setText(
            "This light edition of Whisker answers photos, but cannot teach.\n"
            "Install the full edition; your models and settings will be there."
        )
        self.browse.hide()
        self.sample.hide()

    def _tint(self) -> None:
        self._icon.setPixmap(self._desk.theme.pixmap("teach", "accent", 48, self._desk.theme.ratio))
