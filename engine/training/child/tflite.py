"""TensorFlow Lite, for telephones: weights in 8 bits, arithmetic in the runtime's own way."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from engine.card import file_sha256, golden_image
from engine.errors import ModelBroken, TrainingError
from engine.training.child.networks import OUTPUTS

PROBES = range(1, 17)
CLEAR = 0.2
"""Where the best class leads by less, rounding may tip it, and that says nothing of the conversion."""
LARGEST_CONFIG = 64 << 20


def convert(source: Path, sha256: str, target: Path) -> None:
    """Write `target`, a TensorFlow Lite file with dynamic-range quantisation and the signature `serving_default`.

    In goes `image`, uint8 [1, height, width, 3]; the outputs are those of the model.

    Args:
        source: A model.keras.
        sha256: What its hash must be.

    Raises:
        ModelBroken: it was altered, or holds more than plain layers.
        TrainingError: the result does not name the same classes.
    """
    model = _load(source, sha256)
    # From a concrete function or a saved model the converter would leave the weights out and say nothing.
    outputs = {name: model.output[name] for name in OUTPUTS if name in model.output}
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(model.inputs, outputs))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content = converter.convert()
    _check(model, content)
    target.write_bytes(content)


def _load(source: Path, sha256: str) -> keras.Model:
    broken = ModelBroken(f"{source.name} was altered after it was made.", "Export it as onnx, or train it again.")
    if file_sha256(source) != sha256:
        raise broken
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.getinfo("config.json").file_size > LARGEST_CONFIG:
                raise broken
            config = json.loads(archive.read("config.json"))
        if not _plain(config):
            raise ModelBroken(f"{source.name} holds more than plain Keras layers.", "Export it as onnx.")
        return keras.models.load_model(source, compile=False, safe_mode=True)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, RecursionError) as error:
        raise ModelBroken(f"{source.name} is no Keras model.", "Export it as onnx, or train it again.") from error


def _plain(config: Any) -> bool:
    """Whether every object comes from Keras itself: a bundle may have come from anywhere, and must run no code."""
    if isinstance(config, list):
        return all(_plain(part) for part in config)
    if not isinstance(config, dict):
        return True
    if config.get("class_name") == "Lambda" or not str(config.get("module") or "keras").startswith("keras"):
        return False
    return all(_plain(part) for part in config.values())


def _check(model: keras.Model, content: bytes) -> None:
    """Hold the conversion against Keras on synthetic pictures."""
    interpreter = tf.lite.Interpreter(model_content=content)
    answer = interpreter.get_signature_runner()
    height, width = model.inputs[0].shape[1:3]
    images = np.stack([golden_image(seed, width, height) for seed in PROBES])
    expected = model.predict(images, verbose=0)["probabilities"]
    two_best = np.sort(expected, axis=1)[:, -2:]
    for row in np.flatnonzero(two_best[:, 1] - two_best[:, 0] >= CLEAR):
        said = answer(image=images[row : row + 1])["probabilities"][0]
        if said.argmax() != expected[row].argmax():
            raise TrainingError(
                "The TensorFlow Lite model does not answer as the trained one does, so it was not kept.",
                "Export it as onnx.",
            )
