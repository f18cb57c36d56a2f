"""The frozen backbone, built and converted once: what a child can do before it knows what it will teach."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from engine.card import file_sha256
from engine.training.child.graph import backbone_to_onnx, heads_to_onnx
from engine.training.child.networks import Trunk, efficientnet_lite, load_backbone, with_head
from engine.training.child.quick import train_head
from engine.training.features import FEATURES, backbone_weights
from engine.training.plan import BACKBONE_SIDE, DEFAULT_BACKBONE

_ready: dict[tuple[str, int], Trunk] = {}


def get_ready(cache: Path, wanted: Callable[[], bool]) -> None:
    """Do what the default plan will need, while the person is still choosing pictures.

    Args:
        cache: The jobs' cache of features.
        wanted: Whether a job has come; then the rest is left to it.
    """
    backbone, side = DEFAULT_BACKBONE, BACKBONE_SIDE[DEFAULT_BACKBONE]
    if wanted():
        return
    trunk = _ready[backbone, side] = _loaded(backbone, side)
    if wanted():
        return
    converted = converted_backbone(cache, backbone, side)
    if not converted.is_file():
        image, activation_map, features = trunk
        backbone_to_onnx(keras.Model(image, {"features": features, "activation_map": activation_map}), converted)
    if wanted():
        return
    # The first of each in a process waits half a second for what Keras and tf2onnx import and trace.
    train_head(np.zeros((32, FEATURES), np.float32), np.arange(32) % 2, 2)
    if wanted():
        return
    heads_to_onnx(with_head("rehearsal", trunk, 2), ("probabilities", "familiarity"))


def take(backbone: str, side: int) -> Trunk:
    """A backbone of one's own, with its weights."""
    return _ready.pop((backbone, side), None) or _loaded(backbone, side)


def converted_backbone(cache: Path, backbone: str, side: int) -> Path:
    """Where the unchanged backbone is kept in fp32 ONNX, from training to training."""
    versions = "-".join(importlib.metadata.version(package) for package in ("keras", "tf2onnx"))
    weights = file_sha256(backbone_weights(backbone))[:16]
    return cache.parent / "onnx" / f"{backbone}-{side}-{weights}-{versions}.onnx"


def _loaded(backbone: str, side: int) -> Trunk:
    image, activation_map, features = efficientnet_lite(backbone, side)
    load_backbone(keras.Model(image, [activation_map, features]), backbone_weights(backbone))
    return image, activation_map, features
