"""The networks, as flat functional Keras graphs of standard layers (so that safe mode can load them).

EfficientNet-Lite is EfficientNet (Tan and Le 2019, arXiv:1905.11946) as its authors released it for small
devices: no squeeze-and-excitation, ReLU6 in place of swish, stem and head of fixed width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from engine.unknown import HEAD_CLASSES, KIND_SHARPNESS, Evidence, Familiarity

OUTPUTS = ("probabilities", "features", "activation_map", "familiarity")
FEATURES = 1280
STEM_FILTERS = 32
BATCH_NORM_EPSILON = 1e-3

# repeats, kernel, stride, expansion, filters of EfficientNet-B0's seven stages.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class LiteShape:
    """A member of the family: multipliers of width and depth, and the side in pixels it was trained at."""

    width: float
    depth: float
    side: int


LITE = {"lite0": LiteShape(1.0, 1.0, 224), "lite2": LiteShape(1.1, 1.2, 260)}


def efficientnet_lite(
    name: str, side: int | None = None, *, any_size: bool = False
) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """The backbone without a head.

    Args:
        name: "lite0" or "lite2".
        side: Height and width of the input in pixels; the size the weights were trained at by default.
        any_size: Leave height and width open.

    Returns:
        The input `image` (uint8 [batch, side, side, 3], RGB), the last activation (float32 [batch, h, w, 1280],
        0 to 6) and its global average (float32 [batch, 1280]).
    """
    shape = LITE[name]
    pixels = None if any_size else side or shape.side
    image = keras.Input((pixels, pixels, 3), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(image)
    x = _convolution(x, "stem", filters=STEM_FILTERS, kernel=3, stride=2)
    filters_in, index = STEM_FILTERS, 0
    for stage, (repeats, kernel, stride, expansion, filters) in enumerate(STAGES):
        filters = _round_filters(filters * shape.width)
        if 0 < stage < len(STAGES) - 1:
            repeats = math.ceil(repeats * shape.depth)
        for repeat in range(repeats):
            x = _inverted_residual(
                x, f"block{index}", filters_in, filters, kernel, stride if repeat == 0 else 1, expansion
            )
            filters_in, index = filters, index + 1
    activation_map = _convolution(x, "top", filters=FEATURES, kernel=1)
    features = layers.GlobalAveragePooling2D(name="features")(activation_map)
    return image, activation_map, features


def classifier(
    name: str,
    classes: int,
    side: int | None = None,
    *,
    familiarity: Familiarity | Evidence | None = None,
    dropout: float = 0.0,
) -> keras.Model:
    """Backbone, global average pooling and one dense layer `head`; its weights are still random.

    Args:
        name: "lite0" or "lite2".
        classes: Number of classes.
        side: Height and width of the input in pixels.
        familiarity: What the `familiarity` output is computed from; without it that output is a constant 0.
        dropout: Share of features dropped while training.

    Returns:
        A model from `image` to a dict with the names in OUTPUTS.
    """
    return with_head(name, efficientnet_lite(name, side), classes, familiarity=familiarity, dropout=dropout)


Trunk = tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]
"""A network without its head: its input, its last activation, and that one's global average."""


def with_head(
    name: str, trunk: Trunk, classes: int, *, familiarity: Familiarity | Evidence | None = None, dropout: float = 0.0
) -> keras.Model:
    """Any trunk with a dense softmax layer `probabilities`; the rest as for `classifier`."""
    image, activation_map, features = trunk
    x = layers.Dropout(dropout, name="dropout")(features) if dropout else features
    logits = layers.Dense(classes, dtype="float32", name="head")(x)
    if isinstance(familiarity, Evidence):
        familiar = _evidence(features, logits, familiarity)
    else:
        familiar = _taught(features, 1 if familiarity is None else len(familiarity.prototypes))
    outputs = {
        "probabilities": layers.Softmax(name="probabilities")(logits),
        "features": features,
        "activation_map": activation_map,
        "familiarity": layers.Reshape((), name="familiarity")(familiar),
    }
    model = keras.Model(image, outputs, name=name)
    _set(model, _weights(familiarity))
    return model


def feature_extractor(name: str) -> keras.Model:
    """The bare backbone for any input size: `features` and `activation_map`."""
    image, activation_map, features = efficientnet_lite(name, any_size=True)
    return keras.Model(image, {"features": features, "activation_map": activation_map}, name=f"{name}_features")


def load_backbone(model: keras.Model, weights: Mapping[str, npt.NDArray[Any]] | Path) -> None:
    """Fill the backbone's layers of `model` from arrays named "layer/0", "layer/1", ... (an .npz file's)."""
    if isinstance(weights, Path):
        with np.load(weights) as archive:
            weights = dict(archive)
    grouped: dict[str, list[npt.NDArray[np.float32]]] = {}
    for key in sorted(weights):
        grouped.setdefault(key.rpartition("/")[0], []).append(weights[key])
    _set(model, {layer.name: grouped[layer.name] for layer in model.layers if layer.name in grouped})


def _taught(features: keras.KerasTensor, prototypes: int) -> keras.KerasTensor:
    """The graph of `engine.unknown.Familiarity.score`."""
    posterior = layers.Dense(HEAD_CLASSES, activation="softmax", trainable=False, name="kind_posterior")(features)
    kind = layers.Dense(1, use_bias=False, trainable=False, name="kind")(posterior)
    opinions = layers.Concatenate(name="opinions")([kind, _likeness(features, prototypes)])
    return layers.Dense(1, trainable=False, name="opinions_sum")(opinions)


def _evidence(features: keras.KerasTensor, logits: keras.KerasTensor, parts: Evidence) -> keras.KerasTensor:
    """The graph of `engine.unknown.Evidence.score`."""
    strongest = layers.GlobalMaxPooling1D(name="strongest")(
        layers.Reshape((logits.shape[1], 1), name="logits_column")(logits)
    )
    strongest = layers.Dense(1, trainable=False, name="strongest_margin")(strongest)
    likeness = _likeness(features, len(parts.nothing))
    likeness = layers.Dense(1, trainable=False, name="likeness_margin")(likeness)
    return layers.Minimum(name="smaller_margin")([strongest, likeness])


def _likeness(features: keras.KerasTensor, prototypes: int) -> keras.KerasTensor:
    """Cosine similarity to the nearest prototype, [batch, 1]."""
    direction = layers.UnitNormalization(name="direction")(features)
    similarities = layers.Dense(prototypes, use_bias=False, trainable=False, name="prototypes")(direction)
    column = layers.Reshape((prototypes, 1), name="prototypes_column")(similarities)
    return layers.GlobalMaxPooling1D(name="likeness")(column)


def _weights(parts: Familiarity | Evidence | None) -> dict[str, list[npt.NDArray[Any]]]:
    """Arrays for the layers of the `familiarity` output, by layer."""
    if parts is None:
        return {"opinions_sum": [np.zeros((2, 1), np.float32), np.zeros(1, np.float32)]}
    if isinstance(parts, Evidence):
        logit, likeness = parts.smallest_logit, parts.largest_likeness
        return {
            "prototypes": [np.ascontiguousarray(parts.nothing.T)],
            "strongest_margin": [np.array([[1 / logit]], np.float32), np.array([-1], np.float32)],
            "likeness_margin": [np.array([[-1 / likeness]], np.float32), np.array([1], np.float32)],
        }
    sharp = np.float32(KIND_SHARPNESS)
    return {
        "kind_posterior": [parts.head_kernel * sharp, parts.head_bias * sharp],
        "kind": [parts.kinds[:, None]],
        "prototypes": [np.ascontiguousarray(parts.prototypes.T)],
        "opinions_sum": [
            np.array([[parts.kind_scale], [parts.likeness_scale]], np.float32),
            np.array([parts.offset], np.float32),
        ],
    }


def _set(model: keras.Model, arrays: Mapping[str, list[npt.NDArray[Any]]]) -> None:
    for name, weights in arrays.items():
        model.get_layer(name).set_weights(weights)


def _round_filters(filters: float, divisor: int = 8) -> int:
    rounded = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * filters else rounded


def _convolution(
    x: keras.KerasTensor, name: str, *, filters: int, kernel: int, stride: int = 1, activate: bool = True
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)(x)
    return _normalise(x, name, activate)


def _normalise(x: keras.KerasTensor, name: str, activate: bool) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_norm")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x) if activate else x


def _inverted_residual(
    x: keras.KerasTensor, name: str, filters_in: int, filters: int, kernel: int, stride: int, expansion: int
) -> keras.KerasTensor:
    """Expand, filter each channel by itself, project (Sandler et al. 2018, arXiv:1801.04381)."""
    y = x
    if expansion != 1:
        y = _convolution(y, f"{name}_expand", filters=filters_in * expansion, kernel=1)
    depthwise = f"{name}_depthwise"
    y = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=depthwise)(y)
    y = _normalise(y, depthwise, activate=True)
    y = _convolution(y, f"{name}_project", filters=filters, kernel=1, activate=False)
    if stride == 1 and filters_in == filters:
        y = layers.Add(name=f"{name}_add")([x, y])
    return y
