"""Long work that the whole window shows: what runs, how far it is, how to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal


class Job:
    """One long piece of work; made by `Jobs.begin`."""

    def __init__(self, jobs: Jobs, page: str, what: str, cancel: Callable[[], None]) -> None:
        self._jobs = jobs
        self._began = time.monotonic()
        self.page = page
        self.what = what
        self.cancel = cancel
        self.done = 0
        self.total = 0

    def progress(self, done: int, total: int) -> None:
        if (done, total) != (self.done, self.total):
            self.done, self.total = done, total
            self._jobs.changed.emit()

    def end(self) -> None:
        self._jobs.end(self)

    @property
    def seconds_left(self) -> float | None:
        """None until there is enough to judge by."""
        elapsed = time.monotonic() - self._began
        if elapsed < 1 or not self.done or not self.total:
            return None
        return elapsed / self.done * (self.total - self.done)


class Jobs(QObject):
    """The jobs under way, latest last.

    Signals:
        changed: One began, moved on or ended.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: list[Job] = []

    def begin(self, page: str, what: str, cancel: Callable[[], None]) -> Job:
        """Note a job of the page with this key, said in a few words ("Classifying 312 photos")."""
        job = Job(self, page, what, cancel)
        self.running.append(job)
        self.changed.emit()
        return job

    def end(self, job: Job) -> None:
        if job in self.running:
            self.running.remove(job)
            self.changed.emit()
