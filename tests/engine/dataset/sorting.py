"""Answers and folder contents for the tests of sorting."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.prediction import Prediction

CLASSES = ("cat", "dog", "fox/wolf")


def answer(path: Path, label: str = "cat", confidence: float = 0.95, unknown: bool = False) -> Prediction:
    probabilities = np.full(len(CLASSES), (1 - confidence) / (len(CLASSES) - 1), dtype=np.float32)
    probabilities[CLASSES.index(label)] = confidence
    return Prediction(str(path), CLASSES, probabilities, None, unknown, "animals", 1, 1.0, path)


def content(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: a file's bytes, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def files(folder: Path) -> list[str]:
    return [name for name, inside in content(folder).items() if inside is not None]
