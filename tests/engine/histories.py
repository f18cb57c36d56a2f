"""Answers to put into a history, and a clock to put them there by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.prediction import Prediction

NOON = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)
CLASSES = ("cat", "dog", "fox", "hen", "owl", "yak")


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def answer(best: str = "cat", confidence: float = 0.9, path: Path | None = None, unknown: bool = False) -> Prediction:
    probabilities = np.full(len(CLASSES), (1 - confidence) / (len(CLASSES) - 1), dtype=np.float32)
    probabilities[CLASSES.index(best)] = confidence
    name = "pasted image" if path is None else path.name
    return Prediction(name, CLASSES, probabilities, 1.5, unknown, "animals", 3, 4.25, path)


def photo(
    name: str = "tom.jpg",
    best: str = "cat",
    confidence: float = 0.9,
    *,
    unknown: bool = False,
    model: str = "pets",
    version: int = 1,
) -> Prediction:
    """What a model of three classes says of a photo of that name."""
    classes = ("cat", "dog", "fox")
    shares = np.full(3, (1 - confidence) / 2, dtype=np.float32)
    shares[classes.index(best)] = confidence
    return Prediction(name, classes, shares, None, unknown, model, version, 1.0, Path("/photos") / name)
