"""What travels with a model: its classes, how to feed it, when not to believe it, and how good it is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.durable import write_atomically
from engine.errors import ModelBroken

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FORMAT = 1
CARD = "card.json"
ONNX = "model.onnx"
KERAS = "model.keras"
NEIGHBOURS = "neighbours.npz"
MAX_SIDE = 4096  # pixels; no model is asked for more, and no card can make the program reserve more

Metrics = dict[str, Any]
"""accuracy, accuracy_interval, precision, recall, f1, per_class, confusion_matrix, ece, images."""


@dataclass(frozen=True)
class ModelInput:
    """How a picture becomes the model's input; `fit` and `resample` have one value each in format 1."""

    width: int
    height: int
    fit: str = "squash"
    resample: str = "bilinear"


@dataclass(frozen=True)
class Golden:
    """An answer the model gave when it was made, to be given again wherever it is loaded.

    Attributes:
        seed: Of `golden_image`.
        predicted_class: The best class.
        probabilities: Of the best classes, at most five.
        tolerance: Largest absolute difference that is still the same answer.
    """

    seed: int
    predicted_class: str
    probabilities: dict[str, float]
    tolerance: float


@dataclass(frozen=True)
class Card:
    """The content of card.json; docs/bundle.md describes every field."""

    name: str
    title: str
    version: int
    created: str
    classes: tuple[str, ...]
    input: ModelInput
    backbone: str
    recipe: str
    precision: str
    temperature: float
    unknown_threshold: float | None
    metrics: Metrics | None
    sha256: dict[str, str]
    golden: tuple[Golden, ...]
    training: dict[str, Any] = field(default_factory=dict)
    lineage: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    licence: str = ""
    format: int = FORMAT

    @classmethod
    def read(cls, bundle: Path) -> Card:
        """Read `bundle`/card.json.

        Raises:
            ModelBroken: it is missing, no card, or of a newer format.
        """
        path = bundle / CARD
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelBroken(
                f"The model in {bundle.name} has no readable card ({CARD}).", "Import or train it again."
            ) from error
        except (ValueError, RecursionError) as error:
            raise ModelBroken(
                f"The card of the model in {bundle.name} is damaged.", "Import or train it again."
            ) from error
        return cls.from_json(content, bundle.name)

    @classmethod
    def from_json(cls, content: Any, where: str) -> Card:
        """Build a card from parsed JSON; `where` names the model in messages.

        Raises:
            ModelBroken: a field is missing or has the wrong type, or the format is newer than this program.
        """
        try:
            if int(content["format"]) > FORMAT:
                raise ModelBroken(f"The model {where} was made by a newer Whisker.", "Update Whisker to use it.")
            threshold = content["unknown_threshold"]
            card = cls(
                name=str(content["name"]),
                title=str(content.get("title") or content["name"]),
                version=int(content["version"]),
                created=str(content["created"]),
                classes=tuple(str(name) for name in content["classes"]),
                input=_model_input(content["input"]),
                backbone=str(content["backbone"]),
                recipe=str(content["recipe"]),
                precision=str(content["precision"]),
                temperature=float(content["temperature"]),
                unknown_threshold=None if threshold is None else float(threshold),
                metrics=None if content.get("metrics") is None else dict(content["metrics"]),
                sha256={str(file): str(digest) for file, digest in content["sha256"].items()},
                golden=tuple(_golden(golden) for golden in content["golden"]),
                training=dict(content.get("training") or {}),
                lineage=dict(content.get("lineage") or {}),
                versions=dict(content.get("versions") or {}),
                licence=str(content.get("licence", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ModelBroken(f"The card of the model {where} is damaged.", "Import or train it again.") from error
        if card.input.fit != "squash" or card.input.resample != "bilinear":
            raise ModelBroken(
                f"The model {where} wants its photos fitted in a way that this Whisker does not know.",
                "Update Whisker to use it.",
            )
        if len(card.classes) < 2 or len(set(card.classes)) != len(card.classes):
            raise ModelBroken(f"The card of the model {where} names no two different classes.", "Train it again.")
        return card

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def write(self, bundle: Path) -> None:
        """Write `bundle`/card.json, whole or not at all."""
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False)
        # A byte of a folder's name that is no text stands as a lone surrogate, for which JSON has this very escape.
        write_atomically(bundle / CARD, f"{text}\n".encode(errors="backslashreplace"))


def _model_input(content: dict[str, Any]) -> ModelInput:
    width, height = int(content["width"]), int(content["height"])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ValueError("input size")
    return ModelInput(width, height, str(content["fit"]), str(content["resample"]))


def _golden(content: dict[str, Any]) -> Golden:
    probabilities = {str(name): float(p) for name, p in content["probabilities"].items()}
    seed = int(content["seed"])
    if not 0 <= seed < 1 << 32:
        raise ValueError("seed")
    return Golden(seed, str(content["predicted_class"]), probabilities, float(content["tolerance"]))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def golden_image(seed: int, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A smooth synthetic picture, the same on every machine: uint8 [height, width, 3].

    Coarse noise enlarged bilinearly. `RandomState` is used because its stream is frozen by NumPy's compatibility
    policy (NEP 19); `default_rng` is free to change.
    """
    # The shelf reads cards before the window is painted; NumPy would cost it a tenth of a second.
    import numpy as np

    coarse = np.random.RandomState(seed).random_sample((6, 6, 3))
    rows = np.linspace(0.0, 5.0, height)
    columns = np.linspace(0.0, 5.0, width)
    top, left = np.minimum(rows.astype(int), 4), np.minimum(columns.astype(int), 4)
    down, right = (rows - top)[:, None, None], (columns - left)[None, :, None]
    upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
    lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
    image: npt.NDArray[np.uint8] = np.round((upper * (1 - down) + lower * down) * 255.0).astype(np.uint8)
    return image
