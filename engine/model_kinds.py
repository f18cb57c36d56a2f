"""Model files of other kinds than ONNX, which Whisker cannot ask: a sentence for each instead of "damaged"."""

from __future__ import annotations

from pathlib import Path

from engine.errors import ModelBroken

OTHER_KINDS = {
    ".tflite": "a TensorFlow Lite file",
    ".keras": "a Keras file",
    ".h5": "a Keras file",
    ".hdf5": "a Keras file",
    ".pb": "a TensorFlow file",
    ".pt": "a PyTorch file",
    ".pth": "a PyTorch file",
    ".safetensors": "a file of weights",
}
"""By suffix; a .keras or .pt file is a ZIP archive, so its content would tell less."""
WAY_OUT = "Export it as ONNX where it was made, or teach Whisker with the photos themselves."


def refuse_other_kinds(file: Path) -> None:
    """Let a file pass unless its suffix says that it is no ONNX model but one of another kind.

    Raises:
        ModelBroken: it is one of those.
    """
    kind = OTHER_KINDS.get(file.suffix.lower())
    if kind is not None and file.is_file():
        raise ModelBroken(f"{file.name} is {kind}, and Whisker can only use ONNX models.", WAY_OUT)
