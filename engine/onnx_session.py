"""How an onnxruntime session is made here, and which of its errors say that a model is at fault."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import onnxruntime as ort

from engine.errors import ModelBroken

# Windows has another road for that, which engine/__init__.py does not close; nothing leaves this machine.
ort.disable_telemetry_events()

_ort = ort.capi.onnxruntime_pybind11_state
_ERROR_NAMES = (
    "EPFail EngineError Fail InvalidArgument InvalidGraph InvalidProtobuf NoModel NoSuchFile NotFound NotImplemented "
    "RuntimeException"
)
ASKING_ERRORS: tuple[type[Exception], ...] = tuple(
    getattr(_ort, name) for name in _ERROR_NAMES.split() if hasattr(_ort, name)
)
LOADING_ERRORS: tuple[type[Exception], ...] = (*ASKING_ERRORS, ValueError, RuntimeError)

# One session is made at a time: it takes a core for a tenth of a second, and two callers may want the same one.
creation = threading.Lock()


def open_session(model: bytes, name: str, threads: int) -> ort.InferenceSession:
    """A session on the content of an ONNX file, which reads no other file and does not spin while idle.

    Hold `creation` meanwhile.

    Args:
        name: What a message calls the model.
        threads: How many cores one call may use.

    Raises:
        ModelBroken: it is damaged or is no ONNX model.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Threads wait for each other awake while a picture is on its way, and never between two pictures: that would
    # cost an idle desktop 8 % of a CPU (docs/performance.md).
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if threads > 1 else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # A model stands alone: weights in other files, anywhere on this machine, are not fetched.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except LOADING_ERRORS as error:
        raise ModelBroken(
            f"The model file of {name} is damaged or is no ONNX model.", "Import or train it again."
        ) from error


def output_shapes(model: Path) -> dict[str, list[int | str]]:
    """The outputs of an ONNX file and their shapes, open axes by name.

    Raises:
        ModelBroken: it cannot be read.
    """
    try:
        session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    except LOADING_ERRORS as error:
        raise ModelBroken(f"{model.name} is damaged or is no ONNX model.", "Import or train it again.") from error
    return {output.name: list(output.shape) for output in session.get_outputs()}
