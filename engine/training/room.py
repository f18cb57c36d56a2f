"""Whether a training has room on the disk: said before it begins, for at its end an hour of work would be lost."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import FolderError
from engine.paths import Home
from engine.training.plan import Recipe, TrainingPlan
from engine.training.weights import KNOWN

MEGABYTE = 1_000_000
NEED = {
    Recipe.QUICK: 100 * MEGABYTE,
    Recipe.FINETUNE: 300 * MEGABYTE,
    Recipe.CNN: 100 * MEGABYTE,
    Recipe.VGG16: 180 * MEGABYTE,
    Recipe.RESNET50: 280 * MEGABYTE,
}
"""Bytes that a run has on the disk at once at most, with a fifth more.

The network is written three times (Keras, fp32, int8), its unchanged backbone is kept in ONNX, and a network that
goes through epochs has two checkpoints and the best one, each with its optimizer. What is remembered of each picture,
some 10 kB, is not counted: nobody has counted the pictures yet.
"""


def require_room(plan: TrainingPlan, home: Home) -> None:
    """Make sure before a run that it will not end for want of room.

    Raises:
        FolderError: the home's disk has too little left.
    """
    need = NEED[plan.recipe]
    weights = KNOWN.get(plan.recipe)
    if weights and plan.weights is None and not (home.weights / weights.name).is_file():
        need += weights.size
    free = _free(home.root)
    if free is not None and free < need:
        raise FolderError(
            f"The disk has only {free // MEGABYTE:,} MB left; a training needs about {need // MEGABYTE:,} MB.",
            "Make room and start again.",
        )


def _free(folder: Path) -> int | None:
    """Bytes; None where the system does not say, and then the writing itself has to."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
