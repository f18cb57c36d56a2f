"""Tiny model bundles whose answers a test can foretell.

The model of `make_bundle` looks at the mean colour of a picture and answers the class whose own colour is nearest:
the first class is red, the second blue, then green, yellow, magenta, cyan. A picture without any colour (grey, black,
white) is unknown to it.

    bundle = make_bundle(tmp_path / "cats-dogs")
    predict(solid(tmp_path / "a.png", RED))     -> "cat", nearly 1
    predict(solid(tmp_path / "b.png", BLUE))    -> "dog", nearly 1
    predict(solid(tmp_path / "c.png", PURPLE))  -> "cat", but only just: unsure
    predict(solid(tmp_path / "d.png", GREY))    -> unknown
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

RED = (255, 0, 0)
BLUE = (0, 0, 255)
GREEN = (0, 255, 0)
YELLOW = (255, 255, 0)
MAGENTA = (255, 0, 255)
CYAN = (0, 255, 255)
GREY = (128, 128, 128)
PURPLE = (136, 0, 128)
"""Between red and blue, a little nearer to red."""

PALETTE = (RED, BLUE, GREEN, YELLOW, MAGENTA, CYAN)
CELL = 8
"""One cell of the activation map covers CELL x CELL pixels."""
SHARPNESS = 10.0


def solid(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (48, 40)) -> Path:
    """Write a picture of one colour; the suffix of `path` says which format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def make_bundle(
    folder: Path,
    classes: Sequence[str] = ("cat", "dog"),
    size: int = 32,
    *,
    name: str | None = None,
    version: int = 1,
    title: str | None = None,
    unknown_threshold: float | None = 0.05,
) -> Path:
    """Write a complete, sound bundle into `folder` (made if missing) and return it.

    Args:
        folder: Where model.onnx, model.keras and card.json go; its name is the model's, unless `name` says otherwise.
        classes: Class names; the n-th stands for the n-th colour of PALETTE (further ones for invented colours).
        size: Side of the model's square input in pixels, a multiple of CELL.
        unknown_threshold: Smallest colourfulness (largest minus smallest mean channel, 0 to 1) of a known picture;
            None for a model that cannot tell.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = name or folder.name
    weights, bias = _nearest_colour(len(classes))
    model = _graph(size, weights, bias)
    golden = _golden(model.SerializeToString(), size, classes)
    inputs = {"width": size, "height": size, "fit": "squash", "resample": "bilinear"}
    versions = {"whisker": "0.1.0"}
    threshold = "" if unknown_threshold is None else repr(unknown_threshold)
    metadata = {
        "classes": json.dumps(list(classes)),
        "resize": json.dumps(inputs),
        "unknown_threshold": threshold,
        "temperature": "1.0",
        "class_weights": json.dumps([[float(f"{w:.5g}") for w in row] for row in weights.tolist()]),
        "versions": json.dumps(versions),
        "golden": json.dumps(golden),
        "name": name,
        "version": str(version),
    }
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (folder / "model.keras").write_bytes(b"A stand-in: the tests never open it.\n")
    card = {
        "format": 1,
        "name": name,
        "title": title or name.replace("-", " ").capitalize(),
        "version": version,
        "created": "2026-01-02T03:04:05Z",
        "classes": list(classes),
        "input": inputs,
        "backbone": "lite0",
        "recipe": "quick",
        "precision": "fp32",
        "temperature": 1.0,
        "unknown_threshold": unknown_threshold,
        "metrics": _metrics(classes),
        "training": {
            "images": 10 * len(classes),
            "per_class": dict.fromkeys(classes, 10),
            "description": "Plain colours, painted by the tests.",
            "seconds": 0.1,
        },
        "lineage": {"parent": None, "data_fingerprint": "0" * 64, "plan": {}},
        "sha256": {
            file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in ("model.onnx", "model.keras")
        },
        "golden": golden,
        "versions": versions,
        "licence": "MIT",
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    return folder


def _nearest_colour(classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights [3, classes] and bias [classes] for which softmax prefers the class of the nearest colour.

    -|f - t|^2 = 2 f.t - |t|^2 - |f|^2, whose last term is the same for all classes: so the rule is linear.
    """
    targets = [np.array(colour) / 255 for colour in PALETTE]
    invented = np.random.default_rng(0).random((max(0, classes - len(targets)), 3))
    wanted = np.array([*targets, *invented], dtype=np.float32)[:classes]
    return 2 * SHARPNESS * wanted.T, -SHARPNESS * (wanted**2).sum(axis=1)


def _graph(size: int, weights: np.ndarray, bias: np.ndarray) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, value: np.ndarray) -> Any:
        return numpy_helper.from_array(value, name)

    def value(name: str, kind: int, shape: list[str | int]) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    cells, channels, classes = size // CELL, weights.shape[0], weights.shape[1]
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["float", "full"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["pooled"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Transpose", ["pooled"], ["activation_map"], perm=[0, 2, 3, 1]),
        helper.make_node("ReduceMean", ["activation_map"], ["features"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["features", "weights"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
        helper.make_node("ReduceMax", ["features"], ["most"], axes=[1], keepdims=0),
        helper.make_node("ReduceMin", ["features"], ["least"], axes=[1], keepdims=0),
        helper.make_node("Sub", ["most", "least"], ["familiarity"]),
    ]
    graph = helper.make_graph(
        nodes,
        "nearest-colour",
        [value("image", TensorProto.UINT8, ["batch", size, size, 3])],
        [
            value("probabilities", TensorProto.FLOAT, ["batch", classes]),
            value("features", TensorProto.FLOAT, ["batch", channels]),
            value("activation_map", TensorProto.FLOAT, ["batch", cells, cells, channels]),
            value("familiarity", TensorProto.FLOAT, ["batch"]),
        ],
        [
            constant("full", np.array(255, dtype=np.float32)),
            constant("weights", weights.astype(np.float32)),
            constant("bias", bias.astype(np.float32)),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _golden(model: bytes, size: int, classes: Sequence[str]) -> list[dict[str, Any]]:
    import onnxruntime

    from engine.card import golden_image

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    checks = []
    for seed in (1, 2):
        batch = golden_image(seed, size, size)[np.newaxis]
        probabilities = session.run(["probabilities"], {"image": batch})[0][0]
        best = np.argsort(-probabilities, kind="stable")[:5]
        checks.append(
            {
                "seed": seed,
                "predicted_class": classes[best[0]],
                "probabilities": {classes[i]: round(float(probabilities[i]), 6) for i in best},
                "tolerance": 0.05,
            }
        )
    return checks


def _metrics(classes: Sequence[str]) -> dict[str, Any]:
    perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 10}
    return {
        "accuracy": 1.0,
        "accuracy_interval": [0.839, 1.0],
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "per_class": {name: dict(perfect) for name in classes},
        "confusion_matrix": {
            "classes": list(classes),
            "matrix": [[10 if row == column else 0 for column in range(len(classes))] for row in range(len(classes))],
        },
        "ece": 0.0,
        "images": 10 * len(classes),
    }
