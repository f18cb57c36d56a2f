"""What a model's card says, in people's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gui import words

if TYPE_CHECKING:
    from engine.card import Card
    from engine.model_shelf import Entry

_SPACE = "\u00a0"
_RECIPES = {
    "quick": "Quick",
    "finetune": "Thorough",
    "cnn": "From scratch",
    "vgg16": "VGG16",
    "resnet50": "ResNet50",
    "imagenet": "ImageNet",
}
_BACKBONES = {"cnn": "own network", "vgg16": "VGG16", "resnet50": "ResNet50"}
_PRECISIONS = {"int8": "8-bit", "fp32": "32-bit", "fp16": "16-bit"}
NAMED = 6
"""Classes named in a row; the others are counted."""


def full_title(entry: Entry) -> str:
    return f"{entry.title} v{entry.version}"


def score(card: Card) -> str:
    """ "496 of 500 right"; what was never tried on photos says so."""
    metrics = card.metrics
    if not metrics or not metrics.get("images"):
        return "Not scored here"
    images = int(metrics["images"])
    return f"{round(metrics['accuracy'] * images):,} of {images:,} right"


def interval(card: Card) -> tuple[float, float] | None:
    """The 95 % interval of the share that is right."""
    if not card.metrics or "accuracy_interval" not in card.metrics:
        return None
    low, high = card.metrics["accuracy_interval"]
    return float(low), float(high)


def accuracy(card: Card) -> float | None:
    return float(card.metrics["accuracy"]) if card.metrics and "accuracy" in card.metrics else None


def interval_words(card: Card) -> str:
    """ "98.6 to 99.9 %", with as many places as the interval is narrow."""
    between = interval(card)
    if between is None:
        return ""
    low, high = between
    places = 1 if high - low < 0.1 else 0
    return f"{low * 100:.{places}f} to {high * 100:.{places}f}{_SPACE}%"


def made(card: Card) -> datetime | None:
    """When it was made; a lone ONNX file does not say."""
    try:
        at = datetime.fromisoformat(card.created)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.astimezone()


def made_words(card: Card, now: datetime) -> str:
    at = made(card)
    return "" if at is None else words.when(at, now)


def recipe(card: Card) -> str:
    return _RECIPES.get(card.recipe, card.recipe)


def network(card: Card) -> str:
    """ "EfficientNet-Lite2, 8-bit"."""
    name = card.backbone
    if name.startswith("lite") and name[4:].isdecimal():
        name = f"EfficientNet-Lite{name[4:]}"
    name = _BACKBONES.get(card.backbone, name)
    return ", ".join(filter(None, (name, _PRECISIONS.get(card.precision, card.precision))))


def photos(card: Card) -> str:
    images = card.training.get("images")
    return words.count(int(images), "photo", "photos") if isinstance(images, int) else ""


def classes(card: Card) -> str:
    """ "2 classes: cat, dog"; of many only the first are named."""
    named = ", ".join(card.classes[:NAMED])
    more = "…" if len(card.classes) > NAMED else ""
    return f"{words.count(len(card.classes), 'class', 'classes')}: {named}{more}"


def facts(card: Card) -> list[tuple[str, str]]:
    """What stands one click deeper: what the model was made from, how, and by what."""
    lineage, training = card.lineage, card.training
    plan = {key: value for key, value in dict(lineage.get("plan") or {}).items() if _worth_saying(key, value)}
    fingerprint = str(lineage.get("data_fingerprint") or "")
    ece = (card.metrics or {}).get("ece")
    per_class = dict(training.get("per_class") or {})
    seconds = training.get("seconds")
    found = [
        # Nothing of that one went into it; it was only compared with it.
        ("In use then", str(lineage.get("parent") or "")),
        ("Photos", str(training.get("description") or "")),
        ("Of each class", ", ".join(f"{name} {count:,}" for name, count in list(per_class.items())[:12])),
        ("Data", f"fingerprint {fingerprint[:12]}" if fingerprint else ""),
        ("Training", f"took {_took(float(seconds))}" if isinstance(seconds, int | float) else ""),
        ("Plan", ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plan.items() if value is not False)),
        ("Sureness", f"off by {ece * 100:.1f}{_SPACE}% on average" if isinstance(ece, float) else ""),
        ("Unknown things", "told apart" if card.unknown_threshold is not None else "not told apart"),
        (
            "Classes",
            ", ".join(card.classes[:40]) + (f" and {len(card.classes) - 40:,} more" if len(card.classes) > 40 else ""),
        ),
        ("Network", f"{network(card)}, {card.input.width} by {card.input.height} pixels"),
        ("Licence", card.licence),
    ]
    return [(what, said) for what, said in found if said]


def _took(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))}{_SPACE}s"
    return words.duration(seconds)


def _worth_saying(key: str, value: object) -> bool:
    return key not in ("recipe", "name", "title") and isinstance(value, str | int | float) and value not in ("", None)
