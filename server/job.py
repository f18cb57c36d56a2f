"""One retraining: how far it has come, and what each event of its training changes of that."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.bulletin import Retrained
from engine.training.events import Batch, Cancelled, Epoch, Failed, Finished, Last, Notice, Stage, TrainingEvent

KEPT_EVENTS = 1000
BROKE_OFF = "The retraining broke off."


@dataclass
class Job:
    """One retraining, as far as it has come. `changed` guards all of it and tells of each event."""

    id: str
    recipe: str
    name: str
    epochs: int | None
    automatic: bool
    activate: bool | None
    started: str
    state: str = "running"
    message: str = "Starting"
    stage: str | None = None
    done: int = 0
    total: int = 0
    epoch: int = 0
    seconds_left: float | None = None
    metrics: dict[str, Any] | None = None
    model: str | None = None
    model_version: int | None = None
    comparison: dict[str, Any] | None = None
    activated: bool = False
    notes: list[str] = field(default_factory=list)
    error: dict[str, Any] | None = None
    seconds: float | None = None
    changed: threading.Condition = field(default_factory=threading.Condition, repr=False)
    events: deque[tuple[int, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS), repr=False)
    told: int = 0

    @property
    def over(self) -> bool:
        return self.state in ("finished", "failed", "cancelled")

    def as_json(self) -> dict[str, Any]:
        with self.changed:
            hidden = ("changed", "events", "told", "id", "activate")
            shown = {key: value for key, value in vars(self).items() if key not in hidden}
            address = f"/api/retrain/{self.id}"
            return {
                "job_id": self.id,
                **finite(shown),
                "status_url": address,
                "events_url": f"{address}/events",
            }

    def tell(self, event: dict[str, Any]) -> None:
        """Keep an event and wake who follows. Call with `changed` held."""
        self.told += 1
        self.events.append((self.told, finite(event)))
        self.changed.notify_all()


def news_of(job: Job, last: Last | None) -> Retrained:
    """What is told of a job's end; `last` is None where its training had no last word."""
    match last:
        case None:
            return Retrained(job.automatic, None, BROKE_OFF)
        case Finished():
            return Retrained(job.automatic, f"{last.model}@{last.version}", job.notes[-1])
        case Failed():
            return Retrained(job.automatic, None, f"{last.message} {last.hint}".strip())
        case _:
            return Retrained(job.automatic, None, "It was cancelled; nothing half-made was left.")


def note(job: Job, event: TrainingEvent) -> None:
    """What an event changes of a job."""
    match event:
        case Notice():
            job.notes.append(event.message)
        case Stage():
            job.stage, job.message = event.name, event.message
            job.done, job.total, job.seconds_left = event.done, event.total, event.seconds_left
        case Batch():
            job.stage, job.message = "training", f"Epoch {event.epoch}"
            job.done, job.total, job.seconds_left = event.done, event.total, event.seconds_left
        case Epoch():
            job.epoch, job.epochs = event.number, event.total
            job.message = f"Epoch {event.number} of {event.total}"
            live = {"loss": event.loss, "accuracy": event.accuracy}
            job.metrics = live | {"val_loss": event.val_loss, "val_accuracy": event.val_accuracy}
        case Finished():
            job.state, job.message, job.seconds_left = "finished", "Finished", None
            job.model, job.model_version = event.model, event.version
            job.metrics, job.comparison = event.metrics, event.comparison
            job.notes.extend(event.notes)
        case Cancelled():
            job.state, job.message, job.seconds_left, job.metrics = "cancelled", "Cancelled", None, None
        case Failed():
            job.state, job.message, job.seconds_left = "failed", event.message, None
            job.error = {key: value for key, value in asdict(event).items() if key != "log"}


def finite(value: Any) -> Any:
    """The value with every number that JSON cannot write (a diverged loss) as None, and tuples as lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value
