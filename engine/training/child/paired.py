"""Whether one set of answers to the same pictures is better than another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Scored:
    """How well probabilities fit labels.

    Attributes:
        losses: float32 [n], each picture's log-loss.
        misses: float32 [n], each picture's squared error over all classes (Brier 1950), 0 to 2.
        right: How many are right.
    """

    losses: Floats
    misses: Floats
    right: int

    @classmethod
    def of(cls, probabilities: Floats, labels: npt.NDArray[np.int64]) -> Scored:
        chosen = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1.0)
        wanted = np.eye(probabilities.shape[1], dtype=np.float32)[labels]
        misses = np.square(probabilities - wanted).sum(axis=1)
        return cls(-np.log(chosen), misses, int((probabilities.argmax(axis=1) == labels).sum()))

    @property
    def count(self) -> int:
        return len(self.losses)

    def better_than(self, other: Scored) -> bool:
        """Not fewer right, and a smaller squared error by a one-sided paired permutation test at 5 %.

        Whether a picture is right is one bit; its squared error says more, so the same few pictures decide more surely.
        One picture that is wholly mistaken cannot outweigh all others, as it does by log-loss.
        """
        gains = other.misses - self.misses
        gain = float(gains.mean())
        signs = np.random.default_rng(0).choice(np.array([-1.0, 1.0], np.float32), (4000, len(gains)))
        by_chance = float(((signs * gains).mean(axis=1) >= gain).mean())
        return self.right >= other.right and gain > 0 and by_chance < LEVEL


def softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result
