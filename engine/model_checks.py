"""What a model file has to prove before it may answer: that it fits its card and answers as it did when it was made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort

from engine.card import FORMAT, ONNX, Card, golden_image
from engine.errors import ModelBroken
from engine.onnx_session import ASKING_ERRORS


def metadata_of(session: ort.InferenceSession, name: str) -> dict[str, str]:
    """What the file says of itself; `name` is what a message calls the model.

    Raises:
        ModelBroken: it is no text.
    """
    try:
        return dict(session.get_modelmeta().custom_metadata_map)
    except UnicodeDecodeError as error:
        raise broken(name, "has damaged metadata") from error


def card_of_lone_file(path: Path, model: bytes, metadata: dict[str, str]) -> Card:
    """The card of an ONNX file without a bundle, from what the export wrote into it.

    Args:
        path: The file, which names the model when nothing in it does.
        model: Its content.
        metadata: What it says of itself, as `metadata_of` reads it.

    Raises:
        ModelBroken: too little, or too new.
    """
    try:
        content = {
            "format": FORMAT,
            "name": metadata.get("name") or path.stem,
            "version": metadata.get("version") or 1,
            "created": "",
            "classes": json.loads(metadata["classes"]),
            "input": json.loads(metadata["resize"]),
            "backbone": "",
            "recipe": "",
            "precision": "",
            "temperature": metadata.get("temperature") or 1.0,
            "unknown_threshold": metadata.get("unknown_threshold") or None,
            "sha256": {ONNX: hashlib.sha256(model).hexdigest()},
            "golden": json.loads(metadata.get("golden") or "[]"),
            "versions": json.loads(metadata.get("versions") or "{}"),
        }
    except (KeyError, ValueError, RecursionError) as error:
        raise ModelBroken(
            f"{path.name} does not say what its classes are, nor how large a photo it takes.",
            "Use the whole bundle folder, or import it with `models import FILE --labels FILE`.",
        ) from error
    return Card.from_json(content, path.name)


def check_unaltered(card: Card, model: bytes) -> None:
    """Hold the file's content against the hash that its card names.

    Raises:
        ModelBroken: it is another file.
    """
    if hashlib.sha256(model).hexdigest() != card.sha256.get(ONNX):
        raise broken(card.title, "was altered after it was made")


def check_shapes(card: Card, session: ort.InferenceSession, metadata: dict[str, str]) -> None:
    """Hold the file's input, outputs and classes against its card.

    Raises:
        ModelBroken: they differ.
    """
    inputs = session.get_inputs()
    outputs = {output.name: output for output in session.get_outputs()}
    size, probabilities = card.input, outputs.get("probabilities")
    fits = (
        len(inputs) == 1
        and probabilities is not None
        and inputs[0].type == "tensor(uint8)"
        and list(inputs[0].shape[1:]) == [size.height, size.width, 3]
        and not isinstance(inputs[0].shape[0], int)
        and probabilities.type == "tensor(float)"
        and len(probabilities.shape) == 2
        and probabilities.shape[1] == len(card.classes)
        and ("familiarity" in outputs or card.unknown_threshold is None)
    )
    if not fits or not _names_the_same_classes(card, metadata):
        raise broken(card.title, "does not fit its card")


def _names_the_same_classes(card: Card, metadata: dict[str, str]) -> bool:
    """Whether the file's own list of classes, if any, is the card's, in the same order."""
    try:
        return tuple(json.loads(metadata["classes"])) == card.classes
    except KeyError:
        return True
    except (ValueError, TypeError, RecursionError):
        return False


def check_golden(card: Card, session: ort.InferenceSession) -> None:
    """Ask it what it was asked when it was made.

    Raises:
        ModelBroken: it cannot answer, or does otherwise.
    """
    (asked,) = session.get_inputs()
    for golden in card.golden:
        image = golden_image(golden.seed, card.input.width, card.input.height)
        try:
            (answer,) = session.run(["probabilities"], {asked.name: image[None]})
        except ASKING_ERRORS as error:
            raise broken(card.title, "cannot answer") from error
        answers = dict(zip(card.classes, answer[0].tolist(), strict=True))
        for name, expected in golden.probabilities.items():
            # Not a number fails every comparison, so it is asked whether the answer is near.
            if not abs(answers.get(name, np.nan) - expected) <= golden.tolerance:
                raise broken(card.title, "does not answer as it did when it was made")


def broken(title: str, why: str) -> ModelBroken:
    """The error that says why a model is not used."""
    return ModelBroken(f"The model {title} {why}, so it is not used.", "Import or train it again.")
