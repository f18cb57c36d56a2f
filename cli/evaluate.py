"""`evaluate`: how good is a model on pictures whose class is known?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.given_path import GivenPath
from cli.printing import count, result, result_json, say, table
from cli.progress import Progress
from cli.session import Session
from engine.shares import exact_percent

if TYPE_CHECKING:
    from engine.dataset.layouts import Item, LabelledFolder
    from engine.predictor import Predictor

MISTAKES = 5
"""So many kinds of mistakes are named, the most frequent first."""


@click.command(short_help="Measure a model on a labelled folder.")
@click.argument("folder", metavar="FOLDER", type=GivenPath())
@click.option("--model", metavar="NAME", help="Measure this model (NAME or NAME@VERSION) instead of the active one.")
@click.option("--json", "as_json", is_flag=True, help="The measurements as one JSON object.")
@click.pass_obj
def evaluate(session: Session, folder: Path, model: str | None, as_json: bool) -> int:
    """Measure a model on a FOLDER of photos whose class is known.

    The class is the name of a photo's sub-folder, or the beginning of its name as in cat.0.jpg, or stands in a
    labels.csv with the columns file and label. Of a folder with train/ and test/ (or val/) the test photos count.
    """
    from engine.dataset.layouts import read_labelled

    labelled = read_labelled(folder, one_class_will_do=True)
    for problem in labelled.problems:
        say(problem)
    items = _judged(labelled)
    predictor = session.predictor(model)
    classes = match_classes([item.label for item in items], predictor.classes)
    metrics, failed = _measure(predictor, items, classes)
    if as_json:
        card = predictor.card
        result_json({**metrics, "model": card.name, "model_version": card.version, "failed": failed})
    else:
        for line in in_words(metrics):
            result(line)
    return 1 if failed else 0


def _judged(labelled: LabelledFolder) -> Sequence[Item]:
    """The pictures that count: the test split where there is one, else the validation split, else all."""
    for split in ("test", "val"):
        items = [item for item in labelled.items if item.split == split]
        if items:
            say(f"Measured on the {count(len(items), 'photo')} under {split}/.")
            return items
    return labelled.items


def match_classes(labels: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    """Which class of the model each label means: the same name, whatever its case, or its plural.

    Raises:
        DatasetError: a label that the model does not know.
    """
    from engine.errors import DatasetError

    exact = {name: index for index, name in enumerate(known)}
    loose = {name.casefold(): index for index, name in reversed(list(enumerate(known)))}
    found: dict[str, int] = {}
    strangers = []
    for label in dict.fromkeys(labels):
        folded = label.casefold()
        index = exact.get(label, loose.get(folded, loose.get(folded.removesuffix("s"))))
        if index is None:
            strangers.append(label)
        else:
            found[label] = index
    if strangers:
        names = ", ".join(known[:10]) + (" and others" if len(known) > 10 else "")
        raise DatasetError(
            f"The model does not know {', '.join(strangers[:5])}: its classes are {names}.",
            "Name the folders like the model's classes, or choose another with --model.",
        )
    return found


def _measure(predictor: Predictor, items: Sequence[Item], classes: dict[str, int]) -> tuple[dict[str, Any], int]:
    import numpy as np

    from engine.errors import DatasetError
    from engine.folder_run import classify
    from engine.prediction import Failure
    from engine.training.evaluation import evaluate_predictions

    probabilities, labels = [], []
    failed = 0
    with Progress(len(items), "photos") as progress:
        outcomes = classify(predictor, [item.path for item in items])
        for item, outcome in zip(items, outcomes, strict=True):
            if isinstance(outcome, Failure):
                progress.clear()
                say(f"{item.path}: {outcome.error}")
                failed += 1
            else:
                probabilities.append(outcome.probabilities)
                labels.append(classes[item.label])
            progress.step()
    if not labels:
        raise DatasetError("None of the photos could be read.", "Try a folder with photos in it.")
    metrics = evaluate_predictions(np.stack(probabilities), np.array(labels), predictor.classes)
    return metrics, failed


def in_words(metrics: dict[str, Any]) -> list[str]:
    """The measurements as lines for a person."""
    names = metrics["confusion_matrix"]["classes"]
    matrix = metrics["confusion_matrix"]["matrix"]
    images = metrics["images"]
    right = sum(matrix[index][index] for index in range(len(names)))
    low, high = metrics["accuracy_interval"]
    lines = [
        f"{right:,} of {images:,} right: {exact_percent(metrics['accuracy'])}"
        f" (95 % sure: {exact_percent(low)} to {exact_percent(high)})",
        "",
    ]
    heading = ("class", "photos", "found", "believable", "F1")
    rows = [
        (
            name,
            f"{score['support']:,}",
            exact_percent(score["recall"]),
            exact_percent(score["precision"]),
            f"{score['f1']:.3f}",
        )
        for name, score in metrics["per_class"].items()
        if score["support"]
    ]
    mean = ("mean", "", exact_percent(metrics["recall"]), exact_percent(metrics["precision"]), f"{metrics['f1']:.3f}")
    lines += table([heading, *rows, mean], right=(1, 2, 3, 4))
    lines += [
        "",
        "found: share of the photos of a class that were called so (recall)",
        "believable: share of the photos called so that are of the class (precision)",
    ]
    mistakes = sorted(
        (-matrix[true][called], names[true], names[called])
        for true in range(len(names))
        for called in range(len(names))
        if true != called and matrix[true][called]
    )
    if mistakes:
        lines += ["", "most frequent mistakes:"]
        lines += [f"  {-number:,} x {true} taken for {called}" for number, true, called in mistakes[:MISTAKES]]
    lines += ["", f"Its confidence is off by {metrics['ece'] * 100:.1f} percentage points on average."]
    return lines
