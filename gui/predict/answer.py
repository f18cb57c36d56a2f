"""An answer as the page shows it, whether it is fresh or comes from the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gui import words

if TYPE_CHECKING:
    from engine.history import Row
    from engine.prediction import Prediction

SHOWN = 5
"""Classes shown as bars."""


@dataclass(frozen=True)
class Answer:
    """Attributes:
    row: Its row in the history, None when it could not be written.
    top: Best classes with their probabilities, best first.
    at: When it was given; None for one that was just given.
    correction: What a person said it really is.
    """

    row: int | None
    name: str
    path: Path | None
    top: tuple[tuple[str, float], ...]
    unknown: bool
    model: str
    model_version: int
    elapsed_ms: float
    at: datetime | None = None
    correction: str | None = None

    @classmethod
    def from_prediction(cls, row: int | None, prediction: Prediction) -> Answer:
        return cls(
            row,
            prediction.source,
            prediction.path,
            tuple(prediction.top(SHOWN)),
            prediction.unknown,
            prediction.model,
            prediction.model_version,
            prediction.elapsed_ms,
        )

    @classmethod
    def from_row(cls, row: Row) -> Answer:
        return cls(
            row.id,
            row.name,
            row.path,
            row.top[:SHOWN],
            row.unknown,
            row.model,
            row.model_version,
            row.elapsed_ms,
            row.at,
            row.correction,
        )

    @property
    def predicted_class(self) -> str:
        return self.top[0][0]

    @property
    def confidence(self) -> float:
        return self.top[0][1]

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.model_version}"

    def verdict(self, sure_above: float) -> str:
        """`sure`, `unsure` or `unknown`."""
        if self.unknown:
            return "unknown"
        return "sure" if self.confidence >= sure_above else "unsure"

    def headline(self, sure_above: float) -> str:
        verdict = self.verdict(sure_above)
        if verdict == "unknown":
            return "Not sure"
        return words.headline(self.predicted_class) + ("?" if verdict == "unsure" else "")

    def line(self) -> str:
        """What there is to say below the headline."""
        if self.unknown:
            return f"Unlike anything this model was shown (nearest: {self.predicted_class})"
        return ""

    def pill(self, sure_above: float) -> str:
        share = words.percent(self.confidence)
        return {"sure": f"Sure  ·  {share}", "unsure": f"Not sure  ·  {share}", "unknown": "Unknown"}[
            self.verdict(sure_above)
        ]

    def as_text(self, sure_above: float) -> str:
        """For the clipboard."""
        if self.unknown:
            said = f"not sure, unlike anything the model was shown (nearest: {self.predicted_class})"
        else:
            said = f"{self.predicted_class} ({words.percent(self.confidence)})".replace("\u00a0", " ")
            if self.verdict(sure_above) == "unsure":
                said = f"not sure, perhaps {said}"
        if self.correction:
            said += f"; corrected to {self.correction}"
        return f"{self.name}: {said} [{self.model} v{self.model_version}]"
