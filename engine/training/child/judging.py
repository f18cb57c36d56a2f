"""How good the model is: the exported file itself answers pictures that it never saw."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import images
from engine.card import NEIGHBOURS
from engine.drift import FAR
from engine.errors import ModelError
from engine.folder_run import classify
from engine.neighbours import read_neighbours
from engine.prediction import Prediction
from engine.predictor import Predictor
from engine.training.child.remembered_answers import answers_from_features, familiarity_from_features
from engine.training.evaluation import evaluate_predictions, paired_comparison, reliability_curve
from engine.training.messages import Job
from engine.training.preparation import FEW_TO_JUDGE, Pictures

EVALUATION = "evaluation.json"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Verdict:
    """Judged.

    Attributes:
        metrics: The public shape.
        probabilities: float32 [n, classes] for the n test pictures.
        comparison: With the model that was active, where it knows the same classes.
        flips: Positions among the test pictures on which exactly one of the two is right.
        notes: Sentences for the person.
        familiarity: How familiar the test pictures are, for the card: the value below which a tenth of them lie, and
            how many they are. None where the model cannot tell.
    """

    metrics: dict[str, Any]
    probabilities: Floats
    comparison: dict[str, Any] | None
    flips: npt.NDArray[np.intp]
    notes: tuple[str, ...]
    familiarity: dict[str, float | int] | None


def judge(
    predictor: Predictor, job: Job, pictures: Pictures, test: npt.NDArray[np.intp], check: Callable[[], None]
) -> Verdict:
    """Let the model answer the `test` positions of `pictures`, and the active model too where that is fair."""
    paths = [pictures.paths[at] for at in test]
    labels = pictures.labels[test]
    features = None if pictures.variants is None else pictures.variants[test, 0]
    side = job.plan.image_size or 0
    familiar: list[float] = []
    probabilities = _answers(predictor, paths, pictures.classes, check, features, side, familiar)
    metrics = evaluate_predictions(probabilities, labels, pictures.classes)
    notes = []
    if len(test) < FEW_TO_JUDGE:
        so_many = "1 photo was" if len(test) == 1 else f"{len(test)} photos were"
        notes.append(f"Only {so_many} left to judge by: too few to tell how good it really is.")
    right = probabilities.argmax(axis=1) == labels
    comparison, flips = None, np.zeros(0, np.intp)
    rival = _rival(job, pictures.classes)
    if rival is not None:
        before = _answers(rival, paths, pictures.classes, check, features, side).argmax(axis=1) == labels
        paired = paired_comparison(before, right)
        flips = np.flatnonzero(before != right)
        comparison = {
            "with": job.active_reference,
            "verdict": paired.verdict,
            "p_value": round(paired.p, 6),
            "only_old_right": paired.only_first,
            "only_new_right": paired.only_second,
            "old_right": int(before.sum()),
            "new_right": int(right.sum()),
            "images": len(test),
        }
        overlap = _seen_before(rival, pictures, test)
        if overlap:
            notes.append(f"The model it is compared with was taught {overlap} of the test photos, which flatters it.")
    return Verdict(metrics, probabilities, comparison, flips, tuple(notes), familiarity_of(familiar))


def familiarity_of(familiar: Sequence[float]) -> dict[str, float | int] | None:
    """What a card keeps of the familiarity of the pictures its model was judged by."""
    if not familiar:
        return None
    return {"far_below": round(float(np.quantile(familiar, FAR)), 4), "images": len(familiar)}


def write(
    staging: Path,
    pictures: Pictures,
    test: npt.NDArray[np.intp],
    verdict: Verdict,
    epochs: Sequence[dict[str, float]],
) -> None:
    """Write evaluation.json: each test picture with its answer, the reliability curve and the training curves."""
    best = verdict.probabilities.argmax(axis=1)
    flips = set(verdict.flips.tolist())
    rows = [
        {
            "path": str(pictures.paths[at]),
            "label": pictures.classes[pictures.labels[at]],
            "predicted_class": pictures.classes[best[row]],
            "confidence": round(float(verdict.probabilities[row, best[row]]), 5),
            "flips": row in flips,
        }
        for row, at in enumerate(test.tolist())
    ]
    content = {
        "test": rows,
        "reliability": [asdict(part) for part in reliability_curve(verdict.probabilities, pictures.labels[test])],
        "epochs": list(epochs),
        "comparison": verdict.comparison,
    }
    (staging / EVALUATION).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8", errors="replace")


def write_neighbours(staging: Path, pictures: Pictures, train: npt.NDArray[np.intp], features: Floats) -> None:
    """Write neighbours.npz, from which "looks like these" is answered."""
    lengths = np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    np.savez(
        staging / NEIGHBOURS,
        features=(features / lengths).astype(np.float16),
        files=np.array([os.fsencode(pictures.paths[at]).decode("utf-8", "replace") for at in train]),
        labels=pictures.labels[train].astype(np.int32),
    )


def decode(paths: Sequence[Path], side: int) -> npt.NDArray[np.uint8]:
    """uint8 [n, side, side, 3], decoded on every core."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return np.stack(list(pool.map(lambda path: images.load(path, side, side), paths)))


def _answers(
    predictor: Predictor,
    paths: Sequence[Path],
    classes: Sequence[str],
    check: Callable[[], None],
    features: Floats | None,
    side: int,
    familiar: list[float] | None = None,
) -> Floats:
    """float32 [n, classes] with the columns in the order of `classes`; a picture gone in the meantime is all zero.

    The pictures' familiarity, where the model tells it, is added to `familiar`.
    """
    columns = [predictor.classes.index(name) for name in classes]
    if features is not None and predictor.path.is_dir():
        remembered = answers_from_features(predictor.path, paths, features, side)
        if remembered is not None:
            known = None if familiar is None else familiarity_from_features(predictor.path, features)
            if known is not None and familiar is not None:
                familiar += known.tolist()
            return remembered[:, columns]
    rows = np.zeros((len(paths), len(classes)), np.float32)
    for row, outcome in enumerate(classify(predictor, paths)):
        check()
        if isinstance(outcome, Prediction):
            rows[row] = outcome.probabilities[columns]
            if familiar is not None and outcome.familiarity is not None:
                familiar.append(outcome.familiarity)
    return rows


def _rival(job: Job, classes: Sequence[str]) -> Predictor | None:
    """The active model, if it answers the same question."""
    if job.active is None:
        return None
    try:
        rival = Predictor(job.active)
    except ModelError:
        return None
    return rival if set(rival.classes) == set(classes) else None


def _seen_before(rival: Predictor, pictures: Pictures, test: npt.NDArray[np.intp]) -> int:
    """How many test pictures the rival was taught, as far as its neighbours tell."""
    try:
        _, files, _ = read_neighbours(rival.path / NEIGHBOURS, len(rival.classes))
    except ValueError:
        return 0
    taught = set(files.tolist())
    return sum(str(pictures.paths[at]) in taught for at in test)
