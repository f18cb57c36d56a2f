"""Classifiers as other programs export them, for the tests of import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 24


def foreign(
    target: Path,
    *,
    channels_first: bool = True,
    logits: bool = True,
    batch: str | int = "n",
    side: str | int = SIDE,
    kind: int = TensorProto.FLOAT,
    opset: int = 17,
    reshape_to_one: bool = False,
    outputs: int = 4,
) -> Callable[[np.ndarray], np.ndarray]:
    """Write a classifier as other programs export them; returns what it computes, in NumPy, for its own input."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 2, (3, outputs)).astype(np.float32)
    bias = rng.normal(0, 1, outputs).astype(np.float32)
    shape = [batch, 3, side, side] if channels_first else [batch, side, side, 3]
    nodes = [helper.make_node("Cast", ["image"], ["x"], to=TensorProto.FLOAT)]
    if not channels_first:
        nodes.append(helper.make_node("Transpose", ["x"], ["planes"], perm=[0, 3, 1, 2]))
    pool = nodes[-1].output[0]
    nodes.append(helper.make_node("GlobalAveragePool", [pool], ["pooled"]))
    nodes.append(helper.make_node("Reshape", ["pooled", "shape"], ["flat"]))
    nodes.append(helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]))
    if not logits:
        nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    flat_shape = np.array([1 if reshape_to_one else -1, 3], np.int64)
    graph = helper.make_graph(
        nodes,
        "elsewhere",
        [helper.make_tensor_value_info("image", kind, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, [batch, outputs])],
        [
            numpy_helper.from_array(flat_shape, "shape"),
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(bias, "bias"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), str(target))

    def compute(x: np.ndarray) -> np.ndarray:
        scores = x.mean(axis=(2, 3) if channels_first else (1, 2)) @ weights + bias
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    return compute


def labels(folder: Path, names: Sequence[str] = ("ant", "bee", "cat", "dog")) -> Path:
    file = folder / "labels.txt"
    file.write_text("\n".join(names) + "\n", encoding="utf-8")
    return file
