"""Answers of a finished file to pictures whose features are remembered: only its head has to run.

The features that a frozen backbone gives are the same for every file that is grafted onto it, so the network need not
look at each test picture once more. That it is so is not taken for granted: a sample of the pictures is answered by the
whole file, and where the two differ, the whole file answers all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx

from engine import images
from engine.card import ONNX
from engine.errors import ImageError
from engine.training.child.sessions import one_thread_session, run

Floats = npt.NDArray[np.float32]

SAMPLE = 24
LARGEST_DIFFERENCE = 0.01
"""Of probabilities: remembered features are of half precision."""


def answers_from_features(bundle: Path, paths: Sequence[Path], features: Floats, side: int) -> Floats | None:
    """float32 [n, classes], columns in the file's order; None where the file has no such features.

    Args:
        bundle: The finished model.
        paths: n readable pictures.
        features: float32 [n, d].
        side: Pixels that the features were computed at.
    """
    model = onnx.load(str(bundle / ONNX))
    head = _head(model)
    size = [axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim]
    if head is None or size[1:3] != [side, side] or not len(paths):
        return None
    session = one_thread_session(head)
    if session.get_inputs()[0].shape[1] != features.shape[1]:
        return None
    answers: Floats = session.run(["probabilities"], {"features": features})[0]
    sample = np.unique(np.linspace(0, len(paths) - 1, SAMPLE).astype(np.intp))
    whole = one_thread_session(bundle / ONNX)
    try:
        pictures = np.stack([images.load(paths[at], side, side) for at in sample])
    except ImageError:
        return None  # Gone in the meantime: whoever asks each picture in turn will see which.
    proof = run(whole, pictures, ["probabilities"])["probabilities"]
    return answers if np.abs(proof - answers[sample]).max() <= LARGEST_DIFFERENCE else None


def familiarity_from_features(bundle: Path, features: Floats) -> Floats | None:
    """float32 [n], for features [n, d] that are known to be this file's own; None where it has no such part."""
    head = _head(onnx.load(str(bundle / ONNX)), "familiarity")
    if head is None:
        return None
    familiarity: Floats = one_thread_session(head).run(["familiarity"], {"features": features})[0]
    return familiarity


def _head(model: onnx.ModelProto, output: str = "probabilities") -> bytes | None:
    """The part of a graph from `features` to another output; None if the pictures reach that another way."""
    graph = model.graph
    outputs = {known.name: known for known in graph.output}
    if not {"features", output} <= outputs.keys():
        return None
    constants = {tensor.name: tensor for tensor in graph.initializer}
    makers = {name: number for number, node in enumerate(graph.node) for name in node.output}
    wanted, nodes, used = [output], set(), set()
    while wanted:
        name = wanted.pop()
        if name in constants:
            used.add(name)
        elif name and name != "features":
            if name not in makers:
                return None
            if makers[name] not in nodes:
                nodes.add(makers[name])
                wanted.extend(graph.node[makers[name]].input)
    part = onnx.helper.make_graph(
        [graph.node[number] for number in sorted(nodes)],
        "head",
        [outputs["features"]],
        [outputs[output]],
        [constants[name] for name in sorted(used)],
    )
    head = onnx.helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    return bytes(head.SerializeToString())
