"""A training in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui import words
from gui.history import said

if TYPE_CHECKING:
    from engine.history import TrainingRun

RECIPES = {
    "quick": "Quick",
    "finetune": "Thorough",
    "cnn": "From scratch",
    "vgg16": "VGG16",
    "resnet50": "ResNet50",
}
_ENDS = {
    "running": "Under way",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}
_TOKENS = {"finished": "sure", "running": "accent", "failed": "wrong", "cancelled": "unknown", "interrupted": "unsure"}
FEW = 30
"""With fewer photos to judge by, the share that is right says next to nothing."""


def title(run: TrainingRun) -> str:
    """ "pets v4  ·  Thorough"; without a version where it gave no model."""
    version = f" v{run.version}" if run.version is not None else ""
    return f"{run.model}{version}  ·  {RECIPES.get(run.recipe, run.recipe)}"


def outcome(run: TrainingRun) -> str:
    """What came of it, in a few words."""
    if run.state == "finished":
        return score(run.metrics)
    if run.state == "failed" and run.said.get("message"):
        return str(run.said["message"])
    return _ENDS.get(run.state, run.state)


def token(run: TrainingRun) -> str:
    """The colour of what came of it."""
    return _TOKENS.get(run.state, "unknown")


def score(metrics: dict[str, Any] | None) -> str:
    """ "97 of 100 right"."""
    if not metrics or not metrics.get("images"):
        return "Finished"
    images = int(metrics["images"])
    return f"{round(float(metrics.get('accuracy', 0)) * images):,} of {images:,} right"


def headline(run: TrainingRun) -> str:
    """What came of it, as a sentence."""
    if run.state == "finished":
        metrics = run.metrics or {}
        images = int(metrics.get("images", 0))
        between = metrics.get("accuracy_interval")
        if not images or between is None:
            return f"{score(metrics)}"
        if images < FEW:
            return f"{score(metrics)} on photos it never saw: too few to tell"
        spread = max(1, round((float(between[1]) - float(between[0])) / 2 * images))
        return f"{score(metrics)} on photos it never saw, give or take\u00a0{spread:,}"
    return {
        "running": "This training is under way",
        "failed": "This training failed",
        "cancelled": "This training was cancelled",
        "interrupted": "Whisker ended in the midst of this training",
    }.get(run.state, run.state)


def line(run: TrainingRun) -> str:
    """What there is to say below: why it failed, or how to go on."""
    if run.state == "failed":
        return " ".join(filter(None, (str(run.said.get("message", "")), str(run.said.get("hint", "")))))
    if run.state == "interrupted":
        return "Teach the same photos with the same recipe within two weeks, and it goes on from its last epoch."
    against = run.said.get("comparison")
    if against:
        other = str(against.get("with", "")).replace("@", " v")
        better = {"better": "Better than", "worse": "Worse than"}.get(
            str(against.get("verdict")), "No clear difference from"
        )
        return f"{better} {other}, which answered then."
    return ""


def facts(run: TrainingRun) -> list[tuple[str, str]]:
    """What it was taught from and how, each with its name."""
    told, plan = run.said, run.plan
    found = [("Began", said.moment(run.at))]
    if run.seconds:
        found.append(("Took", spell(run.seconds)))
    if plan.get("folder"):
        found.append(("Photos", str(Path(str(plan["folder"])))))
    if told.get("train"):
        shares = (
            f"{told['train']:,} to learn from",
            f"{told.get('validation', 0):,} to steer by",
            f"{told.get('test', 0):,} to judge by",
        )
        found.append(("Split", ", ".join(shares)))
    if told.get("classes"):
        found.append(("Classes", ", ".join(map(str, told["classes"]))))
    metrics = run.metrics or {}
    for name, key in (("Precision", "precision"), ("Recall", "recall"), ("F1", "f1")):
        if isinstance(metrics.get(key), float):
            found.append((name, f"{metrics[key]:.3f}"))
    knobs = {
        "backbone": "Network",
        "image_size": "Image size",
        "epochs": "Epochs",
        "batch_size": "Batch size",
        "learning_rate": "Learning rate",
        "dropout": "Dropout",
        "augmentation": "Variation",
        "seed": "Seed",
    }
    plain = [
        f"{name} {plan[key]:g}" if isinstance(plan[key], float) else f"{name} {plan[key]}"
        for key, name in knobs.items()
        if plan.get(key) is not None
    ]
    if plain:
        found.append(("Plan", ", ".join(plain)))
    if told.get("log"):
        found.append(("Log", str(told["log"])))
    return found


def spell(seconds: float) -> str:
    """How long it took: "12.4 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f}\u00a0s"
    if seconds < 3600:
        return f"{int(seconds // 60)}\u00a0min {round(seconds % 60)}\u00a0s"
    return words.duration(seconds)
