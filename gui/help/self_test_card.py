"""Does this installation work? Runs the self-test on the spot, step by step, in a throw-away home."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from engine.errors import WhiskerError
from engine.self_test import Began, Ended, run
from gui import words
from gui.buttons import push
from gui.check_box import CheckBox
from gui.desk import Desk
from gui.jobs import Job
from gui.task import Task
from gui.theme import ICON

SENTENCE = "Each part does its job once, in a throw-away place. Your own settings, history and models are left alone."
TEACH = "Teach a small model too (about a minute)"


class SelfTestCard(QFrame):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._task: Task | None = None
        self._job: Job | None = None
        self._rows: dict[int, tuple[QLabel, QLabel]] = {}
        self._failed = 0
        self.lines: list[str] = []
        self.setProperty("surface", "card")
        self.setAccessibleName("Self-test")
        heading = QLabel("Self-test")
        heading.setProperty("role", "group")
        sentence = QLabel(SENTENCE)
        sentence.setProperty("role", "secondary")
        sentence.setWordWrap(True)
        self.teach = CheckBox(desk.theme, TEACH)
        self.teach.setToolTip("Trains a model on the sample photos, exports it and asks it; it takes the longest")
        self.teach.setAccessibleName(TEACH)
        self.start = push("Run the self-test", "See whether every part of this installation works", kind="primary")
        self.cancel = push("Cancel", "End it after the step under way")
        self.cancel.hide()
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.hide()
        self._steps = QGridLayout()
        self._steps.setHorizontalSpacing(10)
        self._steps.setVerticalSpacing(8)
        self._steps.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(12)
        for widget in (heading, sentence, self.teach):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addLayout(self._steps)
        column.addWidget(self.verdict)
        self.start.clicked.connect(self.begin)
        self.cancel.clicked.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._task is not None

    def begin(self) -> None:
        if self.running:
            return
        self._clear()
        teach, make = self.teach.isChecked(), self._desk.server.make

        def stream(stop: threading.Event) -> Iterator[Began | Ended]:
            return run(make, teach_too=teach, cancel=stop)

        self._job = self._desk.jobs.begin("help", "Self-test", self.stop)
        self._task = self._desk.tasks.follow(self, stream, self._on_news, self._on_done, self._on_failed)
        self._show_running(True)

    def stop(self) -> None:
        if self._task is not None:
            # What was cancelled says nothing more.
            self._task.cancel()
            self._end("Cancelled.")

    def _on_news(self, news: list[Began | Ended]) -> None:
        for said in news:
            if isinstance(said, Began):
                self._add(said.number, said.name)
            else:
                self._show_ended(said)
            if self._job is not None:
                self._job.progress(said.number - isinstance(said, Began), said.steps)

    def _on_done(self) -> None:
        many = len(self._rows)
        self._end(f"{self._failed} of {many} checks failed." if self._failed else "All is well.")

    def _on_failed(self, error: WhiskerError) -> None:
        self._end(words.sentence(error))

    def _add(self, number: int, name: str) -> None:
        icon, text = QLabel(), QLabel(f"{name[:1].upper()}{name[1:]}…")
        text.setProperty("role", "secondary")
        text.setWordWrap(True)
        icon.setPixmap(self._desk.theme.icon("more", "muted").pixmap(ICON, ICON))
        self._steps.addWidget(icon, number, 0, Qt.AlignmentFlag.AlignTop)
        self._steps.addWidget(text, number, 1)
        self._rows[number] = (icon, text)

    def _show_ended(self, ended: Ended) -> None:
        icon, text = self._rows[ended.number]
        name = f"{ended.name[:1].upper()}{ended.name[1:]}"
        token = ("check", "sure") if ended.well else ("warning", "wrong")
        icon.setPixmap(self._desk.theme.icon(*token).pixmap(ICON, ICON))
        icon.setAccessibleName("Well" if ended.well else "Failed")
        text.setText(f"{name}: {ended.outcome} ({ended.seconds:.1f} s)")
        self._failed += not ended.well
        self.lines.append(f"  {'ok' if ended.well else 'FAILED':<8} {ended.name}: {ended.outcome}")

    def _end(self, verdict: str) -> None:
        self._task = None
        if self._job is not None:
            self._job.end()
            self._job = None
        self._show_running(False)
        self.verdict.setText(verdict)
        self.verdict.setAccessibleName(verdict)
        self.verdict.show()

    def _show_running(self, running: bool) -> None:
        self.start.setVisible(not running)
        self.cancel.setVisible(running)
        self.teach.setEnabled(not running)

    def _clear(self) -> None:
        for icon, text in self._rows.values():
            icon.deleteLater()
            text.deleteLater()
        self._rows.clear()
        self.lines.clear()
        self._failed = 0
        self.verdict.hide()
