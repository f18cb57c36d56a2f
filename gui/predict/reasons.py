"""Why an answer was given, ready for the screen; made off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from engine.errors import ImageError
from gui.predict import pictures
from gui.predict.answer import Answer

if TYPE_CHECKING:
    from engine.explain import Neighbour
    from engine.whisker import Whisker


@dataclass(frozen=True)
class Why:
    """Attributes:
    class_name: The class that is explained.
    heat: What the model looked at, to lay over the photo.
    neighbours: The nearest training photos that are still there.
    """

    class_name: str
    heat: QImage
    neighbours: list[tuple[Neighbour, QImage]]


def find(
    whisker: Whisker,
    answer: Answer,
    path: Path,
    class_name: str | None,
    stops: Sequence[tuple[float, str, float]],
    tile: int,
) -> Why:
    """Ask the model that gave the answer, even when another one is active by now.

    Raises:
        WhiskerError: the picture or the model is gone.
    """
    from engine.explain import explain

    predictor = whisker.predictor
    if (predictor.card.name, predictor.card.version) != (answer.model, answer.model_version):
        predictor = whisker.load(answer.reference)
    reasons = explain(predictor, path, class_name)
    neighbours = []
    for neighbour in reasons.neighbours:
        try:
            neighbours.append((neighbour, pictures.square(neighbour.path, tile)))
        except ImageError:
            continue
    return Why(reasons.class_name, pictures.heat_image(reasons.heat, stops), neighbours)
