"""The long work behind the grid: looking for pictures, then having them answered, off the GUI thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import FolderError, WhiskerError
from gui import interpreter, words
from gui.desk import Desk
from gui.jobs import Job
from gui.predict.many.picture import Kept, Picture, keep
from gui.task import Task

if TYPE_CHECKING:
    from engine.errors import ImageError
    from engine.prediction import Outcome

TOGETHER = 200
"""Pictures found that are handed over as one."""
AT_ONCE = 64
"""Answers shown in one go, which takes a few milliseconds; the others wait for the next."""
READ_MS = 20
TELL_S = 0.1
"""How far it is need not be told more often."""

Answered = tuple[Picture, "Kept | ImageError"]


class Phase(Enum):
    """What is being done."""

    IDLE = "idle"
    LOOKING = "looking"
    ANSWERING = "answering"
    STOPPED = "stopped"
    DONE = "done"


class ManyRun(QObject):
    """Looks through what is dropped at once, and answers one batch after the other.

    Attributes:
        phase: What is being done.
        found: Pictures found so far.
        done: Those answered, or found unreadable.

    Signals:
        pictures: New ones, a list of Picture.
        answered: Outcomes, a list of (Picture, Kept | ImageError).
        moved: `phase` or the numbers have changed.
        trouble: A WhiskerError; what could be done was done.
    """

    pictures = Signal(object)
    answered = Signal(object)
    moved = Signal()
    trouble = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._known: set[str] = set()
        self._queue: list[Picture] = []
        self._unfinished: list[Path] = []
        self._looking: set[Task] = set()
        self._answering: Task | None = None
        self._halt = threading.Event()
        self._job: Job | None = None
        self._inbox: list[Answered] = []
        self._when_read: Callable[[], None] | None = None
        self._reading = QTimer(self, singleShot=True, interval=READ_MS)
        self._reading.timeout.connect(self._read)
        self._told = 0.0
        self._began = 0.0
        self._at_begin = 0
        self.phase = Phase.IDLE
        self.found = 0
        self.done = 0

    def start(self, paths: Sequence[Path]) -> None:
        """Take these files and folders in as well."""
        halt = self._fresh_halt()
        known = self._known

        def look(stop: threading.Event) -> Iterator[list[Picture] | WhiskerError]:
            return _look(paths, known, halt, stop)

        def ended() -> None:
            self._looking.discard(task)
            if halt.is_set():
                self._unfinished += paths
            self._go_on()

        def failed(error: WhiskerError) -> None:
            self.trouble.emit(error)
            ended()

        task = self._desk.tasks.follow(self, look, self._on_found, ended, failed)
        self._looking.add(task)
        interpreter.set_aside()
        self._begin_job()
        self._set(Phase.ANSWERING if self._answering else Phase.LOOKING)

    def cancel(self) -> None:
        """Stop; what is answered stays, and `resume` goes on with the rest."""
        if self.busy:
            self._halt.set()

    def resume(self) -> None:
        """Go on after a cancel or a trouble."""
        self._fresh_halt()
        unfinished, self._unfinished = self._unfinished, []
        if unfinished:
            self.start(unfinished)
        self._go_on()

    def clear(self) -> None:
        """Forget everything and stop."""
        self._halt.set()
        for task in (*self._looking, self._answering):
            if task is not None:
                task.cancel()
        self._looking.clear()
        self._answering = None
        self._known = set()
        self._queue = []
        self._inbox = []
        self._when_read = None
        self._unfinished = []
        self.found = self.done = 0
        self._end_job()
        self._set(Phase.IDLE)

    @property
    def busy(self) -> bool:
        return self.phase in (Phase.LOOKING, Phase.ANSWERING)

    @property
    def seconds_left(self) -> float | None:
        """None until there is enough to judge by."""
        elapsed, done = time.monotonic() - self._began, self.done - self._at_begin
        if self.phase is not Phase.ANSWERING or elapsed < 1 or done < 1:
            return None
        return elapsed / done * (self.found - self.done)

    def _fresh_halt(self) -> threading.Event:
        if self._halt.is_set():
            self._halt = threading.Event()
        return self._halt

    def _on_found(self, handful: list[list[Picture] | WhiskerError]) -> None:
        fresh: list[Picture] = []
        for some in handful:
            if isinstance(some, WhiskerError):
                self.trouble.emit(some)
            else:
                fresh += some
        self._queue += fresh
        self.found += len(fresh)
        self.pictures.emit(fresh)
        self.moved.emit()
        self._go_on()

    def _go_on(self) -> None:
        """Answer what waits, unless that is under way."""
        if self._answering is None and self._queue and not self._halt.is_set():
            batch, self._queue = self._queue, []
            self._answer(batch)
        elif self._answering is None and not self._looking:
            self._end_job()
            self._set(Phase.STOPPED if self._queue or self._unfinished else Phase.DONE)

    def _answer(self, batch: list[Picture]) -> None:
        whisker, halt = self._desk.whisker, self._halt
        ended = partial(self._on_batch_ended, batch, self.done)

        def answers(stop: threading.Event) -> Iterator[Answered]:
            files = [Path(picture.path) for picture in batch]
            outcomes: Iterator[tuple[int | None, Outcome]] = whisker.classify_many(files, origin="window", cancel=halt)
            for picture, (row, outcome) in zip(batch, outcomes, strict=False):
                if stop.is_set():
                    halt.set()
                    return
                yield picture, keep(row, outcome)

        def failed(error: WhiskerError) -> None:
            self._halt.set()
            self.trouble.emit(error)
            ended()

        self._began, self._at_begin = time.monotonic(), self.done
        self._answering = self._desk.tasks.follow(self, answers, self._on_answered, ended, failed)
        self._begin_job()
        self._set(Phase.ANSWERING)

    def _on_batch_ended(self, batch: list[Picture], before: int) -> None:
        if self._inbox:
            # What has come is shown first.
            self._when_read = partial(self._on_batch_ended, batch, before)
            return
        self._answering = None
        self._queue = batch[self.done - before :] + self._queue
        self._go_on()

    def _on_answered(self, handful: list[Answered]) -> None:
        self._inbox += handful
        if not self._reading.isActive():
            self._reading.start()

    def _read(self) -> None:
        """Show some of what has come, never so many at once that the window would falter."""
        some, self._inbox = self._inbox[:AT_ONCE], self._inbox[AT_ONCE:]
        self.done += len(some)
        self.answered.emit(some)
        if self._inbox:
            self._reading.start()
        if time.monotonic() - self._told >= TELL_S:
            self._tell()
        if not self._inbox and self._when_read is not None:
            then, self._when_read = self._when_read, None
            then()

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._job is not None:
            self._job.what = f"Classifying {words.count(self.found, 'photo', 'photos')}"
            self._job.progress(self.done, self.found)
        self.moved.emit()

    def _begin_job(self) -> None:
        if self._job is None:
            self._job = self._desk.jobs.begin("predict", "Looking for photos", self.cancel)

    def _end_job(self) -> None:
        if self._job is not None:
            self._job.end()
            self._job = None

    def _set(self, phase: Phase) -> None:
        self.phase = phase
        self.moved.emit()


def _look(
    paths: Sequence[Path], known: set[str], halt: threading.Event, stop: threading.Event
) -> Iterator[list[Picture] | WhiskerError]:
    """The pictures at `paths` that are not known yet, a few at a time."""
    from engine.folder_run import walk

    some: list[Picture] = []
    locked: list[Path] = []
    for path in paths:
        # A file that is named is taken as it is: one that is missing or no picture says so in its place.
        files = walk(path, halt, locked.append) if path.is_dir() else (path,)
        try:
            for file in files:
                if halt.is_set() or stop.is_set():
                    break
                text = os.path.abspath(file)
                if text not in known:
                    known.add(text)
                    some.append(Picture(text))
                if len(some) >= TOGETHER:
                    yield some
                    some = []
        except FolderError as error:
            yield error
    yield some
    if locked:
        others = len(locked) - 1
        named = locked[0].name + (f" and {words.count(others, 'other folder', 'other folders')}" if others else "")
        yield FolderError(f"{named} may not be read.", "Check the permissions and drop it again.")
