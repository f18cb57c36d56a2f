"""What a training came to, in numbers and in sentences; read off the GUI thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ModelError
from gui import words

if TYPE_CHECKING:
    from engine.model_shelf import ModelShelf
    from engine.training.events import Finished

FEW = 30
"""With fewer photos to judge by, the share that is right says next to nothing."""


@dataclass(frozen=True)
class Judged:
    """A photo that the model never saw, and what it said."""

    path: Path
    label: str
    said: str
    confidence: float
    flips: bool

    @property
    def right(self) -> bool:
        return self.label == self.said


@dataclass(frozen=True)
class Outcome:
    """Attributes:
    matrix: How often pictures of class row were called class column.
    per_class: Precision, recall, F1 and support, by class.
    reliability: Parts of {low, high, count, confidence, accuracy}.
    """

    model: str
    version: int
    classes: Sequence[str]
    matrix: Sequence[Sequence[int]]
    metrics: dict[str, Any]
    comparison: dict[str, Any] | None
    notes: tuple[str, ...]
    seconds: float
    judged: tuple[Judged, ...] = ()
    reliability: tuple[dict[str, Any], ...] = field(default=())

    @property
    def reference(self) -> str:
        return f"{self.model}@{self.version}"

    @property
    def images(self) -> int:
        return int(self.metrics.get("images", 0))

    @property
    def right(self) -> int:
        return round(float(self.metrics.get("accuracy", 0)) * self.images)

    def headline(self) -> str:
        """How good it is, with how sure that is."""
        so_many = f"{self.right:,} of {self.images:,} right on photos it never saw"
        if self.images < FEW:
            return f"{so_many}: too few to tell"
        low, high = self.metrics.get("accuracy_interval", (0.0, 1.0))
        return f"{so_many}, give or take\u00a0{max(1, round((high - low) / 2 * self.images)):,}"

    def against(self) -> str:
        """How it compares with the model that answered before."""
        with_ = self.comparison
        if with_ is None:
            return "There is nothing to compare it with: the model in use knows other classes."
        other = str(with_["with"]).replace("@", " v")
        gained, lost = with_["only_new_right"], with_["only_old_right"]
        said = {"better": "Better than", "worse": "Worse than"}.get(with_["verdict"], "No clear difference from")
        only = words.count(gained, "photo", "photos")
        return f"{said} {other}, which answers now: {only} only this one gets right, {lost:,} only the other."

    def mistakes(self) -> list[Judged]:
        """The surest wrong answers first."""
        return sorted((each for each in self.judged if not each.right), key=lambda each: -each.confidence)

    def flipped(self) -> list[Judged]:
        """Those that only one of the two models gets right; what got worse first."""
        return sorted((each for each in self.judged if each.flips), key=lambda each: each.right)

    def cell(self, row: int, column: int) -> list[Judged]:
        label, said = self.classes[row], self.classes[column]
        return [each for each in self.judged if each.label == label and each.said == said]


def read_outcome(shelf: ModelShelf, event: Finished) -> Outcome:
    """The finished run with what its bundle says of each photo; without that where it cannot be read."""
    content: dict[str, Any] = {}
    try:
        folder = shelf.find(f"{event.model}@{event.version}").folder
        content = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    except (ModelError, OSError, ValueError):
        pass
    confusion = event.metrics.get("confusion_matrix", {})
    judged = tuple(
        Judged(Path(row["path"]), row["label"], row["predicted_class"], float(row["confidence"]), bool(row["flips"]))
        for row in content.get("test", ())
    )
    return Outcome(
        event.model,
        event.version,
        confusion.get("classes", []),
        confusion.get("matrix", []),
        event.metrics,
        event.comparison,
        event.notes,
        event.seconds,
        judged,
        tuple(content.get("reliability", ())),
    )
