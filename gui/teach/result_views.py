"""The parts of the result, one at a time: mistakes, confusion, classes, reliability, changed answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.models.replay_view import ReplayView
from gui.teach.class_table import ClassTable
from gui.teach.confusion_view import ConfusionView
from gui.teach.heat_maps import HeatMaps
from gui.teach.lesson import Lesson
from gui.teach.outcome import Judged, Outcome
from gui.teach.photo_grid import Shot
from gui.teach.photo_panel import PhotoPanel
from gui.teach.reliability_view import ReliabilityView, sentence

VIEWS = ("Mistakes", "What for what", "Classes", "How sure", "Changed answers", "Recent photos")
MISTAKES, CONFUSION, CLASSES, SURENESS, CHANGED, RECENT = range(len(VIEWS))


class ResultViews(QWidget):
    """Signals:
    mended: Paths that were relabelled or left out.
    """

    mended = Signal(object)

    def __init__(self, desk: Desk, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcome: Outcome | None = None
        self._unseen: dict[int, Callable[[], None]] = {}
        card = QFrame(self)
        self.stack = QStackedWidget(card)
        self.mistakes = PhotoPanel(desk, lesson, "", self.stack)
        self.heat = HeatMaps(desk, self.mistakes.grid)
        self.flips = PhotoPanel(desk, lesson, "", self.stack)
        self.cell = PhotoPanel(desk, lesson, "")
        self.confusion = ConfusionView(desk.theme)
        self.confusion.cell_chosen.connect(self._on_cell)
        self.table = ClassTable(self.stack)
        self.reliability = ReliabilityView(desk.theme)
        self.recent = ReplayView(desk, self.stack)
        self.sure = QLabel()
        self.sure.setWordWrap(True)
        for panel in (self.mistakes, self.flips, self.cell):
            panel.done.connect(lambda paths, _what: self.mended.emit(paths))
        tip = "Lay what the model looked at over the photos"
        self.why = push("Why: what it looked at", tip, name="Show what it looked at", kind="choice")
        self.why.setCheckable(True)
        self.why.setMinimumWidth(196)
        self.why.toggled.connect(self.heat.show)
        self.chips = []
        row = QHBoxLayout()
        row.setSpacing(6)
        for number, title in enumerate(VIEWS):
            chip = push(title, f"Show: {title.lower()}", kind="choice")
            chip.setCheckable(True)
            # Wide enough for its words when they are bold, which they are while it is pressed.
            bold = chip.font()
            bold.setPixelSize(desk.theme.size("secondary"))
            bold.setBold(True)
            chip.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(title) + 28)
            chip.clicked.connect(lambda _=False, number=number: self.show_view(number))
            self.chips.append(chip)
            row.addWidget(chip)
        row.addStretch(1)
        self.mistakes.add_button(self.why)
        for view in (self.mistakes, self._matrix(), self.table, self._sureness(), self.flips, self.recent):
            self.stack.addWidget(view)
        card.setProperty("surface", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 16, 16, 16)
        inside.addWidget(self.stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(card, 1)
        self.show_view(0)

    def show_outcome(self, outcome: Outcome) -> None:
        """Each part is filled when it is first seen: all at once is a stall with a thousand classes."""
        self._outcome = outcome
        self.heat.of(outcome.reference)
        self._unseen = {
            MISTAKES: lambda: self._fill_mistakes(outcome),
            CONFUSION: lambda: self._fill_confusion(outcome),
            CLASSES: lambda: self.table.show_classes(outcome.metrics.get("per_class", {})),
            SURENESS: lambda: self._fill_sureness(outcome),
            CHANGED: lambda: self._fill_changed(outcome),
        }
        mistaken = any(not each.right for each in outcome.judged)
        self.chips[MISTAKES].setVisible(mistaken)
        self.why.setVisible(mistaken)
        self.chips[CHANGED].setVisible(any(each.flips for each in outcome.judged))
        self.chips[RECENT].hide()
        self.show_view(MISTAKES if mistaken else CONFUSION)

    def mark(self, mended: Mapping[Path, str | None]) -> None:
        """Say below each photo that was given another label, or left out, that it was."""
        for panel in (self.mistakes, self.flips, self.cell):
            panel.grid.mark({path: f"now {label}" if label else "left out" for path, label in mended.items()})

    def show_view(self, number: int) -> None:
        for each, chip in enumerate(self.chips):
            chip.setChecked(each == number)
        fill = self._unseen.pop(number, None)
        if fill is not None:
            fill()
        self.stack.setCurrentIndex(number)

    def _fill_mistakes(self, outcome: Outcome) -> None:
        mistakes = outcome.mistakes()
        said = f"{words.count(len(mistakes), 'mistake', 'mistakes')}, the surest first"
        self.mistakes.show_photos(said, [_wrong(each) for each in mistakes])

    def _fill_confusion(self, outcome: Outcome) -> None:
        self.confusion.show_matrix(outcome.classes, outcome.matrix)
        self.cell.show_photos("Press a cell to see its photos", [])

    def _fill_sureness(self, outcome: Outcome) -> None:
        self.reliability.show_parts(outcome.reliability)
        parts = [part for part in outcome.reliability if part.get("count") and part.get("accuracy") is not None]
        self.sure.setText(sentence(parts, outcome.metrics.get("ece")))

    def _fill_changed(self, outcome: Outcome) -> None:
        flipped = outcome.flipped()
        self.flips.show_photos("Answers that only one of the two models gets right", [_flip(each) for each in flipped])

    def _on_cell(self, row: int, column: int) -> None:
        if self._outcome is not None:
            shots = [_wrong(each) for each in self._outcome.cell(row, column)]
            self.cell.show_photos(self.confusion.sentence(row, column), shots)

    def _matrix(self) -> QWidget:
        both = QWidget(self.stack)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self.confusion, 3)
        row.addWidget(self.cell, 2)
        return both

    def _sureness(self) -> QWidget:
        both = QWidget(self.stack)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self.reliability, 3)
        said = QLabel("On the dashed line it is exactly as often right as it says. Below it, it is too sure of itself.")
        said.setProperty("role", "secondary")
        said.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self.sure)
        column.addWidget(said)
        column.addStretch(2)
        row.addLayout(column, 2)
        return both


def _wrong(each: Judged) -> Shot:
    said = f"{each.said} · {words.percent(each.confidence)}"
    return Shot(each.path, said, f"labelled {each.label}")


def _flip(each: Judged) -> Shot:
    return Shot(each.path, f"{each.said}: {'now right' if each.right else 'now wrong'}", f"labelled {each.label}")
