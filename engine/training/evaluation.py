"""How good answers are, and how far that can be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.errors import DatasetError
from engine.training.intervals import f1_interval, mean_intervals, wilson_interval

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.integer[Any]]
Booleans = npt.NDArray[np.bool_]

BINS = 15
# A difference is believed when chance alone gives one as large in less than this share of cases.
ALPHA = 0.05
# Beyond so many disagreements the normal approximation of the exact test is off by less than 0.001.
EXACT_UP_TO = 1_000


def evaluate_predictions(probabilities: Floats, labels: Integers, classes: Sequence[str]) -> dict[str, Any]:
    """The public `metrics` of a model on pictures whose class is known; it holds what JSON can.

    Precision and F1 of a class never predicted are 0, as is all of a class that no picture is of. The means
    `precision`, `recall` and `f1` are over the classes that pictures are of, each counting the same (macro).
    All have intervals of 95 % (`engine.training.intervals`).

    Args:
        probabilities: float [n, k], rows summing to 1.
        labels: int [n], the true classes' indexes, 0 to k - 1.
        classes: k names.

    Raises:
        DatasetError: there are no pictures.
        ValueError: the shapes or labels do not belong together.
    """
    count, k = len(labels), len(classes)
    _check(probabilities, labels, k)
    predicted = probabilities.argmax(axis=1)
    matrix = np.bincount(labels * k + predicted, minlength=k * k).reshape(k, k)
    right = matrix.diagonal()
    support, called = matrix.sum(axis=1), matrix.sum(axis=0)
    recall, precision = _ratio(right, support), _ratio(right, called)
    f1 = _ratio(2 * right, support + called)
    seen = support > 0
    correct = int(right.sum())
    return {
        "accuracy": correct / count,
        "accuracy_interval": list(wilson_interval(correct, count)),
        "precision": float(precision[seen].mean()),
        "recall": float(recall[seen].mean()),
        "f1": float(f1[seen].mean()),
        **mean_intervals(matrix),
        "per_class": {
            name: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(support[i]),
                "precision_interval": list(wilson_interval(int(right[i]), int(called[i]))),
                "recall_interval": list(wilson_interval(int(right[i]), int(support[i]))),
                "f1_interval": list(f1_interval(int(right[i]), int(support[i]), int(called[i]))),
            }
            for i, name in enumerate(classes)
        },
        "confusion_matrix": {"classes": list(classes), "matrix": matrix.tolist()},
        "ece": calibration_error(probabilities, labels),
        "images": count,
    }


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers whose confidence lies above `low` and up to `high`.

    Attributes:
        count: How many there are.
        confidence: Their mean confidence; the bin's middle when there are none.
        accuracy: The share of them that is right; None when there are none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float | None


def reliability_curve(probabilities: Floats, labels: Integers, bins: int = BINS) -> list[ReliabilityBin]:
    """How often answers of each confidence are right: the points of a reliability diagram.

    Args:
        probabilities: float [n, k].
        labels: int [n].
        bins: Number of bins of equal width between 0 and 1.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    # Bins are open below and closed above, as in Guo et al. 2017.
    index = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    confidences = np.bincount(index, weights=confidence, minlength=bins)
    rights = np.bincount(index, weights=correct, minlength=bins)
    return [
        ReliabilityBin(
            low=i / bins,
            high=(i + 1) / bins,
            count=int(counts[i]),
            confidence=float(confidences[i] / counts[i]) if counts[i] else (i + 0.5) / bins,
            accuracy=float(rights[i] / counts[i]) if counts[i] else None,
        )
        for i in range(bins)
    ]


def calibration_error(probabilities: Floats, labels: Integers, bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017), 0 to 1: how far confidence is from accuracy on average."""
    curve = reliability_curve(probabilities, labels, bins)
    gaps = (part.count * abs(part.confidence - part.accuracy) for part in curve if part.accuracy is not None)
    return math.fsum(gaps) / len(labels)


@dataclass(frozen=True)
class PairedComparison:
    """What two models' answers to the same pictures say of them.

    Attributes:
        verdict: What the second is, compared with the first.
        p: Probability that chance alone makes two equally good models differ as much.
        only_first, only_second: Pictures that only the one or the other gets right.
    """

    verdict: Literal["better", "worse", "no difference"]
    p: float
    only_first: int
    only_second: int


def paired_comparison(correct_first: Booleans, correct_second: Booleans) -> PairedComparison:
    """Whether the second model is better than the first: McNemar's test, two-sided, at 5 %.

    Exact (binomial) up to 1,000 disagreements, with the normal approximation and continuity correction beyond.

    Args:
        correct_first, correct_second: bool [n], whether each model is right on each picture, in the same order.

    Raises:
        ValueError: the two are not of the same pictures.
    """
    if correct_first.shape != correct_second.shape:
        raise ValueError(f"answers to {correct_first.shape} and {correct_second.shape} photos cannot be paired")
    first = int(np.count_nonzero(correct_first & ~correct_second))
    second = int(np.count_nonzero(correct_second & ~correct_first))
    p = _mcnemar(first, second)
    if p >= ALPHA:
        return PairedComparison("no difference", p, first, second)
    return PairedComparison("better" if second > first else "worse", p, first, second)


def _mcnemar(first: int, second: int) -> float:
    n, fewer = first + second, min(first, second)
    if n > EXACT_UP_TO:
        z = max(0.0, (abs(first - second) - 1) / math.sqrt(n))
        return math.erfc(z / math.sqrt(2))
    # Whole numbers until the last step: no rounding however small the probability.
    tail = sum(math.comb(n, i) for i in range(fewer + 1))
    return min(1.0, float(Fraction(2 * tail, 2**n)))


def _ratio(part: Integers, whole: Integers) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _check(probabilities: Floats, labels: Integers, k: int) -> None:
    if len(labels) == 0:
        raise DatasetError("There are no photos to measure on.", "Choose a folder with labelled photos.")
    if probabilities.shape != (len(labels), k):
        raise ValueError(f"{len(labels)} labels of {k} classes do not go with probabilities {probabilities.shape}")
    if labels.min() < 0 or labels.max() >= k:
        raise ValueError(f"labels run from {labels.min()} to {labels.max()}, but there are {k} classes")
