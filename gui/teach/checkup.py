"""The data doctor at work behind the wizard: in a process of its own, with progress, and anew after each change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import WhiskerError
from gui import interpreter
from gui.desk import Desk
from gui.task import Task
from gui.teach.found import Found, sort_out

if TYPE_CHECKING:
    from pathlib import Path

    from engine.dataset.doctor import Report

AFTER_MS = 400
"""Changes that follow each other are examined together."""


@dataclass(frozen=True)
class Checked:
    """The report, and what is in it by kind."""

    report: Report
    found: tuple[Found, ...]


Said = tuple[str, int, int] | Checked


class Checkup(QObject):
    """Attributes:
    report: Of the pictures as they are now; None while there is none.
    found: What is in it, by kind.
    stage: What is being done, how much of it, and of how much; None at rest.

    Signals:
        changed: Either is another one now.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._folder: Path | None = None
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self._begin)
        self.report: Report | None = None
        self.found: tuple[Found, ...] = ()
        self.stage: tuple[str, int, int] | None = None
        self.error: WhiskerError | None = None
        self.stopped = False

    @property
    def busy(self) -> bool:
        return self._task is not None or self._timer.isActive()

    def examine(self, folder: Path | None) -> None:
        """Examine the pictures of this list soon; None forgets."""
        self.cancel()
        self._folder, self.error, self.stopped = folder, None, False
        if folder is None:
            self.report, self.found = None, ()
        else:
            self._timer.start()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; what was found before stays."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task, self.stage, self.stopped = None, None, True
            self.changed.emit()

    def again(self) -> None:
        self.examine(self._folder)

    def _begin(self) -> None:
        folder, home = self._folder, self._desk.whisker.home
        if folder is None:
            return

        def stream(stop: threading.Event) -> Iterator[Said]:
            from engine.dataset.doctor.apart import examine_apart

            for word in examine_apart(folder, home, stop):
                yield word if isinstance(word, tuple) else Checked(word, sort_out(word.findings))

        # A report of thousands of findings is put together without going through the pictures of the lesson as well.
        interpreter.set_aside()
        self.stage = ("Looking at each photo", 0, 0)
        self._task = self._desk.tasks.follow(self, stream, self._on_words, self._on_done, self._on_failed)
        self.changed.emit()

    def _on_words(self, said: list[Said]) -> None:
        last = said[-1]
        if isinstance(last, tuple):
            self.stage = last
        else:
            self.report, self.found = last.report, last.found
        self.changed.emit()

    def _on_done(self) -> None:
        self._task = self.stage = None
        self.changed.emit()

    def _on_failed(self, error: WhiskerError) -> None:
        self._task = self.stage = None
        self.error = error
        self.changed.emit()
