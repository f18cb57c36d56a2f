"""What every recipe hands on: a network with its head, ready to be exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Taught:
    """A trained network.

    Attributes:
        model: From `image` to a dict with the names in `networks.OUTPUTS`; the temperature is in the head's weights.
        backbone: "lite0", "lite2", "cnn", "vgg16" or "resnet50".
        temperature: What the logits were divided by.
        unknown_threshold: The familiarity below which a picture is unknown.
        class_weights: float32 [d, classes], the head's kernel.
        train_features: float32 [n, d] of the training pictures, in the split's order.
        int8: The int8 graph that the head's features came from, if they came from one; else int8 is made anew.
        epochs: Loss, accuracy, val_loss and val_accuracy of each epoch; empty for recipes without.
        notes: Sentences for the person.
    """

    model: keras.Model
    backbone: str
    temperature: float
    unknown_threshold: float | None
    class_weights: Floats
    train_features: Floats
    int8: Path | None
    epochs: tuple[dict[str, float], ...]
    notes: tuple[str, ...]
