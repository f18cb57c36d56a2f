"""Trainings that happen as a test wants them: it says each event, and no process is started."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from engine.errors import TrainingBusy
from engine.training.events import (
    Batch,
    Cancelled,
    Epoch,
    Finished,
    Last,
    Notice,
    Prepared,
    Stage,
    TrainingEvent,
)
from engine.training.plan import TrainingPlan

METRICS = {"accuracy": 0.9}
PROGRESS = (
    Prepared(("cat", "dog"), 4, 2, 2, 0, ("Near-duplicates kept together.",), 12.0),
    Notice("One photo is very dark."),
    Stage("features", "Looking at the photos", 3, 8, 9.0),
    Batch(1, 2, 4, 0.5, 5.0),
    Epoch(1, 2, 0.5, 0.8, 0.6, 0.75, 1.0),
)
"""What a training says on its way."""


def finished(name: str = "my-cats-dogs", verdict: str | None = None) -> Finished:
    """The last word of one that went well; `verdict` is that of the comparison with the model before."""
    comparison = None if verdict is None else {"verdict": verdict, "with": "cats-dogs@1", "p_value": 0.01}
    return Finished(name, 1, METRICS, 3.2, comparison, ("Learnt from 8 photos.",))


class FakeRun:
    """A training whose events a test gives it."""

    def __init__(self, plan: TrainingPlan, trainer: FakeTrainer) -> None:
        self.id = f"run-{len(trainer.runs) + 1}"
        self.plan = plan
        self.said: queue.Queue[TrainingEvent] = queue.Queue()
        self._trainer = trainer
        self._cancel = threading.Event()

    def say(self, *events: TrainingEvent) -> None:
        for event in events:
            self.said.put(event)

    def events(self) -> Iterator[TrainingEvent]:
        try:
            while True:
                try:
                    event = Cancelled("asked") if self._cancel.is_set() else self.said.get(timeout=0.01)
                except queue.Empty:
                    continue
                yield event
                if isinstance(event, Last):
                    return
        finally:
            self._trainer.running = None

    def cancel(self) -> None:
        self._cancel.set()


class FakeTrainer:
    """Starts runs that do nothing by themselves."""

    def __init__(self) -> None:
        self.runs: list[FakeRun] = []
        self.running: FakeRun | None = None

    def start(self, plan: TrainingPlan) -> FakeRun:
        plan = plan.checked()
        if self.running is not None:
            raise TrainingBusy("A training is under way already.", "Wait until it ends, or cancel it.")
        self.running = FakeRun(plan, self)
        self.runs.append(self.running)
        return self.running
