"""One picture of many: small, because there may be a hundred thousand."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.prediction import Outcome, Prediction

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.errors import ImageError

ALL_SHARES = 50
"""With more classes than this only the best shares are kept; all of them would be 4 kB a picture for 1,000 classes."""
BEST_SHARES = 5

_DIGITS = re.compile(r"(\d+)")


class State(Enum):
    """How far a picture is, and what came of it."""

    WAITING = "waiting"
    SURE = "sure"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    FAILED = "failed"


Group = State | str
"""What a picture counts as: a class name, or the state of one that has none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a prediction.

    Attributes:
        shares: float32 [classes], or the best few of very many.
        best: Their places, int [few]; None when all are there.
        row: Its row in the history, None when that could not be written.
    """

    classes: tuple[str, ...]
    shares: npt.NDArray[np.float32]
    best: npt.NDArray[np.intp] | None
    predicted_class: str
    confidence: float
    familiarity: float | None
    unknown: bool
    model: str
    model_version: int
    elapsed_ms: float
    row: int | None

    def prediction(self, path: Path) -> Prediction:
        """The prediction again; shares that were not kept are 0."""
        shares = self.shares
        if self.best is not None:
            from numpy import float32, zeros

            shares = zeros(len(self.classes), float32)
            shares[self.best] = self.shares
        return Prediction(
            path.name,
            self.classes,
            shares,
            self.familiarity,
            self.unknown,
            self.model,
            self.model_version,
            self.elapsed_ms,
            path,
        )


def keep(row: int | None, outcome: Outcome) -> Kept | ImageError:
    """Cut an outcome down to what the window keeps; for the thread that has it, not for the window's."""
    if not isinstance(outcome, Prediction):
        # Without its traceback, whose frames would keep the decoded neighbours alive.
        return type(outcome.error)(outcome.error.message, outcome.error.hint)
    # A copy: one row of a batch would keep the whole batch alive.
    shares, best = outcome.probabilities.copy(), None
    if len(outcome.classes) > ALL_SHARES:
        from numpy import argsort

        best = argsort(-shares, kind="stable")[:BEST_SHARES]
        shares = shares[best]
    return Kept(
        outcome.classes,
        shares,
        best,
        outcome.predicted_class,
        outcome.confidence,
        outcome.familiarity,
        outcome.unknown,
        outcome.model,
        outcome.model_version,
        outcome.elapsed_ms,
        row,
    )


def natural(text: str) -> str:
    """A key by which "photo 9" comes before "photo 10", whatever the case.

    Each number is led by how many digits it has. One string, since sorting ten thousand of them takes a tenth of
    the time that tuples take.
    """
    return _DIGITS.sub(_counted, text.casefold())


def _counted(found: re.Match[str]) -> str:
    digits = found.group().lstrip("0")
    return f"{len(digits):03}{digits}"


class Picture:
    """A picture in the list.

    Attributes:
        number: Its place in order of arrival, and its identity.
        path: Its file.
        found_at: Where that was when it came in; the path changes when it is sorted away.
        kept: Its answer, once there is one.
        error: Why there is none.
        correction: What a person said it is.
    """

    __slots__ = ("by_name", "correction", "error", "found_at", "kept", "number", "path", "state")

    def __init__(self, path: str) -> None:
        self.number = -1
        self.path = self.found_at = path
        folder, name = os.path.split(path)
        self.by_name = f"{natural(name)}\0{folder}\0{name}"
        self.state = State.WAITING
        self.kept: Kept | None = None
        self.error: ImageError | None = None
        self.correction: str | None = None

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    @property
    def row(self) -> int | None:
        return None if self.kept is None else self.kept.row

    @property
    def group(self) -> Group:
        """What it counts as: what a person said, else what the model is sure of, else how it is not."""
        if self.correction is not None:
            return self.correction
        if self.state is State.SURE and self.kept is not None:
            return self.kept.predicted_class
        return self.state

    @property
    def confidence(self) -> float:
        """Of the model, 0 to 1; below 0 when it gave no answer."""
        return -1.0 if self.kept is None else self.kept.confidence

    def take(self, result: Kept | ImageError, sure_above: float) -> None:
        """Its outcome."""
        if isinstance(result, Kept):
            self.kept, self.error = result, None
            self.judge(sure_above)
        else:
            self.kept, self.error, self.state = None, result, State.FAILED

    def forget_row(self) -> None:
        """The history knows nothing of it any more, nor what was said of it."""
        if self.kept is not None:
            from dataclasses import replace

            self.kept = replace(self.kept, row=None)
        self.correction = None

    def judge(self, sure_above: float) -> None:
        """Take the answer as sure from this confidence on, 0 to 1."""
        if self.kept is not None:
            sure = State.SURE if self.kept.confidence >= sure_above else State.UNSURE
            self.state = State.UNKNOWN if self.kept.unknown else sure

    def outcome(self) -> Outcome | None:
        """The answer, for an export; None while it waits."""
        from engine.prediction import Failure

        path = Path(self.path)
        if self.kept is not None:
            return self.kept.prediction(path)
        return None if self.error is None else Failure(path.name, self.error, path)

    def as_corrected(self) -> Outcome | None:
        """The answer as the person has it: what was corrected is sure, and of the class that was said."""
        outcome = self.outcome()
        if self.correction is None or not isinstance(outcome, Prediction):
            return outcome
        from dataclasses import replace

        from numpy import float32, zeros

        classes = outcome.classes if self.correction in outcome.classes else (*outcome.classes, self.correction)
        shares = zeros(len(classes), float32)
        shares[classes.index(self.correction)] = 1.0
        return replace(outcome, classes=classes, probabilities=shares, unknown=False)
