"""Writing what was found into a file, off the GUI thread, with progress and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import WhiskerError
from engine.history_search import Search
from gui import words
from gui.desk import Desk
from gui.jobs import Job
from gui.task import Task


class Saving(QObject):
    """Attributes:
    running: Whether a file is being written.
    done, total: Rows.

    Signals:
        moved: Something of the above is another now.
        failed: A WhiskerError; no file was left behind.
    """

    moved = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._job: Job | None = None
        self._file = Path()
        self.done = self.total = 0

    @property
    def running(self) -> bool:
        return self._task is not None

    def start(self, search: Search, file: Path) -> None:
        """Write all that `search` finds into `file`, in the form its suffix names."""
        if self.running:
            return
        self._file, self.done, self.total = file, 0, 0
        whisker = self._desk.whisker

        def work(stop: threading.Event) -> Iterator[tuple[int, int]]:
            from engine.history_export import export

            total = whisker.history.count_found(search, 1 << 62)
            yield 0, total
            for written in export(whisker.history, search, file, stop):
                yield written, max(written, total)

        self._job = self._desk.jobs.begin("history", f"Writing {file.name}", self.cancel)
        self._task = self._desk.tasks.follow(self, work, self._on_steps, self._on_done, self._on_failed)
        self.moved.emit()

    def cancel(self) -> None:
        """Stop; nothing is left behind."""
        if self._task is not None:
            self._task.cancel()
            self._end()
            self._desk.toast(f"{self._file.name} was not written", None)

    def _on_steps(self, steps: list[tuple[int, int]]) -> None:
        self.done, self.total = steps[-1]
        if self._job is not None:
            self._job.progress(self.done, self.total)
        self.moved.emit()

    def _on_done(self) -> None:
        self._end()
        self._desk.toast(f"Saved {words.count(self.done, 'answer', 'answers')} in {self._file.name}", None)

    def _on_failed(self, error: WhiskerError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._task = None
        if self._job is not None:
            self._job.end()
            self._job = None
        self.moved.emit()
