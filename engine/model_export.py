"""Copying a model out: a kit that answers without Whisker, a lone ONNX file, Keras, or TensorFlow Lite."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from engine import paths
from engine.card import KERAS, ONNX, Card
from engine.edition import can_train
from engine.errors import FolderError, ModelBroken, TrainingUnavailable

FORMS = ("onnx", "keras", "tflite")
_OUTPUTS = {
    "probabilities": "how sure it is of each class, in the order of `classes` in the metadata; they sum to 1",
    "features": "what the last layer sees of the photo",
    "activation_map": "where it sees it; times `class_weights` in the metadata it is the heat map",
    "familiarity": "how like its training the photo is; below `unknown_threshold` in the metadata it is unknown",
}


def export(
    bundle: Path, card: Card, destination: Path, form: str, *, logs: Path, cancel: threading.Event | None = None
) -> Path:
    """Copy a model out. It appears whole or not at all, and nothing is overwritten.

    Args:
        bundle: Its folder.
        card: Its card, with the name and version that it has on the shelf.
        destination: A folder that exists, for a new NAME-VERSION in it, or something that does not exist yet.
            For `onnx` a name that ends in .onnx means the lone file, any other a folder with a README and a sample.
        form: One of FORMS.
        logs: For the log of the process that converts.
        cancel: Ends a conversion.

    Returns:
        What was written.

    Raises:
        FolderError: the place exists already or cannot be written, or there is no such form.
        ModelBroken: the model lacks what that form is made from.
        TrainingUnavailable: this edition cannot convert.
        TrainingError: the conversion does not answer as the model does.
        TrainingCancelled: `cancel` was set.
    """
    if form not in FORMS:
        raise FolderError(f"A model cannot be copied out as {form}.", f"Choose one of: {', '.join(FORMS)}.")
    lone = form == "onnx" and destination.suffix.lower() == ".onnx" and not destination.is_dir()
    suffix = "" if form == "onnx" else f".{form}"
    target = destination / f"{card.name}-{card.version}{suffix}" if destination.is_dir() else destination
    if os.path.lexists(target):
        raise FolderError(f"{target} is there already.", "Choose another name.")

    def write(partial: Path) -> None:
        if form == "tflite":
            _convert(bundle, card, partial, logs, cancel)
        elif form == "keras" or lone:
            shutil.copyfile(_part(bundle, card, KERAS if form == "keras" else ONNX), partial)
        else:
            _write_kit(_part(bundle, card, ONNX), card, partial)

    _appear(target, write)
    return target


def _appear(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make something under another name, and rename it to `target` once it is whole."""
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        partial.rename(target)
    except OSError as error:
        raise FolderError(f"{target} could not be written ({error.strerror}).", "Choose another place.") from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                partial.unlink()


def _part(bundle: Path, card: Card, name: str) -> Path:
    if not (bundle / name).is_file():
        if name == KERAS and not can_train():
            # The light edition brings its models without their Keras twins.
            raise TrainingUnavailable(
                f"This edition of Whisker brings {card.title} for answering alone.",
                "Choose the format onnx, or install the full edition.",
            )
        raise ModelBroken(f"The model {card.title} has no {name}.", "Choose another format.")
    return bundle / name


def _write_kit(model: Path, card: Card, folder: Path) -> None:
    sources = paths.resources() / "kit"
    folder.mkdir()
    shutil.copyfile(model, folder / ONNX)
    shutil.copyfile(sources / "classify.py", folder / "classify.py")
    template = (sources / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(template.format(**_facts(model, card)), encoding="utf-8", errors="replace")


def _facts(model: Path, card: Card) -> dict[str, str]:
    """What the README says of a model."""
    # Imports onnxruntime (0.2 s), which listing the shelf does without.
    from engine.onnx_session import output_shapes

    score = "not measured"
    if card.metrics:
        low, high = card.metrics["accuracy_interval"]
        accuracy, images = card.metrics["accuracy"], card.metrics["images"]
        score = f"{accuracy:.1%} of {images:,} (95 % sure: {low:.1%} to {high:.1%})"
    outputs = [
        f"- `{name}` float32 [{', '.join(map(str, shape))}]: {_OUTPUTS.get(name, 'see the metadata')}."
        for name, shape in output_shapes(model).items()
    ]
    return {
        "title": card.title,
        "name": card.name,
        "version": str(card.version),
        "classes": ", ".join(card.classes),
        "score": score,
        "width": str(card.input.width),
        "height": str(card.input.height),
        "made": ", ".join(filter(None, (card.backbone, card.recipe, card.precision))) or "another program",
        "licence": card.licence or "that of whoever made it",
        "outputs": "\n".join(outputs),
    }


def _convert(bundle: Path, card: Card, target: Path, logs: Path, cancel: threading.Event | None) -> None:
    from engine.training.errand import run_errand

    arguments = {"source": _part(bundle, card, KERAS), "sha256": card.sha256.get(KERAS, ""), "target": target}
    run_errand("tflite:convert", arguments, needs="tensorflow", logs=logs, cancel=cancel)
