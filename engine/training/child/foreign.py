"""A picture classifier that another program made, dressed so that Whisker can ask it.

It gets the input that every bundle has (`image`, uint8 NHWC), its own normalisation inside, and a softmax where it
answers with logits. Needs onnx, not TensorFlow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import TensorProto, compose, helper, numpy_helper

from engine.card import MAX_SIDE, ONNX, Card, ModelInput, file_sha256, golden_image
from engine.errors import ModelBroken
from engine.model_import import Feeding
from engine.training.golden import golden_checks
from engine.version import __version__

OLDEST_OPSET = 7  # from which on arithmetic broadcasts
LARGEST = (1 << 31) - 1  # bytes; more does not fit into one protobuf
PROBES = (1, 2, 3)
SAME = 1e-4
_FLOATS = {TensorProto.FLOAT: np.float32, TensorProto.FLOAT16: np.float16, TensorProto.DOUBLE: np.float64}
_HINT = "Export it again with one float input [batch, 3, height, width] and one output [batch, classes]."

_ort = ort.capi.onnxruntime_pybind11_state
_RUN_ERRORS: tuple[type[Exception], ...] = (
    ValueError,
    RuntimeError,
    *(error for error in vars(_ort).values() if isinstance(error, type) and issubclass(error, Exception)),
)

Floats = npt.NDArray[np.float32]


def dress(source: Path, staged: Path, name: str, classes: Sequence[str], feeding: Feeding) -> None:
    """Write model.onnx and card.json into `staged`.

    Raises:
        ModelBroken: it is no such classifier, or keeps its weights elsewhere.
    """
    model = _read(source)
    size, channels_first = _size(model, feeding)
    given = _given(model)
    original = _session(model)
    pixels = np.stack([golden_image(seed, size.width, size.height) for seed in PROBES])
    fed = _fed(pixels, feeding, given.type.tensor_type.elem_type, channels_first)
    output, logits = _answer(original, {given.name: fed}, len(classes))
    _dress(model, given, output, size, len(classes), channels_first, logits, feeding)
    _describe(model, name, classes, size)
    onnx.checker.check_model(model)
    session = _session(model)
    answers = np.concatenate([session.run(None, {"image": one[None]})[0] for one in pixels])
    if not np.isfinite(answers).all() or np.abs(answers.sum(axis=1) - 1).max() > 1e-2:
        raise _unfit("does not answer with probabilities")
    try:
        together = session.run(None, {"image": pixels})[0]
    except _RUN_ERRORS as error:
        raise _unfit("takes only one photo at a time") from error
    if together.shape != answers.shape or np.abs(together - answers).max() > SAME:
        raise _unfit("takes only one photo at a time")
    golden = golden_checks(session, classes, size)
    onnx.save(model, str(staged / ONNX))
    Card(
        name=name,
        title=name,
        version=1,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=tuple(classes),
        input=size,
        backbone="",
        recipe="",
        precision="",
        temperature=1.0,
        unknown_threshold=None,
        metrics=None,
        sha256={ONNX: file_sha256(staged / ONNX)},
        golden=tuple(golden),
        training={"description": f"Made elsewhere; imported from {source.name}"},
        versions={"whisker": __version__},
    ).write(staged)


def _unfit(what: str) -> ModelBroken:
    return ModelBroken(f"The model {what}, so it cannot be used.", _HINT)


def _read(source: Path) -> onnx.ModelProto:
    if source.stat().st_size > LARGEST:
        raise _unfit("is larger than 2 GB")
    try:
        model = onnx.load(str(source), load_external_data=False)
    except (DecodeError, ValueError) as error:
        raise ModelBroken(f"{source.name} is damaged or is no ONNX model.", "Export it again.") from error
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in _tensors(model.graph)):
        # A path in a model could lead to any file of this machine.
        raise ModelBroken(f"{source.name} keeps its weights in other files.", "Export it again as one file.")
    if any(opset.domain in ("", "ai.onnx") and opset.version < OLDEST_OPSET for opset in model.opset_import):
        raise _unfit("is of a very old kind")
    return model


def _tensors(graph: onnx.GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                if inner.node:
                    yield from _tensors(inner)


def _given(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise _unfit(f"has {len(inputs)} inputs")
    return inputs[0]


def _size(model: onnx.ModelProto, feeding: Feeding) -> tuple[ModelInput, bool]:
    """The input's size, and whether the channels come before it."""
    tensor = _given(model).type.tensor_type
    shape = [axis.dim_value for axis in tensor.shape.dim]
    if tensor.elem_type not in (*_FLOATS, TensorProto.UINT8) or len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise _unfit("does not take RGB photos")
    channels_first = shape[1] == 3
    height, width = (side or feeding.side or 0 for side in (shape[2:] if channels_first else shape[1:3]))
    if not height or not width:
        raise ModelBroken("The model does not say how large its photos are.", "Say so with --size.")
    if max(height, width) > MAX_SIDE:
        raise _unfit("wants very large photos")
    return ModelInput(width=width, height=height), channels_first


def _session(model: onnx.ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except _RUN_ERRORS as error:
        raise _unfit("is damaged, or uses what onnxruntime does not know") from error


def _fed(pixels: npt.NDArray[np.uint8], feeding: Feeding, kind: int, channels_first: bool) -> npt.NDArray[Any]:
    """The probes as the model itself wants them."""
    multiply, add = _factors(feeding)
    values = pixels if kind == TensorProto.UINT8 else (pixels * multiply + add).astype(_FLOATS[kind])
    return values.transpose(0, 3, 1, 2) if channels_first else values


def _factors(feeding: Feeding) -> tuple[Floats, Floats]:
    """What pixels 0 to 255 are multiplied by, and what is added then: float32 [3] each."""
    std = np.array(feeding.std)
    multiply = (feeding.high - feeding.low) / 255 / std
    add = (feeding.low - np.array(feeding.mean)) / std
    return multiply.astype(np.float32), add.astype(np.float32)


def _answer(session: ort.InferenceSession, feed: dict[str, npt.NDArray[Any]], classes: int) -> tuple[str, bool]:
    """Which output has a number for each class, and whether these are logits."""
    ((name, fed),) = feed.items()
    answers = []
    try:
        answers = [session.run(None, {name: one[None]}) for one in fed]
    except _RUN_ERRORS as error:
        raise _unfit("cannot answer a photo of its size") from error
    for index, output in enumerate(session.get_outputs()):
        values = [answer[index] for answer in answers]
        if all(isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size == classes for value in values):
            rows = np.stack([value.reshape(classes) for value in values]).astype(np.float64)
            return output.name, not (rows.min() >= -1e-6 and np.abs(rows.sum(axis=1) - 1).max() < 1e-2)
    found = ", ".join(str(answer.size) for answer in answers[0] if isinstance(answer, np.ndarray))
    raise ModelBroken(
        f"The model answers with {found or 'no'} numbers, but {classes} labels were given.",
        "Give one label for each class, in the model's order.",
    )


def _dress(
    model: onnx.ModelProto,
    given: onnx.ValueInfoProto,
    output: str,
    size: ModelInput,
    classes: int,
    channels_first: bool,
    logits: bool,
    feeding: Feeding,
) -> None:
    kind, inner = given.type.tensor_type.elem_type, f"foreign/{given.name}"
    compose.add_prefix(model, "foreign/", inplace=True)
    graph = model.graph
    layers = [helper.make_node("Cast", ["image"], ["whisker/real"], to=TensorProto.FLOAT)]
    last = "whisker/real"
    if kind != TensorProto.UINT8:
        for operator, factor in zip(("Mul", "Add"), _factors(feeding), strict=True):
            constant, made = f"whisker/{operator.lower()}", f"whisker/{operator.lower()}_out"
            tensor = numpy_helper.from_array(factor, constant)
            layers.append(helper.make_node("Constant", [], [constant], value=tensor))
            layers.append(helper.make_node(operator, [last, constant], [made]))
            last = made
    if channels_first:
        layers.append(helper.make_node("Transpose", [last], ["whisker/planes"], perm=[0, 3, 1, 2]))
        last = "whisker/planes"
    layers.append(helper.make_node("Cast", [last], [inner], to=kind))
    end = [
        helper.make_node("Cast", [f"foreign/{output}"], ["whisker/answer"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["whisker/answer"], ["whisker/flat"], axis=1),
        helper.make_node("Softmax" if logits else "Identity", ["whisker/flat"], ["probabilities"]),
    ]
    if logits:
        end[-1].attribute.append(helper.make_attribute("axis", 1))
    nodes = [*layers, *graph.node, *end]
    del graph.node[:]
    graph.node.extend(nodes)
    weights = [value for value in graph.input if value.name != inner]
    del graph.input[:]
    shape = ["batch", size.height, size.width, 3]
    graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, shape))
    graph.input.extend(weights)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]))
    # Shapes inside may speak of a batch of one; they are found anew.
    del graph.value_info[:]


def _describe(model: onnx.ModelProto, name: str, classes: Sequence[str], size: ModelInput) -> None:
    """The metadata by which the file stands alone."""
    del model.metadata_props[:]
    described = {
        "name": name,
        "version": "1",
        "classes": json.dumps(list(classes), ensure_ascii=False),
        "resize": json.dumps(vars(size)),
        "unknown_threshold": "",
        "temperature": "1.0",
    }
    helper.set_model_props(model, described)
