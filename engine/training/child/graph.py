"""From Keras to ONNX, and from fp32 to int8."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import onnx
import tensorflow as tf
import tf2onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from engine.training.child.rounding import round_weights

OPSET = 17
CALIBRATION_BATCH = 8

# The heads stay fp32: they cost a thousandth of the time, and a rounded posterior would move the calibration.
QUANTISED_OPERATORS = ("Conv", "Add", "Clip")

Images = npt.NDArray[np.uint8]


def to_onnx(model: keras.Model, outputs: Sequence[str], destination: Path) -> None:
    """Write `model`, which maps `image` to a dict, as fp32 ONNX.

    Args:
        model: Functional, with one uint8 input [batch, height, width, 3].
        outputs: The dict's names, in the order the file shall have them.
        destination: The file to write.
    """
    ordered = keras.Model(model.inputs, [model.output[name] for name in outputs])
    height, width = model.inputs[0].shape[1:3]
    signature = [tf.TensorSpec([None, height, width, 3], tf.uint8, name="image")]
    graph, _ = tf2onnx.convert.from_keras(ordered, input_signature=signature, opset=OPSET, optimizers=_optimizers())
    _rename_outputs(graph.graph, outputs)
    for value in (*graph.graph.input, *graph.graph.output):
        _name_open_axes(value, ("batch", "height", "width"))
    onnx.checker.check_model(graph)
    onnx.save(graph, str(destination))


def quantise(source: Path, destination: Path, images: Images) -> None:
    """Write an int8 copy of an fp32 graph: static, QDQ, a scale for each channel of the weights.

    Ranges of activations are minimum and maximum of each batch, averaged. The weights' integers are chosen by
    `rounding.round_weights`; docs/models.md has what that is worth.

    Args:
        source: The fp32 graph with input `image`.
        destination: The file to write.
        images: uint8 [n, height, width, 3], typical pictures; a hundred or two are enough.
    """
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        model = onnx.load(str(prepared))
        overrides = round_weights(model, images)
        onnx.save(model, str(prepared))
        quantize_static(
            str(prepared),
            str(destination),
            _Batches(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED_OPERATORS),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # Averaged over batches, one odd picture cannot stretch the range of all.
            extra_options={"TensorQuantOverrides": overrides, "CalibMovingAverage": True},
        )


def heads_to_onnx(model: keras.Model, heads: Sequence[str]) -> onnx.ModelProto:
    """The part of `model` from its layer `features` to the outputs `heads`, as a graph of its own.

    The backbone is converted once (`backbone_to_onnx`); what a training changes takes a second.
    """
    features = model.get_layer("features").output
    part = keras.Model(features, [model.output[name] for name in heads])
    signature = [tf.TensorSpec([None, features.shape[1]], tf.float32, name="features")]
    graph, _ = tf2onnx.convert.from_keras(part, input_signature=signature, opset=OPSET)
    _rename_outputs(graph.graph, heads)
    for value in (*graph.graph.input, *graph.graph.output):
        _name_open_axes(value, ("batch",))
    return graph


def backbone_to_onnx(model: keras.Model, destination: Path) -> None:
    """Write the part of `model` up to `features` and `activation_map` as fp32 ONNX; by one rename, once it is whole."""
    outputs = ("features", "activation_map")
    body = keras.Model(model.inputs, {name: model.output[name] for name in outputs})
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        whole = Path(scratch) / destination.name
        to_onnx(body, outputs, whole)
        whole.replace(destination)


def attach(backbone: Path, shapes: Path, heads: onnx.ModelProto, outputs: Sequence[str], destination: Path) -> None:
    """Put heads onto a backbone.

    Args:
        backbone: Graph with the outputs `features` and `activation_map`, any input size.
        shapes: The same network with its input size fixed, from which the shapes are taken.
        heads: From `heads_to_onnx`.
        outputs: Names of all outputs, in the order the file shall have them.
        destination: The file to write.
    """
    body, fixed, head = onnx.load(str(backbone)), onnx.load(str(shapes)), onnx.ModelProto()
    head.CopyFrom(heads)
    for node in head.graph.node:
        node.name = f"head/{node.name}"
    inner = {name for node in head.graph.node for name in node.output if name not in outputs}
    inner |= {tensor.name for tensor in head.graph.initializer}
    _rename_tensors(head.graph, {name: f"head/{name}" for name in inner})
    body.graph.node.extend(head.graph.node)
    body.graph.initializer.extend(head.graph.initializer)
    known = {value.name: value for value in (*fixed.graph.output, *head.graph.output)}
    del body.graph.output[:]
    body.graph.output.extend(known[name] for name in outputs)
    del body.graph.value_info[:]
    body.graph.input[0].CopyFrom(fixed.graph.input[0])
    onnx.checker.check_model(body, full_check=True)
    onnx.save(body, str(destination))


def write_metadata(path: Path, metadata: dict[str, str]) -> None:
    """Replace the metadata of the ONNX file at `path`."""
    model = onnx.load(str(path))
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, metadata)
    model.producer_name = "Whisker"
    onnx.save(model, str(path))


class _Batches(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no type information
    def __init__(self, images: Images) -> None:
        starts = range(0, len(images), CALIBRATION_BATCH)
        self._batches: Iterator[Images] = (images[start : start + CALIBRATION_BATCH] for start in starts)

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"image": batch}


def _optimizers() -> dict[str, Callable[[], Any]]:
    """tf2onnx's own, each after a collection of garbage.

    Each works on a copy of the whole graph, weights and all, that holds itself in cycles, and Python waits with those
    until they are many: ResNet50 took 12 GB, and takes 3 like this.
    """

    def tidy(optimizer: Callable[[], Any]) -> Callable[[], Any]:
        def begun() -> Any:
            gc.collect()
            return optimizer()

        return begun

    return {name: tidy(known) for name, known in tf2onnx.optimizer._get_optimizers().items()}


def _rename_outputs(graph: onnx.GraphProto, names: Sequence[str]) -> None:
    """Give the outputs `names`; inner tensors that already bear one of them step aside."""
    renamed = {output.name: name for output, name in zip(graph.output, names, strict=True)}
    for node in graph.node:
        for inner in node.output:
            if inner in names and inner not in renamed:
                renamed[inner] = f"{inner}/inner"
    _rename_tensors(graph, renamed)


def _rename_tensors(graph: onnx.GraphProto, renamed: Mapping[str, str]) -> None:
    for node in graph.node:
        for field in (node.input, node.output):
            for index, name in enumerate(field):
                field[index] = renamed.get(name, name)
    for value in (*graph.output, *graph.value_info, *graph.initializer):
        value.name = renamed.get(value.name, value.name)


def _name_open_axes(value: onnx.ValueInfoProto, names: Sequence[str]) -> None:
    for axis, name in zip(value.type.tensor_type.shape.dim, names, strict=False):
        if not axis.HasField("dim_value"):
            axis.dim_param = name
