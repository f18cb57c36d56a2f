"""Follows one training run and tells its events on the GUI thread; TensorFlow lives in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from engine.errors import WhiskerError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.training.events import TrainingEvent
    from engine.training.plan import TrainingPlan


class Run(Protocol):
    """What the thread uses of a `TrainingRun`."""

    @property
    def log(self) -> Path: ...

    def cancel(self) -> None: ...

    def events(self) -> Iterator[TrainingEvent]: ...


class Trains(Protocol):
    """What the window uses of a `Trainer`."""

    def available(self) -> bool: ...

    def warm_up(self) -> None: ...

    def cool_down(self) -> None: ...

    def start(self, plan: TrainingPlan) -> Run: ...


class TrainingThread(QThread):
    """Starts the run and goes through its events. It ends when the run does, whatever happens in it.

    Signals:
        happened: A `TrainingEvent`; the last one is one of `events.Last`.
    """

    happened = Signal(object)

    def __init__(self, trainer: Trains, plan: TrainingPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainer = trainer
        self._plan = plan
        self._guard = threading.Lock()
        self._cancelled = False
        self._run: Run | None = None

    @property
    def log(self) -> str:
        """Where the child writes; empty before it runs."""
        return str(self._run.log) if self._run is not None else ""

    def cancel(self) -> None:
        """End the run; may be called from the first moment on, and again."""
        with self._guard:
            self._cancelled = True
            run = self._run
        if run is not None:
            run.cancel()

    def run(self) -> None:
        from engine.training.events import Cancelled, Failed, Last

        try:
            run = self._trainer.start(self._plan)
        except WhiskerError as error:
            self.happened.emit(Failed(error.code, error.message, error.hint, ""))
            return
        with self._guard:
            self._run = run
            cancelled = self._cancelled
        if cancelled:
            run.cancel()
        ended = False
        try:
            for event in run.events():
                ended = isinstance(event, Last)
                self.happened.emit(event)
        finally:
            # A fault of ours goes on to sys.excepthook, but nobody must wait for ever.
            if not ended:
                last = (
                    Cancelled("terminated")
                    if self._cancelled
                    else Failed("unforeseen", "Training ended without a word.", "The log says more.", self.log)
                )
                self.happened.emit(last)
