"""What to train and how: every choice in one value, checked before anything starts.

Each field is described once, here; the command line, the wizard's expert fold-out and the API are made from it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from engine.errors import PlanError


class Recipe(Enum):
    """A way of training; `title` and `description` are for people."""

    QUICK = "quick"
    FINETUNE = "finetune"
    CNN = "cnn"
    VGG16 = "vgg16"
    RESNET50 = "resnet50"

    @property
    def title(self) -> str:
        return _TITLES[self][0]

    @property
    def description(self) -> str:
        return _TITLES[self][1]

    @property
    def epochs(self) -> bool:
        """Whether it goes through the pictures in epochs, with curves to show for each."""
        return self is not Recipe.QUICK


_TITLES = {
    Recipe.QUICK: ("Quick", "Looks at each photo once and learns in seconds. Right for nearly everything."),
    Recipe.FINETUNE: ("Thorough", "Starts from Quick and adjusts what it looks for. Minutes; better on fine detail."),
    Recipe.CNN: ("From scratch", "A small network that knows nothing beforehand. For pictures unlike any photo."),
    Recipe.VGG16: ("VGG16", "The classic 2014 network with its ImageNet weights. Large and slow."),
    Recipe.RESNET50: ("ResNet50", "The classic 2015 network with its ImageNet weights. Slow."),
}

BACKBONES = ("lite0", "lite2")


@dataclass(frozen=True)
class Range:
    """What a plan field may be; None stands for the recipe's own default.

    Attributes:
        whole: Whether only whole numbers will do.
    """

    title: str
    description: str
    low: float
    high: float
    whole: bool


def _knob(title: str, description: str, low: float, high: float) -> Any:
    return field(default=None, metadata={"range": Range(title, description, low, high, isinstance(low, int))})


@dataclass(frozen=True)
class TrainingPlan:
    """A training to be done.

    Attributes:
        folder: Labelled pictures, in any layout that `read_labelled` knows.
        name: The model's name on the shelf.
        recipe: How.
        backbone: "lite0" or "lite2" for quick and finetune; None for the default.
        test: Labelled pictures that are only ever used for judging, instead of a share of `folder`.
        weights: A file with ImageNet weights for vgg16 and resnet50, instead of fetching them.
        fetch_weights: Whether the person agreed to fetch them.
    """

    folder: Path
    name: str
    recipe: Recipe = Recipe.QUICK
    backbone: str | None = None
    test: Path | None = None
    weights: Path | None = None
    fetch_weights: bool = False
    seed: int = 0
    epochs: int | None = _knob("Epochs", "How often it goes through all photos.", 1, 1000)
    image_size: int | None = _knob("Image size", "Side in pixels that photos are brought to.", 32, 512)
    batch_size: int | None = _knob("Batch size", "Photos looked at together; smaller needs less memory.", 1, 512)
    learning_rate: float | None = _knob("Learning rate", "How far each step moves.", 1e-6, 1.0)
    dropout: float | None = _knob("Dropout", "Share of features hidden while learning, against rote.", 0.0, 0.9)
    augmentation: float | None = _knob(
        "Variation", "How strongly photos are turned, cropped and re-lit while learning.", 0.0, 1.0
    )

    def checked(self) -> TrainingPlan:
        """The plan with every default filled in.

        Raises:
            PlanError: a field is out of its range, or does not go with the recipe.
        """
        if not 0 <= self.seed < 2**31:
            raise PlanError("The seed must be 0 or more and below 2147483648.", "Choose another.")
        for name, allowed in knobs().items():
            value = getattr(self, name)
            if value is not None and not allowed.low <= value <= allowed.high:
                raise PlanError(
                    f"{allowed.title} is {value:g}, but must lie between {allowed.low:g} and {allowed.high:g}.",
                    "Leave it out for a good default.",
                )
        lite = self.recipe in (Recipe.QUICK, Recipe.FINETUNE)
        if self.backbone is not None and not lite:
            raise PlanError(f"The recipe {self.recipe.value} has no choice of backbone.", "Leave the backbone out.")
        if self.backbone is not None and self.backbone not in BACKBONES:
            raise PlanError(f"There is no backbone {self.backbone}.", f"Choose one of {', '.join(BACKBONES)}.")
        if self.weights is not None and self.recipe not in (Recipe.VGG16, Recipe.RESNET50):
            raise PlanError(f"The recipe {self.recipe.value} brings its own weights.", "Leave the weights file out.")
        if self.weights is not None and not self.weights.is_file():
            raise PlanError(f"There is no weights file {self.weights}.", "Check the path.")
        defaults = dict(_DEFAULTS[self.recipe])
        if lite:
            backbone = self.backbone or DEFAULT_BACKBONE
            defaults |= {"backbone": backbone, "image_size": BACKBONE_SIDE[backbone]}
        return replace(self, **{key: value for key, value in defaults.items() if getattr(self, key) is None})

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON values, paths as text."""
        plain = {knob.name: getattr(self, knob.name) for knob in fields(self)}
        return {key: _plain(value) for key, value in plain.items()}

    def fingerprint(self) -> str:
        """Names this plan: an interrupted run is taken up again only by its like."""
        text = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def knobs() -> dict[str, Range]:
    """The plan's fields that are numbers with a range, by name, in their order."""
    return {knob.name: knob.metadata["range"] for knob in fields(TrainingPlan) if "range" in knob.metadata}


DEFAULT_BACKBONE = "lite2"
BACKBONE_SIDE = {"lite0": 224, "lite2": 228}
ENLARGEMENT = 1.26
"""Of a fine-tuned network's pictures over those that it was tuned at; docs/models.md has what each is worth."""

_DEFAULTS: dict[Recipe, dict[str, Any]] = {
    Recipe.QUICK: {"batch_size": 256, "learning_rate": 1e-2, "dropout": 0.0, "augmentation": 0.5},
    Recipe.FINETUNE: {"epochs": 6, "batch_size": 16, "learning_rate": 2e-4, "dropout": 0.2, "augmentation": 0.8},
    Recipe.CNN: {
        "epochs": 30,
        "batch_size": 32,
        "learning_rate": 1e-3,
        "dropout": 0.3,
        "augmentation": 0.5,
        "image_size": 128,
    },
    Recipe.VGG16: {
        "batch_size": 256,
        "learning_rate": 1e-2,
        "dropout": 0.0,
        "augmentation": 0.0,
        "image_size": 224,
    },
    Recipe.RESNET50: {
        "batch_size": 256,
        "learning_rate": 1e-2,
        "dropout": 0.0,
        "augmentation": 0.0,
        "image_size": 224,
    },
}


def enlarged(side: int) -> int:
    """The side in pixels that a network answers at when it was fine-tuned at `side`: a multiple of 32 at most 512."""
    return min(512, max(32, round(side * ENLARGEMENT / 32) * 32))


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
