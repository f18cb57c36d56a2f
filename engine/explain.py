"""Why: where the model looked, and which training pictures are nearest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import images
from engine.card import NEIGHBOURS
from engine.errors import ModelBroken, ModelError
from engine.neighbours import read_neighbours
from engine.predictor import Predictor


@dataclass(frozen=True)
class Neighbour:
    """A training picture that resembles the one asked about; `similarity` is a cosine, at most 1."""

    path: Path
    label: str
    similarity: float


@dataclass(frozen=True)
class Reasons:
    """Why a picture got its answer.

    Attributes:
        heat: float32 [h, w], 0 to 1: how much each place spoke for `class_name`.
        class_name: The class that is explained.
        neighbours: The nearest training pictures, nearest first; empty if the model came without them.
    """

    heat: npt.NDArray[np.float32]
    class_name: str
    neighbours: list[Neighbour]


def explain(
    predictor: Predictor, source: Path | bytes, class_name: str | None = None, *, neighbours: int = 5
) -> Reasons:
    """Explain the best class, or `class_name`.

    The heat map is the class-activation map (Zhou et al. 2016, arXiv:1512.04150). Behind global average pooling and
    one dense layer it is exact, not an estimate: its mean is the class's score.

    Raises:
        ImageError: the picture cannot be read.
        ModelError: there is no such class, or the model lacks what it takes.
    """
    size = predictor.card.input
    outputs = predictor.run(images.load(source, size.width, size.height)[None], reasons=True)
    if outputs.activation_map is None or outputs.features is None:
        raise ModelBroken(f"The model {predictor.card.title} cannot say why.", "Models trained by Whisker can.")
    index = int(np.argmax(outputs.probabilities[0]))
    if class_name is not None:
        if class_name not in predictor.classes:
            raise ModelError(
                f"The model {predictor.card.title} has no class {class_name}.", "Ask for one of the model's classes."
            )
        index = predictor.classes.index(class_name)
    # Against the mean of all classes: softmax sees only differences between them.
    weights = predictor.class_weights
    if len(weights) != outputs.activation_map.shape[-1]:
        raise ModelBroken(f"The model {predictor.card.title} cannot say why.", "Models trained by Whisker can.")
    scores = outputs.activation_map[0] @ (weights[:, index] - weights.mean(axis=1))
    return Reasons(_normalised(scores), predictor.classes[index], nearest(predictor, outputs.features[0], neighbours))


def nearest(predictor: Predictor, features: npt.NDArray[np.float32], k: int) -> list[Neighbour]:
    """The `k` training pictures whose features, float32 [d], point most nearly the same way; [] if damaged."""
    index = predictor.path / NEIGHBOURS
    if k <= 0 or not index.is_file():
        return []
    try:
        known, files, labels = read_neighbours(index, len(predictor.classes))
        direction = features / max(float(np.linalg.norm(features)), 1e-12)
        similarity = known.astype(np.float32) @ direction
    except ValueError:
        return []
    best = np.argsort(-similarity, kind="stable")[:k]
    return [Neighbour(Path(str(files[i])), predictor.classes[int(labels[i])], float(similarity[i])) for i in best]


def _normalised(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    positive = np.maximum(scores, 0.0)
    peak = float(positive.max())
    heat: npt.NDArray[np.float32] = (positive / peak if peak > 0 else positive).astype(np.float32)
    return heat
