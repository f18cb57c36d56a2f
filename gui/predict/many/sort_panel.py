"""Sorting into folders: where to, how, what would happen, then doing it. A panel, so that the grid stays in sight."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push, tool
from gui.desk import Desk
from gui.predict.many.grid_model import GridModel
from gui.predict.many.picture import Picture
from gui.task import Task

if TYPE_CHECKING:
    from engine.dataset.sorter import Journal, SortPlan

PLAN_AFTER_MS = 150
"""Once typing pauses."""


class SortPanel(QFrame):
    """Signals:
    sorted: The `SortPlan` that was carried out and its `Journal`.
    closed: The panel is no longer wanted.
    """

    sorted = Signal(object, object)
    closed = Signal()

    def __init__(self, desk: Desk, model: GridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._model = model
        self._planning: Task | None = None
        self._plan: SortPlan | None = None
        self._stop = threading.Event()
        self._steps = _Steps(self)
        self.setProperty("surface", "card")
        self.setAccessibleName("Sort into folders")
        self.destination = QLineEdit()
        self.destination.setAccessibleName("Folder to sort into")
        self.destination.setToolTip("A folder for each class is made in this one")
        self.browse = push("Choose…", "Choose the folder to sort into", name="Choose the folder to sort into")
        self.copy = QRadioButton("Copy")
        self.copy.setToolTip("The originals stay where they are")
        self.copy.setChecked(True)
        self.move_them = QRadioButton("Move")
        self.move_them.setToolTip("The originals go into the folders; this can be undone")
        self.sure = QSpinBox()
        self.sure.setRange(0, 100)
        self.sure.setSuffix("\u00a0%")
        self.sure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sure.setAccessibleName("Sure from")
        self.sure.setToolTip("What the model is less sure of goes to the folder unsure")
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Sorting")
        self.apply = push("Sort", "Do it; it can be undone", kind="primary")
        self.cancel = push("Cancel", "Stop; what is done can be undone")
        self.close_button = tool("Put this away (Esc)", name="Close")
        self._place()
        self._wire()
        self._tint()
        self.hide()

    def open_for(self, pictures: Sequence[Picture]) -> None:
        """Show it, with a folder beside that of the pictures."""
        if not self.destination.text():
            self.destination.setText(_beside(pictures))
        self.sure.setValue(round(float(self._desk.whisker.settings["sure_above"]) * 100))
        self.show()
        self.destination.setFocus()
        self.destination.selectAll()
        self.look()

    @property
    def busy(self) -> bool:
        return not self.bar.isHidden()

    def look(self) -> None:
        """Say what would be done."""
        self._plan = None
        self.apply.setEnabled(False)
        if not self.isHidden() and not self.busy:
            self._later.start()

    def _make_plan(self) -> None:
        if self._planning is not None:
            self._planning.cancel()
        text = self.destination.text().strip()
        if not text:
            self._say("Choose a folder to sort into.", "muted")
            return
        destination, pictures = Path(text).expanduser(), list(self._model.pictures)
        sure, move = self.sure.value() / 100, self.move_them.isChecked()

        def plan() -> SortPlan:
            from engine.dataset import sorter

            outcomes = [outcome for picture in pictures if (outcome := picture.as_corrected()) is not None]
            return sorter.plan(outcomes, destination, min_confidence=sure, move=move)

        self._planning = self._desk.tasks.run(self, plan, self._on_plan, self._on_refused, urgent=True)

    def _on_plan(self, plan: SortPlan) -> None:
        self._plan = plan
        ranked = sorted(plan.counts.items(), key=lambda each: (each[0] == "unsure", -each[1], each[0].casefold()))
        parts = [f"{number:,} to {name}" for name, number in ranked[:8]]
        if len(ranked) > 8:
            rest = ranked[8:]
            parts.append(
                f"{sum(number for _, number in rest):,} to {words.count(len(rest), 'more folder', 'more folders')}"
            )
        notes = []
        if plan.settled:
            notes.append(f"{words.count(len(plan.settled), 'is', 'are')} there already")
        if plan.skipped:
            notes.append(f"{len(plan.skipped):,} cannot be sorted")
        waiting = sum(1 for picture in self._model.pictures if picture.kept is None and picture.error is None)
        if waiting:
            notes.append(f"{words.count(waiting, 'is', 'are')} not answered yet")
        text = ", ".join(parts) if parts else "Nothing to sort."
        if notes:
            text += "  ·  " + ", ".join(notes)
        self._say(text, "text")
        verb = "Move" if plan.move else "Copy"
        self.apply.setText(f"{verb} {words.count(len(plan.moves), 'photo', 'photos')}")
        self.apply.setAccessibleName(self.apply.text())
        self.apply.setEnabled(bool(plan.moves))

    def _on_refused(self, error: WhiskerError) -> None:
        self._say(words.sentence(error), "wrong")
        self._set_busy(False)

    def _on_apply(self) -> None:
        plan = self._plan
        if plan is None or self.busy:
            return
        self._stop = stop = threading.Event()
        journals, steps = self._desk.whisker.home.journals, self._steps
        self._set_busy(True)
        self.bar.setRange(0, len(plan.moves))
        self.bar.setValue(0)

        def apply() -> Journal:
            from engine.dataset import sorter

            return sorter.apply(plan, journals, progress=lambda done, _: steps.step(done), cancel=stop)

        def done(journal: Journal) -> None:
            self._set_busy(False)
            self.sorted.emit(plan, journal)

        self._desk.tasks.run(self, apply, done, self._on_refused)

    def _set_busy(self, busy: bool) -> None:
        for widget in (self.destination, self.browse, self.copy, self.move_them, self.sure):
            widget.setEnabled(not busy)
        self.apply.setVisible(not busy)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)

    def _say(self, text: str, token: str) -> None:
        self.summary.setText(text)
        self.summary.setStyleSheet(f"color: {self._desk.theme.name(token)}")

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, "Choose the folder to sort into")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.destination.setText)
        dialog.open()

    def _place(self) -> None:
        title = QLabel("Sort into folders")
        title.setProperty("role", "heading")
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self.close_button)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.destination, 1)
        where.addWidget(self.browse)
        where.addSpacing(12)
        where.addWidget(self.copy)
        where.addWidget(self.move_them)
        where.addSpacing(12)
        least = QLabel("Sure from")
        least.setBuddy(self.sure)
        where.addWidget(least)
        where.addWidget(self.sure)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 16, 16)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(where)
        column.addLayout(foot)
        self._set_busy(False)

    def _wire(self) -> None:
        self._later = QTimer(self, singleShot=True, interval=PLAN_AFTER_MS)
        self._later.timeout.connect(self._make_plan)
        self.destination.textChanged.connect(self.look)
        self.copy.toggled.connect(self.look)
        self.sure.valueChanged.connect(self.look)
        self._model.counted.connect(self.look)
        self.browse.clicked.connect(self._on_browse)
        self.apply.clicked.connect(self._on_apply)
        self.destination.returnPressed.connect(self._on_apply)
        self.cancel.clicked.connect(lambda: self._stop.set())
        self.close_button.clicked.connect(self.closed)
        self._steps.stepped.connect(self.bar.setValue, Qt.ConnectionType.QueuedConnection)
        self._desk.theme.changed.connect(self._tint)

    def _tint(self) -> None:
        self.close_button.setIcon(self._desk.theme.icon("close", "muted"))


class _Steps(QObject):
    """Carries the steps of a sorting from its thread to the bar."""

    stepped = Signal(int)

    def step(self, done: int) -> None:
        self.stepped.emit(done)


def _beside(pictures: Sequence[Picture]) -> str:
    """A folder beside that of the pictures: "/photos/trip" -> "/photos/trip sorted"."""
    if not pictures:
        return ""
    common = os.path.commonpath([os.path.dirname(pictures[0].path), os.path.dirname(pictures[-1].path)])
    return f"{common} sorted" if os.path.basename(common) else os.path.join(common, "sorted")
