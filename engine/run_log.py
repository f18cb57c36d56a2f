"""Writes down how trainings go, event by event, so that what was learnt before a crash can still be read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import HistoryError
from engine.history_rows import RunEpoch
from engine.training.events import Epoch, Exported, Failed, Finished, Last, Notice, Prepared, Resumed

if TYPE_CHECKING:
    from engine.history import History
    from engine.training.events import TrainingEvent
    from engine.training.plan import TrainingPlan


@dataclass
class _Run:
    number: int
    said: dict[str, Any] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """What is told at the beginning is told again at the end."""
        notes = self.said.setdefault("notes", [])
        if text not in notes:
            notes.append(text)


class RunLog:
    """Args:
    history: Gives the history when it is needed.
    """

    def __init__(self, history: Callable[[], History]) -> None:
        self._history = history
        self._runs: dict[str, _Run] = {}

    def hear(self, run: str, plan: TrainingPlan, event: TrainingEvent, seconds: float) -> None:
        """Write down an event of the run of this name; a history that cannot be written must not end a training."""
        if not isinstance(event, Prepared | Epoch | Resumed | Notice | Exported | Last):
            return
        with contextlib.suppress(HistoryError):
            self._hear(run, plan, event, seconds)
        if isinstance(event, Last):
            self._runs.pop(run, None)

    def _hear(self, name: str, plan: TrainingPlan, event: TrainingEvent, seconds: float) -> None:
        history = self._history()
        if name not in self._runs:
            # One training at a time on a home: whatever else counts as running was interrupted.
            history.end_interrupted_runs()
            self._runs[name] = _Run(history.begin_run(plan.name, plan.recipe.value, plan.as_json()))
        run = self._runs[name]
        if isinstance(event, Prepared):
            run.said |= {
                "classes": list(event.classes),
                "train": event.train,
                "validation": event.validation,
                "test": event.test,
                "unreadable": event.unreadable,
            }
            for note in event.notes:
                run.note(note)
        elif isinstance(event, Notice):
            run.note(event.message)
        elif isinstance(event, Resumed):
            run.note(f"It went on after epoch {event.epoch} of a run that was interrupted.")
        elif isinstance(event, Exported):
            run.said["precision"] = event.precision
        elif isinstance(event, Epoch):
            epoch = (event.number, event.loss, event.accuracy, event.val_loss, event.val_accuracy, event.seconds)
            history.add_epoch(run.number, RunEpoch(*epoch))
        elif isinstance(event, Last):
            self._end(history, run, event, seconds)

    def _end(self, history: History, run: _Run, event: Last, seconds: float) -> None:
        version, metrics = None, None
        if isinstance(event, Finished):
            version, metrics = event.version, event.as_json()["metrics"]
            run.said["comparison"] = event.as_json()["comparison"]
            for note in event.notes:
                run.note(note)
        elif isinstance(event, Failed):
            run.said |= {"message": event.message, "hint": event.hint, "log": event.log}
        history.end_run(run.number, version, metrics, seconds, event.kind(), run.said)
