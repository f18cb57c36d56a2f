"""Step 3: what is happening, how far it is, and how to stop it. One timer draws; nothing is drawn while hidden."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.problems import InlineMessage
from gui.teach.curves import Curves, Point
from gui.teach.teaching import Teaching

if TYPE_CHECKING:
    from engine.training.events import TrainingEvent

DRAW_MS = 250
LOG_TAIL = 20_000
WHOLE = 1_000
"""Steps of the bar: a step can hardly be seen."""


class TrainingStep(QWidget):
    """Signals:
    back_asked: Back to the recipe, after a run that made no model.
    again_asked: Start the same once more.
    """

    back_asked = Signal()
    again_asked = Signal()

    def __init__(self, desk: Desk, teaching: Teaching, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._teaching = teaching
        self._stale = False
        self._epochs = 1
        self._log = ""
        self.losses: list[Point] = []
        self.accuracies: list[Point] = []
        self.setAccessibleName("Training")
        self.message = InlineMessage(desk.theme)
        self.stage = QLabel("Nothing is being taught")
        self.stage.setProperty("role", "title")
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.cancel = push("Cancel", "Stop teaching; nothing half-made is left (Esc)", name="Cancel training")
        self.cancel.clicked.connect(teaching.cancel)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the training")
        self.fold = push("Log  ▸", "Show what the training writes", name="Log", kind="quiet", flush=True)
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName("Log of the training")
        self.log.setMaximumHeight(180)
        self.log.setTabChangesFocus(True)
        self.log.hide()
        self.notes = QLabel()
        self.notes.setProperty("role", "secondary")
        self.notes.setWordWrap(True)
        self.curves = Curves(desk.theme, "Right on photos held back", (3, 2))
        self._charts = QFrame()
        self._charts.setProperty("surface", "card")
        # Takes the room of the charts where a run failed before there was anything to draw.
        self._rest = QWidget()
        self._rest.hide()
        self._place()
        self._timer = QTimer(self, interval=DRAW_MS)
        self._timer.timeout.connect(self._draw)
        # The charts come a turn later than all else: both at once would take as long as two frames.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._draw)
        teaching.began.connect(self._on_began)
        teaching.happened.connect(self._on_event)
        teaching.stopping_changed.connect(self._on_stopping)
        teaching.ended.connect(self._on_ended)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.curves.make()
        self.curves.hide()
        self._stale = True
        self._tell_time()
        self._soon.start()
        if self._teaching.running:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def prepare(self) -> None:
        """Make the charts before a run needs them, if their library is there already."""
        if "pyqtgraph" in sys.modules:
            self.curves.make()

    def _place(self) -> None:
        words_column = QVBoxLayout()
        words_column.setSpacing(2)
        words_column.addWidget(self.stage)
        words_column.addWidget(self.line)
        head = QHBoxLayout()
        head.addLayout(words_column, 1)
        head.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        inside = QVBoxLayout(self._charts)
        inside.setContentsMargins(20, 16, 20, 16)
        inside.addWidget(self.curves)
        foot = QHBoxLayout()
        foot.addWidget(self.fold)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.message)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self._charts, 1)
        column.addWidget(self.notes)
        column.addWidget(self._rest, 1)
        column.addLayout(foot)
        column.addWidget(self.log)

    def _on_began(self) -> None:
        plan = self._teaching.plan
        assert plan is not None
        self.losses, self.accuracies = [], []
        self._epochs = plan.checked().epochs or 1
        self._log = ""
        self.message.clear()
        self.notes.clear()
        self.log.clear()
        self.stage.setText("Starting…")
        self.bar.setRange(0, 0)
        self.bar.show()
        self.line.show()
        self._show_charts(True)
        self.cancel.setText("Cancel")
        self.cancel.setEnabled(True)
        self.cancel.show()
        self._stale = True
        if self.isVisible():
            self._timer.start()
        self._tell_time()

    def _on_event(self, event: TrainingEvent) -> None:
        from engine.training.events import (
            Batch,
            Cancelled,
            Epoch,
            Exported,
            Failed,
            Finished,
            Notice,
            Prepared,
            Resumed,
            Stage,
        )

        self._log = self._teaching.log or self._log
        match event:
            case Prepared():
                shares = f"{event.train:,} to learn from, {event.validation:,} to steer by, {event.test:,} to judge by"
                self._note(f"{shares}.", *event.notes)
            case Notice():
                self._note(event.message)
            case Stage():
                self.stage.setText(event.message)
            case Batch():
                self.stage.setText(f"Learning: epoch {event.epoch} of {self._epochs}")
            case Epoch():
                self._epochs = event.total
                self.stage.setText(f"Learning: epoch {event.number} of {event.total}")
                # A quick training tells of some epochs only; each is drawn where it belongs.
                untold: list[Point] = [(None, None)] * (event.number - 1 - len(self.losses))
                self.losses += untold
                self.accuracies += untold
                self.losses.append((event.loss, event.val_loss))
                self.accuracies.append((event.accuracy, event.val_accuracy))
                if not math.isfinite(event.loss):
                    self._note("Its error is no longer a number; a smaller learning rate would help.")
                self._stale = True
            case Resumed():
                self._note(f"Taken up again after epoch {event.epoch}.")
            case Exported():
                self.stage.setText("Checking that the finished model answers the same")
            case Cancelled():
                how = {
                    "asked": "It stopped when asked.",
                    "terminated": "It had to be ended.",
                    "killed": "It was ended.",
                }
                self._over("Training was cancelled", f"{how.get(event.how, '')} Nothing half-made was left.", "info")
            case Failed():
                log = f" The log is {event.log}" if event.log else ""
                self._over(event.message, f"{event.hint}{log}".strip(), "problem")
            case Finished():
                self.stage.setText("Done")
                self.bar.setRange(0, 1)
                self.bar.setValue(1)

    def _over(self, text: str, hint: str, kind: str) -> None:
        self.stage.setText("No model was made")
        self.bar.hide()
        self.line.hide()
        self._show_charts(bool(self.accuracies))
        again = ("Try again", self.again_asked.emit)
        self.message.show_message(text, hint, kind=kind, action=again)

    def _show_charts(self, on: bool) -> None:
        self._charts.setVisible(on)
        self._rest.setVisible(not on)

    def _note(self, *notes: str) -> None:
        before = [self.notes.text()] if self.notes.text() else []
        self.notes.setText("\n".join([*before, *notes][-4:]))

    def _on_stopping(self) -> None:
        if self._teaching.stopping:
            self.cancel.setText("Cancelling…")
            self.cancel.setEnabled(False)
            self.stage.setText(self._teaching.stopping)
            self.bar.setRange(0, 0)

    def _on_ended(self) -> None:
        self._timer.stop()
        if self.message.isVisible() and self.focusWidget() in (None, self.cancel, self.fold):
            # Qt hands the keyboard of a Cancel that is off to what comes next, which is the log.
            self.message.action.setFocus(Qt.FocusReason.OtherFocusReason)
        self.cancel.hide()
        self.line.clear()
        self._draw()

    def _draw(self) -> None:
        if not self.isVisible():
            return
        self._tell_time()
        if self.log.isVisible():
            self._read_log()
        if self._stale:
            self._stale = False
            self.curves.show()
            self.curves.show_points(self.accuracies, self.losses, self._epochs)

    def _tell_time(self) -> None:
        if not self._teaching.running:
            return
        passed = f"{int(time.monotonic() - self._teaching.began_at)}\u00a0s so far"
        left = None if self._teaching.stopping else self._teaching.left
        ahead = "" if left is None else f"{words.duration(left)} left  ·  " if left else "longer than expected  ·  "
        self.line.setText(f"{ahead}{passed}")
        self._teaching.tell_share()
        if self._teaching.share is not None and not self._teaching.stopping:
            self.bar.setRange(0, WHOLE)
            self.bar.setValue(round(WHOLE * self._teaching.share))

    def _on_fold(self, on: bool) -> None:
        self.fold.setText("Log  ▾" if on else "Log  ▸")
        self.log.setVisible(on)
        if on:
            self._read_log()

    def _read_log(self) -> None:
        path = self._teaching.log or self._log
        if not path:
            self.log.setPlainText("Nothing is written yet.")
            return

        def tail() -> str:
            content = Path(path).read_bytes()[-LOG_TAIL:].decode("utf-8", "replace")
            return f"{path}\n{content}"

        self._desk.tasks.run(self, tail, self._show_log, lambda _error: None)

    def _show_log(self, text: str) -> None:
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            bar = self.log.verticalScrollBar()
            bar.setValue(bar.maximum())
