"""How a training went: its curves, what it was taught from, and the way to the model that it gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.buttons import push
from gui.desk import Desk
from gui.history import run_words
from gui.teach.curves import Curves, Point

if TYPE_CHECKING:
    from engine.history import RunEpoch, TrainingRun


class RunDetails(QFrame):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: TrainingRun | None = None
        self.setProperty("surface", "card")
        self.setAccessibleName("The chosen training")
        self.headline = QLabel()
        self.headline.setProperty("role", "brand")
        self.headline.setWordWrap(True)
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_model = push("Show model", "Show the version that it gave on the Models page")
        self.show_model.clicked.connect(self._on_model)
        self.notes = QLabel()
        self.notes.setProperty("role", "secondary")
        self.notes.setWordWrap(True)
        self.without = QLabel()
        self.without.setProperty("role", "secondary")
        self.without.setWordWrap(True)
        self.curves = Curves(desk.theme, "Right", (1, 1))
        self.curves.setMinimumHeight(200)
        self.curves.hide()
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        head = QHBoxLayout()
        head.setSpacing(16)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self.headline)
        told.addWidget(self.line)
        head.addLayout(told, 1)
        head.addWidget(self.show_model, 0, Qt.AlignmentFlag.AlignTop)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addLayout(self._facts)
        column.addWidget(self.notes)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(below)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("About the training")
        area.setMinimumHeight(190)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 16, 12, 16)
        inside.setSpacing(16)
        inside.addLayout(head)
        inside.addWidget(self.without)
        inside.addWidget(self.curves, 3)
        inside.addWidget(area, 2)
        self.without.hide()

    def show_run(self, run: TrainingRun) -> None:
        """Say what came of it; its curves come with `show_curves`."""
        self.curves.hide()
        self.without.hide()
        self.renew(run)

    def renew(self, run: TrainingRun) -> None:
        """The same training, further on."""
        self._run = run
        self.headline.setText(run_words.headline(run))
        self.line.setText(run_words.line(run))
        self.line.setVisible(bool(self.line.text()))
        self.show_model.setVisible(run.version is not None)
        self.show_model.setAccessibleName(f"Show {run.model} v{run.version}")
        notes = [str(note) for note in run.said.get("notes", [])]
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._fill_facts(run)

    def show_curves(self, run: TrainingRun, epochs: Sequence[RunEpoch]) -> None:
        """One point an epoch; those of an earlier, interrupted run leave a gap."""
        if not epochs:
            self.curves.hide()
            self.without.setText(
                "It learns in one go, so there are no curves."
                if run.recipe == "quick" and run.state == "finished"
                else "No epoch was finished, so there are no curves."
            )
            self.without.show()
            return
        self.without.hide()
        by_number = {epoch.number: epoch for epoch in epochs}
        last = max(by_number)
        planned = int(run.plan.get("epochs") or last) if run.state == "running" else last
        told = [by_number.get(number) for number in range(1, last + 1)]
        accuracies: list[Point] = [(each.accuracy, each.val_accuracy) if each else (None, None) for each in told]
        losses: list[Point] = [(each.loss, each.val_loss) if each else (None, None) for each in told]
        # An empty one first: it forgets the range of the run that was shown before.
        self.curves.show_points([], [], max(planned, last))
        self.curves.show_points(accuracies, losses, max(planned, last))
        self.curves.show()

    def _fill_facts(self, run: TrainingRun) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, (name, value) in enumerate(run_words.facts(run)):
            label, text = QLabel(name), QLabel(value)
            label.setProperty("role", "status")
            text.setProperty("role", "status")
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(text, at, 1)

    def _on_model(self) -> None:
        if self._run is not None and self._run.version is not None:
            self._desk.ways.version_asked.emit(f"{self._run.model}@{self._run.version}")
