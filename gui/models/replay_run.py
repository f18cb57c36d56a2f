"""Asking two models about recent pictures, off the GUI thread, with a small picture of each answer that differs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.errors import WhiskerError
from gui.desk import Desk
from gui.task import Task

if TYPE_CHECKING:
    from engine.replay import Replayed
    from engine.whisker import Whisker

PICTURES = 60
"""Recent pictures that are asked about: some seconds' work."""
TILE = 72


@dataclass(frozen=True)
class Step:
    """How far it is.

    Attributes:
        replayed: What came of the latest picture; None when it cannot be read, or none was asked about yet.
        picture: Its middle, when the answer changes.
    """

    done: int
    total: int
    replayed: Replayed | None = None
    picture: QImage | None = None


@dataclass
class Tally:
    """Photos of which a person said what they are, and how many of them each model gets right."""

    photos: int = 0
    before: int = 0
    after: int = 0


class ReplayRun(QObject):
    """Attributes:
    done, total: Pictures.
    changes: Those whose answer differs.
    confirmed, corrected: Those whose answer people have confirmed, and those whose they have corrected.
    unread: Those that are gone.
    running: Whether it goes on.

    Signals:
        moved: The numbers are other ones.
        changed: A `Step` with a picture whose answer differs.
        failed: A WhiskerError.
    """

    moved = Signal()
    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._clear()

    def start(self, before: str, after: str) -> None:
        """Ask the models of these references."""
        self.cancel()
        self._clear()
        self.running = True
        whisker, side = self._desk.whisker, round(TILE * self._desk.theme.ratio)

        def stream(stop: threading.Event) -> Iterator[Step]:
            return _replay(whisker, before, after, side, stop)

        self._task = self._desk.tasks.follow(self, stream, self._on_steps, self._on_done, self._on_failed)
        self.moved.emit()

    def cancel(self) -> None:
        """Stop; what was found stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.running:
            self.running = False
            self.moved.emit()

    def _clear(self) -> None:
        self.done = self.total = self.changes = self.unread = 0
        self.confirmed, self.corrected = Tally(), Tally()
        self.running = False

    def _on_steps(self, steps: list[Step]) -> None:
        for step in steps:
            self.done, self.total = step.done, step.total
            replayed = step.replayed
            if replayed is None:
                self.unread += step.done > 0
                continue
            if replayed.right is not None:
                tally = self.confirmed if replayed.confirmed else self.corrected
                tally.photos += 1
                tally.before += replayed.right[0]
                tally.after += replayed.right[1]
            if replayed.changed:
                self.changes += 1
                self.changed.emit(step)
        self.moved.emit()

    def _on_done(self) -> None:
        self._task, self.running = None, False
        self.moved.emit()

    def _on_failed(self, error: WhiskerError) -> None:
        self._on_done()
        self.failed.emit(error)


def _replay(whisker: Whisker, before: str, after: str, side: int, stop: threading.Event) -> Iterator[Step]:
    from engine.errors import ImageError
    from engine.replay import recent_pictures, replay
    from gui.predict.pictures import square

    rows = recent_pictures(whisker.history, PICTURES)
    yield Step(0, len(rows))
    if not rows:
        return
    first, second = whisker.load(before), whisker.load(after)
    for done, replayed in enumerate(replay(first, second, rows, stop), start=1):
        picture = None
        if replayed is not None and replayed.changed:
            try:
                picture = square(replayed.path, side)
            except ImageError:
                # It was there a moment ago; its answer counts all the same.
                picture = None
        yield Step(done, len(rows), replayed, picture)
