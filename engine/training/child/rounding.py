"""Choosing int8 weights that lose less than plain rounding, and that no processor miscalculates.

Three steps for each convolution, all from one pass over typical pictures:

- *Bits.* x86 processors without VNNI add two products of an unsigned activation and a signed weight in 16 bits, and
  saturate. Where that would happen, a layer keeps 7-bit weights, which cannot; elsewhere it has all 8.
- *Rounding.* Weights of 1x1 convolutions are rounded one input channel at a time, and what each rounding breaks is
  made up for by those still unrounded (GPTQ, Frantar et al. 2022, arXiv:2210.17323).
- *Bias.* The mean shift that rounding leaves in each output channel is subtracted (Nagel et al. 2019,
  arXiv:1906.04721, section 4.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import numpy_helper

Floats = npt.NDArray[np.float32]

EIGHT_BITS, SEVEN_BITS = 127, 64
LARGEST_OVERFLOW = 0.003
"""Root mean square of what saturation would change, relative to the layer's output, up to which 8 bits are safe."""
DAMPING = 0.01
STATISTICS_BATCH = 4
SAMPLED_POSITIONS = 256
KEPT_POSITIONS = 192
BLOCK = 64  # columns

Overrides = dict[str, list[dict[str, Any]]]


@dataclass
class _Input:
    """What a convolution is fed, gathered over pictures.

    Attributes:
        mean: [channels].
        moment: [channels, channels], mean of x x^T over positions.
        low, high: Extremes, 0 included, as min-max calibration takes them.
        sample: A few positions, [n, channels].
        batches: How many were added up in `mean` and `moment`.
    """

    mean: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(()))
    moment: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(()))
    low: float = 0.0
    high: float = 1e-6
    sample: list[Floats] = field(default_factory=list)
    batches: int = 0

    def add(self, activation: Floats, random: np.random.Generator) -> None:
        rows = activation.transpose(0, 2, 3, 1).reshape(-1, activation.shape[1])
        self.mean = self.mean + rows.mean(axis=0)
        self.low, self.high = min(self.low, float(rows.min())), max(self.high, float(rows.max()))
        chosen = rows[random.choice(len(rows), min(len(rows), SAMPLED_POSITIONS), replace=False)]
        self.moment = self.moment + chosen.T @ chosen / len(chosen)
        if sum(map(len, self.sample)) < KEPT_POSITIONS:
            self.sample.append(chosen[:16])
        self.batches += 1


def round_weights(model: onnx.ModelProto, images: npt.NDArray[np.uint8]) -> Overrides:
    """Round the weights of all convolutions of an fp32 graph in place.

    Args:
        model: Normalisation already folded into the convolutions; input `image`.
        images: uint8 [n, height, width, 3], typical pictures.

    Returns:
        For each weight tensor the scale of every output channel, as `quantize_static` takes them
        (TensorQuantOverrides), so that it reproduces exactly these integers.
    """
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv" and node.input[1] in weights]
    inputs = _gather(model, [node.input[0] for node in convolutions], images)
    overrides: Overrides = {}
    for node in convolutions:
        kernel = numpy_helper.to_array(weights[node.input[1]]).astype(np.float64)
        fed = inputs[node.input[0]]
        pointwise = kernel.shape[2:] == (1, 1) and kernel.shape[1] > 1
        depthwise = kernel.shape[1] == 1
        levels = EIGHT_BITS if depthwise or _overflow(kernel, fed) <= LARGEST_OVERFLOW else SEVEN_BITS
        scales = np.maximum(np.abs(kernel).reshape(len(kernel), -1).max(axis=1) / levels, 1e-12)
        # ONNX stores scales in single precision, and the grid must be theirs.
        scales = scales.astype(np.float32).astype(np.float64)
        rounded = (
            _compensated(kernel[:, :, 0, 0], scales, levels, fed.moment / fed.batches)[:, :, None, None]
            if pointwise
            else _nearest(kernel, scales, levels)
        )
        weights[node.input[1]].CopyFrom(numpy_helper.from_array(rounded.astype(np.float32), node.input[1]))
        if len(node.input) > 2 and node.input[2] in weights:
            bias = numpy_helper.to_array(weights[node.input[2]])
            change = (rounded - kernel).sum(axis=(2, 3))
            mean = fed.mean / fed.batches
            shift = change[:, 0] * mean if depthwise else change @ mean
            corrected = (bias - shift).astype(np.float32)
            weights[node.input[2]].CopyFrom(numpy_helper.from_array(corrected, node.input[2]))
        overrides[node.input[1]] = [
            {"axis": 0, "scale": np.float32(scale), "zero_point": np.int8(0)} for scale in scales
        ]
    return overrides


def _gather(model: onnx.ModelProto, tensors: list[str], images: npt.NDArray[np.uint8]) -> Mapping[str, _Input]:
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = list(dict.fromkeys(tensors))
    del watched.graph.output[:]
    watched.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = ort.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    found = {name: _Input() for name in names}
    for start in range(0, len(images), STATISTICS_BATCH):
        activations = session.run(names, {"image": images[start : start + STATISTICS_BATCH]})
        for name, activation in zip(names, activations, strict=True):
            found[name].add(activation, random)
    return found


def _overflow(kernel: npt.NDArray[np.float64], fed: _Input) -> float:
    """How much 16-bit sums of pairs would change the output of a layer with 8-bit weights, relative to its spread."""
    matrix = kernel.reshape(len(kernel), -1)
    if kernel.shape[2:] != (1, 1):
        return 1.0
    rows = np.concatenate(fed.sample)[:KEPT_POSITIONS]
    step = (fed.high - fed.low) / 255
    codes = np.clip(np.round((rows - fed.low) / step), 0, 255)
    scales = np.maximum(np.abs(matrix).max(axis=1) / EIGHT_BITS, 1e-12)
    integers = np.round(matrix / scales[:, None])
    if codes.shape[1] % 2:
        codes, integers = np.pad(codes, ((0, 0), (0, 1))), np.pad(integers, ((0, 0), (0, 1)))
    lost = np.zeros((len(codes), len(integers)))
    for pair in range(0, codes.shape[1], 2):
        sums = codes[:, pair : pair + 2] @ integers[:, pair : pair + 2].T
        lost += sums - np.clip(sums, -(2**15), 2**15 - 1)
    spread = float((rows @ matrix.T).std())
    return float(np.sqrt(np.mean((lost * step * scales) ** 2)) / max(spread, 1e-12))


def _nearest(kernel: npt.NDArray[np.float64], scales: npt.NDArray[np.float64], levels: int) -> npt.NDArray[np.float64]:
    column = scales.reshape(-1, *[1] * (kernel.ndim - 1))
    result: npt.NDArray[np.float64] = np.clip(np.round(kernel / column), -levels, levels) * column
    return result


def _compensated(
    matrix: npt.NDArray[np.float64], scales: npt.NDArray[np.float64], levels: int, moment: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """GPTQ: [outputs, inputs] rounded to the grid, the strongest inputs first."""
    order = np.argsort(-np.diag(moment))
    back = np.argsort(order)
    work = matrix[:, order].copy()
    hessian = moment[np.ix_(order, order)].astype(np.float64)
    hessian += np.eye(len(hessian)) * (DAMPING * np.diag(hessian).mean() + 1e-9)
    inverse = np.linalg.cholesky(np.linalg.inv(hessian)).T
    rounded, count = np.zeros_like(work), work.shape[1]
    for first in range(0, count, BLOCK):
        after = min(first + BLOCK, count)
        errors = np.zeros((len(work), after - first))
        for index in range(first, after):
            rounded[:, index] = _nearest(work[:, index], scales, levels)
            error = errors[:, index - first] = (work[:, index] - rounded[:, index]) / inverse[index, index]
            work[:, index + 1 : after] -= error[:, None] * inverse[index, index + 1 : after]
        # What a block breaks is made up for in those after it at once, which is the same sum in one product.
        work[:, after:] -= errors @ inverse[first:after, after:]
    result: npt.NDArray[np.float64] = rounded[:, back]
    return result
