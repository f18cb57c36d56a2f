"""What the doctor says, beside the classes: progress while it looks, then a card for each kind of finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.teach.checkup import Checkup
from gui.teach.finding_card import FindingCard
from gui.teach.found import Found
from gui.teach.lesson import Lesson
from gui.teach.offer_list import OfferList
from gui.teach.thumbs import Thumbs

if TYPE_CHECKING:
    from engine.dataset.doctor import Report

WIDTH = 340
NARROW = 264
"""In a small window."""


class FindingsPanel(QWidget):
    """Signals:
    look_asked: Findings to be shown one by one.
    """

    look_asked = Signal(object)

    def __init__(self, desk: Desk, lesson: Lesson, checkup: Checkup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._lesson = lesson
        self._checkup = checkup
        self._shown: Report | None = None
        self._thumbs = Thumbs(desk.tasks, self)
        self.cards: list[FindingCard] = []
        self._coming: list[Found] = []
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._show_next)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("What the check found")
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.stop = push("Stop", "Stop checking", kind="quiet")
        self.stop.clicked.connect(checkup.cancel)
        self.again = push("Check", "Check these photos again", name="Check again", kind="quiet")
        self.again.clicked.connect(checkup.again)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.stop)
        head.addWidget(self.again)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Checking")
        self.offers = OfferList(lesson)
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(0, 0, 6, 0)
        self._cards.setSpacing(8)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(self._cards)
        rows.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.offers)
        column.addWidget(area, 1)
        checkup.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        checkup, report = self._checkup, self._checkup.report
        stage = checkup.stage
        self.stop.setVisible(checkup.busy)
        self.bar.setVisible(checkup.busy)
        self.again.setVisible(not checkup.busy and (checkup.stopped or checkup.error is not None))
        if stage is not None:
            self.title.setText(f"{stage[0]}…")
            self.bar.setRange(0, stage[2])
            self.bar.setValue(stage[1])
        elif checkup.busy:
            self.title.setText("Checking your photos…")
            self.bar.setRange(0, 0)
        elif checkup.error is not None:
            self.title.setText(checkup.error.message)
        elif checkup.stopped:
            self.title.setText("Not checked to the end")
        elif report is not None and not report.findings:
            self.title.setText(f"{words.count(report.pictures, 'photo', 'photos')} checked: all well")
        elif report is not None:
            self.title.setText(f"{words.count(report.pictures, 'photo', 'photos')} checked")
        if report is not self._shown:
            self._shown = report
            self._show(checkup.found)

    def _show(self, found: Sequence[Found]) -> None:
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        self._coming = list(found)
        self._next.start()

    def _show_next(self) -> None:
        """One card at a time, so that neither a key nor a scroll waits for all of them."""
        if not self._coming:
            self._thumbs.want(path for card in self.cards for path in card.faces)
            return
        card = FindingCard(self._desk, self._thumbs, self._coming.pop(0))
        card.look_asked.connect(self.look_asked)
        card.fix_asked.connect(self._lesson.fix)
        self._cards.addWidget(card)
        self.cards.append(card)
        self._next.start()
