"""What can happen in a training run: one small value for each, in the order in which they come.

They travel from the child process through a pipe, to the wizard, the command line and the API alike.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.bulletin import News


@dataclass(frozen=True)
class TrainingEvent:
    """Something that happened in a run."""

    def as_json(self) -> dict[str, Any]:
        """{"event": name, ...fields}, without anything that JSON cannot say."""
        finite: dict[str, Any] = _finite(asdict(self))
        return {"event": self.kind(), **finite}

    @classmethod
    def kind(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True)
class Notice(TrainingEvent):
    """Something the person should know; the run goes on."""

    message: str


@dataclass(frozen=True)
class Prepared(TrainingEvent):
    """The pictures are read and split.

    Attributes:
        classes: In the model's order.
        train, validation, test: Pictures in each share.
        unreadable: Pictures left out because they cannot be read.
        notes: Sentences about the data: weights for rare classes, near-duplicates kept together, ...
        seconds: Estimate of the time that the rest takes.
    """

    classes: tuple[str, ...]
    train: int
    validation: int
    test: int
    unreadable: int
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Stage(TrainingEvent):
    """The run is in this stage, `done` of `total` steps in; `seconds_left` estimates the whole run, None if unknown."""

    name: str
    message: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Batch(TrainingEvent):
    """A batch of an epoch was learnt from."""

    epoch: int
    done: int
    total: int
    loss: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class Epoch(TrainingEvent):
    """An epoch is over. Losses are cross-entropies; accuracies lie in 0 to 1; `total` is the plan's number."""

    number: int
    total: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass(frozen=True)
class Resumed(TrainingEvent):
    """An interrupted run goes on after this epoch."""

    epoch: int


@dataclass(frozen=True)
class Exported(TrainingEvent):
    """The model is ONNX and answers as Keras does.

    Attributes:
        precision: "int8" or "fp32".
        max_difference: Largest difference in probability between Keras and fp32 ONNX on a probe batch.
        agreement: Share of validation pictures on which the published file and Keras name the same class.
        reason: Why this precision.
    """

    precision: str
    max_difference: float
    agreement: float
    reason: str


@dataclass(frozen=True)
class Finished(TrainingEvent):
    """The last event of a run that made a model; it stands on the shelf.

    Attributes:
        metrics: On pictures that were not learnt from; the public shape.
        comparison: Against the model that was active, or None: {"verdict", "p_value", "with", "only_new_right",
            "only_old_right", "images"}.
        notes: Sentences for the person.
    """

    model: str
    version: int
    metrics: dict[str, Any]
    seconds: float
    comparison: dict[str, Any] | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Cancelled(TrainingEvent):
    """The person stopped the run; `how` is "asked", "terminated" or "killed"."""

    how: str


@dataclass(frozen=True)
class Failed(TrainingEvent):
    """The run ended without a model."""

    code: str
    message: str
    hint: str
    log: str


Last = Finished | Cancelled | Failed


def _finite(value: Any) -> Any:
    """`value` with None for what is no number: an astray loss must not spoil a line of JSON."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class TrainingReported(News):
    """A run had this event: what everyone hears of it."""

    run: str
    event: TrainingEvent
