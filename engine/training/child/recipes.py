"""A training from its first picture to a checked bundle: the same road for every recipe."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.card import Card, file_sha256
from engine.dataset.split import Split
from engine.errors import DatasetError
from engine.predictor import Predictor
from engine.training.child import judging
from engine.training.child.export import About, export_graph, finish
from engine.training.child.reporter import Reporter
from engine.training.child.taught import Taught
from engine.training.child.teaching import TEACHERS
from engine.training.estimate import Pace
from engine.training.events import Exported, Prepared, Stage
from engine.training.features import backbone_weights
from engine.training.plan import TrainingPlan
from engine.training.preparation import Pictures, prepare
from engine.training.run import Job, Staged

CALIBRATION = 96  # pictures to choose int8 scales by, and to hold int8 against fp32


def train(job: Job, reporter: Reporter) -> Staged:
    """Do a job: read, split, teach, export, judge. Leaves a proved bundle in the job's staging folder.

    Raises:
        TrainingCancelled: the parent asked to stop.
        WhiskerError: with the sentence that the person will read.
    """
    began = time.monotonic()
    plan = job.plan
    reporter.stage("reading", "Reading the pictures")

    def seen(done: int, total: int) -> None:
        reporter.tell_sometimes(Stage("reading", f"Reading the pictures: {done} of {total}", done, total))

    pictures = prepare(plan, seen, reporter.check)
    honest, naive = pictures.divide(plan.seed)
    if not len(honest.test):
        raise DatasetError("There is no picture to judge the model by.", "Add a few more pictures of each class.")
    notes = [*pictures.notes, *honest.notes]
    if pictures.unreadable:
        left_out = len(pictures.unreadable)
        notes.append(f"{left_out} {'picture was' if left_out == 1 else 'pictures were'} left out: they cannot be read.")
    pace = Pace.read(job.cache)
    reporter.tell(
        Prepared(
            classes=pictures.classes,
            train=len(honest.train),
            validation=len(honest.validation),
            test=len(honest.test),
            unreadable=len(pictures.unreadable),
            notes=tuple(notes),
            seconds=round(pace.seconds(plan, len(pictures.paths))),
        )
    )
    taught = TEACHERS[plan.recipe](job, pictures, honest, naive, reporter)
    notes += taught.notes
    card = _export(job, pictures, honest, taught, reporter)
    reporter.stage("judging", "Judging it on pictures that it never saw")
    predictor = Predictor(job.staging)
    verdict = judging.judge(predictor, job, pictures, honest.test, reporter.check)
    notes += verdict.notes
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
            "description": f"{len(pictures.paths)} pictures from {plan.folder.name}",
            "seconds": seconds,
            "notes": notes,
        },
    ).write(job.staging)
    pace.learnt(plan, len(pictures.paths), seconds).write(job.cache)
    return Staged(verdict.metrics, verdict.comparison, tuple(notes))


def _export(job: Job, pictures: Pictures, split: Split, taught: Taught, reporter: Reporter) -> Card:
    reporter.stage("exporting", "Writing the model, and checking that it answers the same everywhere")
    random = np.random.default_rng(job.plan.seed)
    chosen = random.permutation(split.train)[:CALIBRATION]
    side = job.plan.image_size or 224
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
    if taught.int8 is None:
        return None
    versions = "-".join(importlib.metadata.version(package) for package in ("keras", "tf2onnx"))
    weights = file_sha256(backbone_weights(taught.backbone))[:16]
    return job.cache.parent / "onnx" / f"{taught.backbone}-{job.plan.image_size}-{weights}-{versions}.onnx"


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
