"""How a training went: its curves, what it was taught from, and the way to the model that it gave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.history import run_words

if TYPE_CHECKING:
    from engine.history import RunEpoch, TrainingRun
    from gui.teach.curve_chart import CurveChart

_LEGEND = "solid: held back   ·   faint: learnt from"


class RunDetails(QFrame):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: TrainingRun | None = None
        self.accuracy: CurveChart | None = None
        self.loss: CurveChart | None = None
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
        self._charts = QWidget()
        self._chart_row = QHBoxLayout(self._charts)
        self._chart_row.setContentsMargins(0, 0, 0, 0)
        self._chart_row.setSpacing(24)
        self._charts.setMinimumHeight(200)
        self._charts.hide()
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
        inside = QVBoxLayout(self)
        inside.setContentsMargins(20, 16, 12, 16)
        inside.setSpacing(16)
        inside.addLayout(head)
        inside.addWidget(self.without)
        inside.addWidget(self._charts, 3)
        inside.addWidget(area, 2)
        self.without.hide()

    def show_run(self, run: TrainingRun) -> None:
        """Say what came of it; its curves come with `show_curves`."""
        self._charts.hide()
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
            self._charts.hide()
            self.without.setText(
                "It learns in one go, so there are no curves."
                if run.recipe == "quick" and run.state == "finished"
                else "No epoch was finished, so there are no curves."
            )
            self.without.show()
            return
        self.without.hide()
        self._make_charts()
        assert self.accuracy is not None
        assert self.loss is not None
        by_number = {epoch.number: epoch for epoch in epochs}
        last = max(by_number)
        planned = int(run.plan.get("epochs") or last) if run.state == "running" else last

        def curve(name: str) -> list[float | None]:
            return [
                float(getattr(by_number[number], name)) if number in by_number else None
                for number in range(1, last + 1)
            ]

        for chart, train, validation in (
            (self.accuracy, "accuracy", "val_accuracy"),
            (self.loss, "loss", "val_loss"),
        ):
            # An empty one first: it forgets the range of the run that was shown before.
            chart.show_curves([], [], max(planned, last))
            chart.show_curves(curve(train), curve(validation), max(planned, last))
        latest = by_number[last]
        self._accuracy_value.setText(words.percent(latest.val_accuracy) if math.isfinite(latest.val_accuracy) else "-")
        self._loss_value.setText(f"{latest.val_loss:.3f}" if math.isfinite(latest.val_loss) else "-")
        self._charts.show()

    def _make_charts(self) -> None:
        """With the first curves: their library takes most of a second."""
        if self.accuracy is not None:
            return
        from gui.teach.curve_chart import CurveChart

        self.accuracy = CurveChart(self._desk.theme, "Share right, by epoch", share=True)
        self.loss = CurveChart(self._desk.theme, "Loss, by epoch", share=False)
        self._accuracy_value, self._loss_value = QLabel(), QLabel()
        for chart, title, value in (
            (self.accuracy, "Right", self._accuracy_value),
            (self.loss, "Loss", self._loss_value),
        ):
            heading = QLabel(title)
            heading.setProperty("role", "heading")
            value.setProperty("role", "value")
            legend = QLabel(_LEGEND)
            legend.setProperty("role", "status")
            legend.setWordWrap(True)
            top = QHBoxLayout()
            top.addWidget(heading)
            top.addStretch(1)
            top.addWidget(value)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addLayout(top)
            column.addWidget(legend)
            column.addWidget(chart, 1)
            self._chart_row.addLayout(column, 1)

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
