"""A whole network from its parts: trunk, head, and what tells the unknown."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.training.child.looking import Known
from engine.training.child.networks import Trunk, with_head
from engine.training.child.quick import Head
from engine.training.child.taught import Taught
from engine.training.features import imagenet_head
from engine.training.messages import Job
from engine.training.preparation import Pictures
from engine.unknown import HEAD_CLASSES, Familiarity, fit_familiarity

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

HEAD_LAYERS = ("head", "kind_posterior", "kind", "prototypes", "opinions_sum")


def compose_lite(
    job: Job, pictures: Pictures, trunk: Trunk, known: Known, learn: Indices, head: Head
) -> tuple[keras.Model, float]:
    """The whole network on a Lite `trunk`, and the threshold of the unknown."""
    backbone = job.plan.backbone or ""
    parts, threshold = _familiarity(known, learn, *imagenet_head(backbone), job.plan.seed)
    model = with_head(backbone, trunk, len(pictures.classes), familiarity=parts)
    model.get_layer("head").set_weights([head.kernel, head.bias])
    return model, threshold


def compose_without_imagenet(
    job: Job,
    pictures: Pictures,
    honest: Split,
    trained: keras.Model,
    trunk: Trunk,
    head: Head,
    temperature: float,
    features: Floats,
    epochs: Sequence[dict[str, float]],
) -> Taught:
    """The network with the familiarity of its own features alone: these have no ImageNet classes to ask."""
    learn = np.union1d(honest.train, honest.validation)
    known = Known(features, features[:, None], features[:0], np.zeros(0, np.int64))
    depth = features.shape[1]
    nobody = np.zeros((depth, HEAD_CLASSES), np.float32), np.zeros(HEAD_CLASSES, np.float32)
    parts, threshold = _familiarity(known, learn, *nobody, job.plan.seed)
    model = with_head(job.plan.recipe.value, trunk, len(pictures.classes), familiarity=parts)
    copy_trunk(trained, model)
    cooled = head.cooled(temperature)
    model.get_layer("head").set_weights([cooled.kernel, cooled.bias])
    return Taught(
        model=model,
        backbone=job.plan.recipe.value,
        temperature=temperature,
        unknown_threshold=threshold,
        class_weights=cooled.kernel,
        train_features=features[honest.train],
        int8=None,
        epochs=tuple(epochs),
        notes=(),
    )


def copy_trunk(source: keras.Model, target: keras.Model) -> None:
    """Give `target`'s trunk the weights of `source`'s, which may be of another size in pixels."""
    for layer in target.layers:
        if layer.weights and layer.name not in HEAD_LAYERS:
            layer.set_weights(source.get_layer(layer.name).get_weights())


def _familiarity(
    known: Known, learn: Indices, head_kernel: Floats, head_bias: Floats, seed: int
) -> tuple[Familiarity, float]:
    row = np.full(len(known.features), -1, np.int64)
    row[learn] = np.arange(len(learn))
    usable = row[known.altered_from] >= 0
    return fit_familiarity(
        known.features[learn],
        head_kernel,
        head_bias,
        known.altered[usable],
        row[known.altered_from[usable]],
        seed,
    )
