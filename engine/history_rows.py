"""The rows of the history as values, and how these stand in the database's columns."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.folding import folded

if TYPE_CHECKING:
    from engine.prediction import Prediction

# Classes kept with each prediction, best first.
TOP = 5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

SELECT_ROW = """
    SELECT p.id, p.at, p.source, p.name, p.path, p.model, p.model_version, p.predicted_class, p.confidence,
           p.unknown, p.familiarity, p.top, p.elapsed_ms, c.label
    FROM predictions p LEFT JOIN corrections c ON c.row = p.id
"""

INSERT_ROW = """
    INSERT INTO predictions (at, source, name, path, model, model_version, predicted_class, confidence, unknown,
                             familiarity, top, elapsed_ms, folded)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True)
class Row:
    """A prediction as it stands in the history.

    Attributes:
        id: Never given again; a larger one was recorded later, whatever the clock said.
        at: When, in UTC.
        source: Who asked: `window`, `cli` or `api`.
        confidence: Probability of the predicted class, 0 to 1.
        top: Up to five (class, probability), best first.
        correction: What a person said it really is.
    """

    id: int
    at: datetime
    source: str
    name: str
    path: Path | None
    model: str
    model_version: int
    predicted_class: str
    confidence: float
    unknown: bool
    familiarity: float | None
    top: tuple[tuple[str, float], ...]
    elapsed_ms: float
    correction: str | None


@dataclass(frozen=True)
class Glance:
    """As much of a prediction as statistics need; `picture` is the same for predictions of one file."""

    row: int
    predicted_class: str
    unknown: bool
    familiarity: float | None
    picture: str | bytes | int


@dataclass(frozen=True)
class Correction:
    """What a person said of the picture of a prediction.

    Attributes:
        row: The prediction's row.
        sha256: The picture's content when it was corrected; None when its file was not there.
    """

    row: int
    at: datetime
    label: str
    name: str
    path: Path | None
    sha256: str | None
    predicted_class: str
    model: str
    model_version: int


@dataclass(frozen=True)
class Kin:
    """All rows that are of the same pictures.

    Attributes:
        rows: Their numbers, in order.
        corrected: How many of them were corrected.
        contents: SHA-256 of the pictures, as far as they can be told.
        paths: Their files, whether these are still there or not.
    """

    rows: tuple[int, ...]
    corrected: int
    contents: frozenset[str]
    paths: frozenset[Path]


@dataclass(frozen=True)
class RunEpoch:
    """How an epoch of a training went; not a number where the training lost its way."""

    number: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass(frozen=True)
class TrainingRun:
    """A training.

    Attributes:
        at: When it began.
        version: None unless it gave a model.
        seconds: Wall time; 0 while it goes on, and when it was interrupted.
        state: `running`, `finished`, `failed`, `cancelled` or `interrupted` (the program ended in its midst).
        said: What the run told besides: `classes`, `train`, `validation`, `test`, `notes`, `comparison`, `precision`;
            `message`, `hint` and `log` of one that failed.
    """

    id: int
    at: datetime
    model: str
    version: int | None
    recipe: str
    plan: dict[str, Any]
    metrics: dict[str, Any] | None
    seconds: float
    state: str
    said: dict[str, Any] = field(default_factory=dict)


def columns_of(prediction: Prediction, source: str, now: int) -> tuple[object, ...]:
    """What INSERT_ROW takes; `now` in microseconds."""
    top = [(name, round(probability, 6)) for name, probability in prediction.top(TOP)]
    return (
        now,
        source,
        as_text(prediction.source),
        None if prediction.path is None else path_column(prediction.path),
        prediction.model,
        prediction.model_version,
        prediction.predicted_class,
        prediction.confidence,
        int(prediction.unknown),
        prediction.familiarity,
        json.dumps(top),
        prediction.elapsed_ms,
        folded(as_text(prediction.source)),
    )


def row_of(columns: Sequence[Any]) -> Row:
    """The row that SELECT_ROW gave."""
    number, at, source, name, path, model, version, predicted, confidence = columns[:9]
    unknown, familiarity, top, elapsed_ms, correction = columns[9:]
    return Row(
        id=number,
        at=time_of(at),
        source=source,
        name=name,
        path=path_of(path),
        model=model,
        model_version=version,
        predicted_class=predicted,
        confidence=confidence,
        unknown=bool(unknown),
        familiarity=familiarity,
        top=_top(top) or ((predicted, confidence),),
        elapsed_ms=elapsed_ms,
        correction=correction,
    )


def _top(text: str) -> tuple[tuple[str, float], ...]:
    """Empty when the disk has spoilt it: the row's other columns still say the most."""
    try:
        return tuple((str(label), float(probability)) for label, probability in json.loads(text))
    except (ValueError, TypeError):
        return ()


def run_of(columns: Sequence[Any]) -> TrainingRun:
    """The training of a whole row of training_runs."""
    number, at, model, version, recipe, plan, metrics, seconds, state, said = columns
    result = None if metrics is None else json.loads(metrics)
    more = {} if said is None else json.loads(said)
    return TrainingRun(number, time_of(at), model, version, recipe, json.loads(plan), result, seconds, state, more)


def path_column(path: Path) -> str | bytes:
    """The absolute path; as bytes when it is no valid Unicode, which Linux allows and SQLite's TEXT does not."""
    absolute = os.path.abspath(path)
    try:
        absolute.encode()
    except UnicodeEncodeError:
        return os.fsencode(absolute)
    return absolute


def path_of(column: object) -> Path | None:
    return Path(os.fsdecode(column)) if isinstance(column, str | bytes) else None


def as_text(text: str) -> str:
    """Valid Unicode: what a file's name has besides becomes question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def microseconds_of(moment: datetime) -> int:
    """Whole microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    try:
        return _EPOCH + microseconds * _MICROSECOND
    except (OverflowError, TypeError):
        # Spoilt on the disk, or recorded by a clock that had lost its mind.
        return _EPOCH
