"""What another model would have answered to recent pictures."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ImageError

if TYPE_CHECKING:
    from engine.history import History, Row
    from engine.predictor import Predictor

POOL = 1_000


@dataclass(frozen=True)
class Answer:
    """What a model says; `predicted_class` is only the nearest one when the picture is unknown to it."""

    predicted_class: str
    confidence: float
    unknown: bool


@dataclass(frozen=True)
class Replayed:
    """A recent picture under two models.

    Attributes:
        truth: What a person said it is.
        confirmed: Whether that was what the model had answered. Such pictures speak for that model by the way they came
            about, and corrected ones against it, so the two are not to be counted together.
    """

    name: str
    path: Path
    before: Answer
    after: Answer
    truth: str | None
    confirmed: bool = False

    @property
    def changed(self) -> bool:
        return _said(self.before) != _said(self.after)

    @property
    def right(self) -> tuple[bool, bool] | None:
        """Whether the one and the other are right, None as long as nobody said what it is."""
        if self.truth is None:
            return None
        return _said(self.before) == self.truth, _said(self.after) == self.truth


def recent_pictures(history: History, limit: int) -> list[Row]:
    """The latest answer to each of the `limit` files asked about last.

    Raises:
        HistoryError: the history cannot be read.
    """
    rows: dict[Path, Row] = {}
    for row in history.recent(max(limit, POOL)):
        if row.path is not None and len(rows) < limit:
            rows.setdefault(row.path, row)
    return list(rows.values())


def replay(
    before: Predictor, after: Predictor, rows: Sequence[Row], cancel: threading.Event | None = None
) -> Iterator[Replayed | None]:
    """Ask both models about the pictures of `rows`, one after the other; None for one that cannot be read any more.

    Raises:
        ModelError: a model gave up.
    """
    for row in rows:
        if cancel is not None and cancel.is_set():
            return
        if row.path is None:
            continue
        try:
            now = _ask(after, row.path)
            # What it said then it would say again, so that is not computed twice.
            same = (row.model, row.model_version) == (before.card.name, before.card.version)
            then = Answer(row.predicted_class, row.confidence, row.unknown) if same else _ask(before, row.path)
        except ImageError:
            yield None
            continue
        confirmed = not row.unknown and row.correction == row.predicted_class
        yield Replayed(row.name, row.path, then, now, row.correction, confirmed)


def _ask(predictor: Predictor, path: Path) -> Answer:
    prediction = predictor.predict(path)
    return Answer(prediction.predicted_class, prediction.confidence, prediction.unknown)


def _said(answer: Answer) -> str | None:
    return None if answer.unknown else answer.predicted_class
