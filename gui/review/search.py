"""The search for photos to look at: one at a time, and a job of the window where the model has to be asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import WhiskerError
from gui.desk import Desk
from gui.jobs import Job
from gui.review import finding
from gui.review.finding import Found, Progress
from gui.task import Task

if TYPE_CHECKING:
    from engine.card import Card


class Search(QObject):
    """Signals:
    progressed: A `finding.Progress`.
    found: It has ended with this `finding.Found`.
    failed: It has ended with this WhiskerError.
    """

    progressed = Signal(object)
    found = Signal(object)
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._job: Job | None = None
        self._halt = threading.Event()

    @property
    def under_way(self) -> bool:
        return self._task is not None

    @property
    def stopped(self) -> bool:
        """Whether the person has stopped the present one, or the last."""
        return self._halt.is_set()

    def among_recent(self, card: Card, without: frozenset[int]) -> None:
        """Look for recent photos that the model was not sure of, but for the rows `without`."""
        self._begin_anew()
        whisker = self._desk.whisker
        self._task = self._desk.tasks.run(
            self, lambda: finding.among_recent(whisker, card, without), self._end_with, self._on_trouble
        )

    def in_folders(self, paths: list[Path]) -> None:
        """Ask the model about the pictures in `paths`."""
        self._begin_anew()
        whisker, halt = self._desk.whisker, self._halt
        self._job = self._desk.jobs.begin("review", "Looking for photos to review", self.stop)

        def look(stop: threading.Event) -> Iterator[Progress | Found]:
            return finding.in_folders(whisker, paths, stop, halt)

        self._task = self._desk.tasks.follow(self, look, self._on_news, lambda: None, self._on_trouble)

    def stop(self) -> None:
        """End with what was answered until now."""
        if self._task is None:
            return
        self._halt.set()
        if self._job is None:
            self._end_with(Found([]))

    def drop(self) -> None:
        """End without a word."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._job is not None:
            self._job.end()
            self._job = None

    def _begin_anew(self) -> None:
        self.drop()
        self._halt = threading.Event()

    def _on_news(self, news: list[Progress | Found]) -> None:
        for one in news:
            if isinstance(one, Found):
                self._end_with(one)
                return
        last = news[-1]
        if isinstance(last, Progress) and self._job is not None:
            self.progressed.emit(last)
            self._job.progress(last.done, last.total)

    def _end_with(self, found: Found) -> None:
        self.drop()
        self.found.emit(found)

    def _on_trouble(self, error: WhiskerError) -> None:
        self.drop()
        self.failed.emit(error)
