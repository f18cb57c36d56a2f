"""Many photos at once, as they are answered."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.jobs import Job
from gui.task import Task

if TYPE_CHECKING:
    from engine.prediction import Outcome

PAGE = "predict"


class ManyView(QFrame):
    """Signals:
    failed: Nothing can be answered at all.
    """

    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._job: Job | None = None
        self._total = 0
        self._counts: Counter[str] = Counter()
        self.setProperty("surface", "card")
        self.summary = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.cancel = push("Cancel", "Stop after the photos under way")
        self.cancel.clicked.connect(self.stop)
        self._lines = QStringListModel(self)
        self.list = QListView()
        self.list.setModel(self._lines)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName("Answers")
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.summary, 1)
        top.addWidget(self.progress, 1, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 20)
        column.addLayout(top)
        column.addWidget(self.list, 1)

    def start(self, paths: Sequence[Path]) -> None:
        """Classify files and folders (walked recursively)."""
        self.stop()
        self._counts.clear()
        self._total = 0
        self._lines.setStringList([])
        self.summary.setText("Looking for photos…")
        self.progress.setRange(0, 0)
        self.progress.show()
        self.cancel.show()
        whisker, wanted = self._desk.whisker, list(paths)

        def stream(stop: threading.Event) -> Iterator[int | tuple[int | None, Outcome]]:
            from engine.folder_run import find_images

            files = find_images(wanted, stop)
            yield len(files)
            yield from whisker.classify_many(files, origin="window", cancel=stop)

        self._job = self._desk.jobs.begin(PAGE, "Classifying", self.stop)
        self._task = self._desk.tasks.follow(self, stream, self._on_some, self._on_done, self._on_failed)

    def stop(self) -> None:
        """Cancel what is under way; what was answered stays."""
        if self._task is not None:
            self._task.cancel()
            self._end()

    def _on_some(self, some: list[int | tuple[int | None, Outcome]]) -> None:
        from engine.prediction import Prediction

        lines = []
        for value in some:
            if isinstance(value, int):
                self._total = value
                self.progress.setRange(0, max(1, value))
                continue
            _, outcome = value
            if isinstance(outcome, Prediction):
                said = "unknown" if outcome.unknown else outcome.predicted_class
                lines.append(f"{outcome.source}   {said}   {words.percent(outcome.confidence)}")
            else:
                said = "failed"
                lines.append(f"{outcome.source}   {outcome.error}")
            self._counts[said] += 1
        first = self._lines.rowCount()
        self._lines.insertRows(first, len(lines))
        for at, line in enumerate(lines):
            self._lines.setData(self._lines.index(first + at, 0), line)
        done = sum(self._counts.values())
        self.progress.setValue(done)
        self.summary.setText(self._sentence())
        if self._job is not None:
            self._job.progress(done, self._total)

    def _on_done(self) -> None:
        self._end()
        self.summary.setText(self._sentence() if self._total else "There are no photos in there.")

    def _on_failed(self, error: WhiskerError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self.cancel.hide()
        if self._job is not None:
            self._job.end()
            self._job = None

    def _sentence(self) -> str:
        total = words.count(self._total, "photo", "photos")
        parts = [f"{name} {number:,}" for name, number in self._counts.most_common(6)]
        return f"{total}:  {'  ·  '.join(parts)}"
