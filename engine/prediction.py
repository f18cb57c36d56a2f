"""An answer to one picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ImageError

if TYPE_CHECKING:
    # News carries predictions into the window, which paints before NumPy is imported.
    import numpy as np
    import numpy.typing as npt


class Verdict(Enum):
    """How an answer should be taken."""

    SURE = "sure"
    UNSURE = "unsure"
    """The best class has too small a share."""
    UNKNOWN = "unknown"
    """Unlike anything the model was shown; the best class is only the nearest."""


@dataclass(frozen=True)
class Prediction:
    """What a model says of one picture.

    Attributes:
        source: The file, or a name for a picture that came without one ("pasted image").
        classes: Class names, in the model's order; shared between predictions.
        probabilities: float32 [classes], calibrated, summing to 1.
        familiarity: How much the picture is like what the model was taught; None if the model cannot tell.
        unknown: Whether the familiarity is below the model's threshold.
        model, model_version: Who answered.
        elapsed_ms: Decoding and inference, milliseconds.
        path: The picture's file, when it has one.
    """

    source: str
    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float32] = field(repr=False, compare=False)
    familiarity: float | None
    unknown: bool
    model: str
    model_version: int
    elapsed_ms: float
    path: Path | None = None

    @property
    def top_index(self) -> int:
        return int(self.probabilities.argmax())

    @property
    def predicted_class(self) -> str:
        return self.classes[self.top_index]

    @property
    def confidence(self) -> float:
        """Probability of the best class, 0 to 1."""
        return float(self.probabilities[self.top_index])

    def ranking(self, k: int | None = None) -> npt.NDArray[np.intp]:
        """int [k]: indices of the `k` best classes, or of all, best first."""
        if k is None or 4 * k > len(self.classes):
            return (-self.probabilities).argsort(kind="stable")[:k]
        # Of a thousand classes five are wanted with every answer: to sort them all takes three times as long.
        best = (-self.probabilities).argpartition(k)[:k]
        best.sort()
        return best[(-self.probabilities[best]).argsort(kind="stable")]

    def top(self, k: int) -> list[tuple[str, float]]:
        """The `k` best classes with their probabilities, best first."""
        best = self.ranking(k)
        # As lists: a thousand classes one by one out of an array take half a millisecond.
        return list(zip(map(self.classes.__getitem__, best.tolist()), self.probabilities[best].tolist(), strict=True))

    def verdict(self, sure_above: float) -> Verdict:
        """`sure_above` is the smallest confidence, 0 to 1, that counts as sure."""
        if self.unknown:
            return Verdict.UNKNOWN
        return Verdict.SURE if self.confidence >= sure_above else Verdict.UNSURE

    def as_json(self, top: int | None = None) -> dict[str, Any]:
        """The public shape: predicted_class, confidence, probabilities (all classes, or the `top` best), unknown."""
        best = self.ranking(top)
        names = map(self.classes.__getitem__, best.tolist())
        shares = self.probabilities[best].astype("float64").round(6).tolist()
        return {
            "predicted_class": self.predicted_class,
            "confidence": round(self.confidence, 6),
            "probabilities": dict(zip(names, shares, strict=True)),
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class Failure:
    """A picture that could not be answered, with the reason."""

    source: str
    error: ImageError
    path: Path | None = None

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.error.code, "message": str(self.error)}}


Outcome = Prediction | Failure
