"""How far scores can be believed: 95 % intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]

# The 97.5 % quantile of the normal distribution.
Z = 1.959963984540054
MOST_DRAWS, FEWEST_DRAWS = 1000, 100
CELLS = 4_000_000  # of confusion matrices drawn, so that a thousand classes take seconds, not minutes


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927); 0 to 1 when nothing was tried.

    Unlike the textbook interval it stays sensible for few trials and for all or none right.
    """
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    centre = share + Z * Z / (2 * trials)
    spread = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    scale = 1 + Z * Z / trials
    # At the ends the formula is exactly 0 or 1 but for rounding.
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return low, high


def f1_interval(right: int, support: int, called: int) -> tuple[float, float]:
    """The 95 % interval of one class's F1.

    F1 = 2 J / (1 + J), where J is the share of right ones among all pictures that are of the class or were called so:
    a proportion, whose Wilson interval is carried over (Flores et al. 2022, arXiv:2204.10128, "Wilson indirect").

    Args:
        right: Pictures of the class that were called so.
        support: Pictures of the class.
        called: Pictures that were called so.
    """
    low, high = wilson_interval(right, support + called - right)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def mean_intervals(matrix: Integers, seed: int = 0) -> dict[str, list[float]]:
    """The 95 % intervals of the means over classes: `precision_interval`, `recall_interval` and `f1_interval`.

    Each row of the matrix is taken for draws from a distribution of its own, with Jeffreys' prior on right and wrong
    (Goutte and Gaussier 2005, "A probabilistic interpretation of precision, recall and F-score"), so that a class
    without a mistake is not taken to be infallible; the means are computed for many such distributions.

    Args:
        matrix: int [k, k], confusion matrix, rows true.
        seed: Of the draws.
    """
    seen = np.flatnonzero(matrix.sum(axis=1))
    draws = int(np.clip(CELLS // (len(seen) * len(matrix)), FEWEST_DRAWS, MOST_DRAWS))
    random = np.random.default_rng(seed)
    support = matrix.sum(axis=1)[seen]
    right = np.zeros((draws, len(seen)))
    called = np.zeros((draws, len(matrix)))
    for column, true in enumerate(seen):
        wrong = matrix[true].astype(np.float64)
        wrong[true] = 0
        if not wrong.any():
            # It could be mistaken for any other.
            wrong[np.arange(len(matrix)) != true] = 1e-9
        weights = wrong + 0.5 * wrong / max(wrong.sum(), 1e-12)
        weights[true] = matrix[true, true] + 0.5
        cells = np.flatnonzero(weights)
        shares = random.standard_gamma(weights[cells], (draws, len(cells)))
        shares *= support[column] / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        called[:, cells] += shares
        right[:, column] = shares[:, np.searchsorted(cells, true)]
    drawn = {
        "precision": right / np.maximum(called[:, seen], 1e-300),
        "recall": right / support,
        "f1": 2 * right / (support + called[:, seen]),
    }
    return {
        f"{name}_interval": [float(end) for end in np.quantile(values.mean(axis=1), [0.025, 0.975])]
        for name, values in drawn.items()
    }
