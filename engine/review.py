"""Which pictures are most worth a person's look: those the model is unsure of, and no two of a kind in a row.

Uncertainty alone asks about the same burst of photos again and again; so the next picture is the one whose
uncertainty, times its distance from all that were chosen before, is largest: farthest-first traversal (Gonzalez 1985)
weighted by uncertainty, as in Wei et al., "Submodularity in data subset selection and active learning" (2015).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import images
from engine.errors import ImageError
from engine.predictor import Predictor

Floats = npt.NDArray[np.float32]

# Beyond so many the order among the rest is by uncertainty alone: nobody notices, and the cost is quadratic.
SPREAD_OVER = 500
# What a copy of a chosen picture still counts, so that among copies the less certain comes first.
LEAST_DISTANCE = 0.02
# How far apart in the order of time counts as much as being of different classes.
TIME_WEIGHT = 0.7


def uncertainty(probabilities: Sequence[float], unknown: bool) -> float:
    """How little an answer can be relied on, 0 to 1: one minus the margin between the two best classes.

    Margin sampling (Scheffer et al. 2001). A picture unlike anything that was taught is as uncertain as can be.

    Args:
        probabilities: Of the best classes, best first; one or more.
        unknown: Whether the model said that it does not know.
    """
    if unknown:
        return 1.0
    second = probabilities[1] if len(probabilities) > 1 else 0.0
    return min(1.0, max(0.0, 1.0 - (probabilities[0] - second)))


def answer_vectors(answers: Sequence[Sequence[tuple[str, float]]], times: Sequence[datetime]) -> Floats:
    """What is known of pictures without looking at them: their classes' shares and their place in time.

    Args:
        answers: The best (class, probability) of each of n pictures.
        times: When each was answered.

    Returns:
        float32 [n, classes + 1].
    """
    names = {name: column for column, name in enumerate(dict.fromkeys(name for top in answers for name, _ in top))}
    vectors = np.zeros((len(answers), len(names) + 1), dtype=np.float32)
    for at, top in enumerate(answers):
        for name, share in top:
            vectors[at, names[name]] = share
    # By rank: a holiday's photos a year ago must not make all of today's look alike.
    ranks = np.argsort(np.argsort(np.array([time.timestamp() for time in times]), kind="stable"), kind="stable")
    vectors[:, -1] = TIME_WEIGHT * ranks / max(1, len(answers) - 1)
    return vectors


def worth_asking(uncertain: Sequence[float], vectors: Floats, limit: int | None = None) -> list[int]:
    """The order in which to ask about n pictures.

    Args:
        uncertain: n numbers, 0 to 1.
        vectors: float [n, d]; near ones stand for pictures that are alike. A row that is not finite is of a picture
            nothing is known of, which counts as unlike all others.
        limit: At most so many.

    Returns:
        Indexes, the first to be asked about first.
    """
    weights = np.asarray(uncertain, dtype=np.float32) + 1e-3
    count = len(weights)
    wanted = count if limit is None else min(limit, count)
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(vectors).all(axis=1))
    scale = _spread(vectors[known])
    nearest = np.ones(count, dtype=np.float32)
    left = np.ones(count, dtype=bool)
    order: list[int] = []
    while len(order) < min(wanted, SPREAD_OVER):
        chosen = int(np.argmax(np.where(left, weights * nearest, -1.0)))
        order.append(chosen)
        left[chosen] = False
        if known[chosen]:
            distance = np.linalg.norm(vectors - vectors[chosen], axis=1) / scale
            distance = np.where(known, np.clip(distance, LEAST_DISTANCE, 1.0), 1.0)
            nearest = np.minimum(nearest, distance)
    rest = np.flatnonzero(left)
    order += [int(index) for index in rest[np.argsort(-weights[rest], kind="stable")]]
    return order[:wanted]


def features(
    predictor: Predictor, files: Sequence[Path], cancel: threading.Event | None = None
) -> Iterator[tuple[int, Floats | None]]:
    """What the network sees in each file: its index and float32 [d], L2-normalised; None when it cannot be read.

    One picture at a time, so that whatever else wants to be answered meanwhile is.
    """
    size = predictor.card.input
    for index, file in enumerate(files):
        if cancel is not None and cancel.is_set():
            return
        try:
            picture = images.load(file, size.width, size.height)
        except ImageError:
            yield index, None
            continue
        seen = predictor.run(picture[None], reasons=True).features
        if seen is None:
            # A model from elsewhere may not show its features; then nothing can be told apart by them.
            return
        yield index, seen[0] / max(float(np.linalg.norm(seen[0])), 1e-12)


def _spread(vectors: Floats) -> float:
    """How far pictures are apart at most, so that distances count from 0 to 1."""
    if len(vectors) < 2:
        return 1.0
    far = float(np.linalg.norm(vectors - vectors[0], axis=1).max())
    # No picture is farther from another than twice the farthest from the first; half-way is nearer the truth.
    return max(1.5 * far, 1e-6)
