"""A training from its first picture to a checked bundle: the same road for every recipe."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.card import Card
from engine.dataset.split import Split
from engine.errors import DatasetError
from engine.predictor import Predictor
from engine.training.child import judging
from engine.training.child.export import About, export_graph, finish
from engine.training.child.looking import seeing
from engine.training.child.reporter import Reporter
from engine.training.child.taught import Taught
from engine.training.child.teaching import TEACHERS
from engine.training.child.trunk import converted_backbone
from engine.training.estimate import Pace
from engine.training.events import Exported, Prepared, Stage
from engine.training.messages import Job, Staged
from engine.training.plan import Recipe, TrainingPlan
from engine.training.preparation import Pictures, prepare

CALIBRATION = 96  # pictures to choose int8 scales by, and to hold int8 against fp32
PROOF = 40  # pictures to hold int8 against fp32, where the backbone's scales were chosen when the program was made


def train(job: Job, reporter: Reporter) -> Staged:
    """Do a job: read, split, teach, export, judge. Leaves a proved bundle in the job's staging folder.

    Raises:
        TrainingCancelled: the parent asked to stop.
        WhiskerError: with the sentence that the person will read.
    """
    began = time.monotonic()
    plan = job.plan
    pace = Pace.read(job.cache)
    frozen = plan.recipe in (Recipe.QUICK, Recipe.FINETUNE)
    stage, words = ("looking", "Looking at each photo once") if frozen else ("reading", "Reading the photos")
    reporter.stage(stage, words)

    def seen(done: int, total: int) -> None:
        left = max(0.0, pace.seconds(plan, total) - (time.monotonic() - began))
        reporter.tell_sometimes(Stage(stage, f"{words}: {done} of {total}", done, total, seconds_left=round(left)))

    pictures = prepare(plan, seen, reporter.check, seeing(job, reporter) if frozen else None)
    honest, naive = pictures.divide(plan.seed)
    if not len(honest.test):
        raise DatasetError("There is no photo to judge the model by.", "Add a few more photos of each class.")
    notes = [*pictures.notes, *honest.notes]
    if pictures.unreadable:
        left_out = len(pictures.unreadable)
        said = "photo was left out: it cannot" if left_out == 1 else "photos were left out: they cannot"
        notes.append(f"{left_out} {said} be read.")
    reporter.tell(
        Prepared(
            classes=pictures.classes,
            train=len(honest.train),
            validation=len(honest.validation),
            test=len(honest.test),
            unreadable=len(pictures.unreadable),
            notes=tuple(notes),
            seconds=round(max(0.0, pace.seconds(plan, len(pictures.paths)) - (time.monotonic() - began))),
        )
    )
    taught = TEACHERS[plan.recipe](job, pictures, honest, naive, reporter)
    notes += taught.notes
    card = _export(job, pictures, honest, taught, reporter)
    reporter.stage("judging", "Judging it on photos that it never saw")
    predictor = Predictor(job.staging)
    verdict = judging.judge(predictor, job, pictures, honest.test, reporter.check)
    # What says how far the score holds comes first: who has little room shows the first few.
    notes = [*verdict.notes, *notes]
    seconds = round(time.monotonic() - began, 1)
    judging.write(job.staging, pictures, honest.test, verdict, taught.epochs)
    replace(
        card,
        metrics=verdict.metrics,
        training={
            "images": len(pictures.paths),
            "train": len(honest.train),
            "validation": len(honest.validation),
            "test": len(honest.test),
            "per_class": pictures.counts(),
            "description": f"{len(pictures.paths)} photos from {plan.folder.name}",
            "seconds": seconds,
            "notes": notes,
            "familiarity": verdict.familiarity,
        },
    ).write(job.staging)
    pace.learnt(plan, len(pictures.paths), seconds).write(job.cache)
    return Staged(verdict.metrics, verdict.comparison, tuple(notes))


def _export(job: Job, pictures: Pictures, split: Split, taught: Taught, reporter: Reporter) -> Card:
    reporter.stage("exporting", "Writing the model, and checking that it answers the same everywhere")
    random = np.random.default_rng(job.plan.seed)
    chosen = random.permutation(split.train)[: CALIBRATION if taught.int8 is None else PROOF]
    side = taught.model.input_shape[1]  # a fine-tuned model answers at a larger one than it was tuned at
    images = judging.decode([pictures.paths[at] for at in chosen], side)
    export = export_graph(
        taught.model,
        job.staging,
        images,
        pictures.labels[chosen],
        backbone=taught.int8,
        converted=_converted(job, taught),
    )
    reporter.check()
    agreement = 1.0 if export.precision == "fp32" or export.agreement is None else export.agreement
    reporter.tell(Exported(export.precision, export.difference, agreement, _reason(export.precision, export.speedup)))
    about = About(
        name=job.plan.name,
        title=job.plan.name,
        version=1,
        classes=pictures.classes,
        backbone=taught.backbone,
        recipe=job.plan.recipe.value,
        temperature=taught.temperature,
        unknown_threshold=taught.unknown_threshold,
        metrics=None,
        lineage=_lineage(job, pictures, job.plan),
    )
    card = finish(export, about, taught.class_weights)
    judging.write_neighbours(job.staging, pictures, split.train, taught.train_features)
    return card


def _converted(job: Job, taught: Taught) -> Path | None:
    """Where the unchanged backbone is kept in fp32 ONNX, from training to training."""
    return None if taught.int8 is None else converted_backbone(job.cache, taught.backbone, job.plan.image_size or 0)


def _lineage(job: Job, pictures: Pictures, plan: TrainingPlan) -> dict[str, Any]:
    return {
        "parent": job.active_reference,
        "data_fingerprint": pictures.fingerprint,
        "plan": plan.as_json(),
    }


def _reason(precision: str, speedup: float | None) -> str:
    if precision == "int8":
        return f"It answers {speedup or 1:.1f} times as fast in 8 bits, and no worse."
    return "In 8 bits it would be less accurate or no faster, so it stays in 32."
