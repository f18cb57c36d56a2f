"""What the recipes know of each picture: features that are computed once, and kept where they can be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.dataset.survey import Look, Progress
from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN
from engine.training.child.feed import Feed
from engine.training.child.reporter import Reporter
from engine.training.events import Stage
from engine.training.features import FEATURES, FeatureExtractor
from engine.training.messages import Job
from engine.training.plan import TrainingPlan
from engine.training.preparation import Pictures, Seeing

Floats = npt.NDArray[np.float32]

ALTERED_EACH = 32  # pictures altered in each way, to find where the unknown begins
TOGETHER = 8  # pictures that Keras sees at once
FEW = 1200  # pictures up to which mirrored and cropped copies are learnt from as well
FEW_VARIANTS = (PLAIN, MIRRORED, "cropped")


@dataclass(frozen=True, eq=False)
class Known:
    """Features of all pictures, and of altered copies of some that are learnt from.

    Attributes:
        features: float32 [n, d].
        variants: float32 [n, v, d], first the pictures themselves; more to learn from where there are few.
        altered: float32 [m, d], to find where the unknown begins.
        altered_from: int64 [m], positions in `features`.
    """

    features: Floats
    variants: Floats
    altered: Floats
    altered_from: npt.NDArray[np.int64]


def seeing(job: Job, reporter: Reporter) -> Seeing:
    """Looks at pictures with the plan's backbone: each is opened once, for the survey and for the network."""
    plan = job.plan

    def see(paths: Sequence[Path], progress: Progress) -> tuple[Sequence[Look], Floats | None]:
        varied = bool(plan.augmentation) and len(paths) <= FEW
        extracted = _extractor(plan, job.cache).extract(
            paths,
            FEW_VARIANTS if varied else (PLAIN,),
            progress=lambda done: progress(done, len(paths)),
            cancel=reporter.cancel,
            survey=True,
        )
        reporter.check()
        return extracted.looks, extracted.features

    return see


def know(job: Job, pictures: Pictures, honest: Split, reporter: Reporter) -> Known:
    """What was seen of the pictures, and how altered copies of some of them look."""
    assert pictures.variants is not None  # `seeing` brought them
    extractor = _extractor(job.plan, job.cache)
    altered, origins = [np.zeros((0, FEATURES), np.float32)], [np.zeros(0, np.int64)]
    for kind in ALTERATIONS:
        chosen = _chosen(pictures, honest, kind)
        copies = extractor.extract([pictures.paths[at] for at in chosen], (kind,), cancel=reporter.cancel)
        reporter.check()
        altered.append(copies.features[:, 0])
        origins.append(chosen)
    return Known(pictures.variants[:, 0], pictures.variants, np.concatenate(altered), np.concatenate(origins))


def _extractor(plan: TrainingPlan, cache: Path) -> FeatureExtractor:
    return FeatureExtractor(plan.backbone or "", plan.image_size or 0, cache)


def _chosen(pictures: Pictures, honest: Split, kind: str) -> npt.NDArray[np.int64]:
    """Training pictures to alter, by their content: a few more pictures change few of them, the rest is remembered."""
    contents = pictures.contents
    order = sorted(honest.train.tolist(), key=lambda at: hashlib.sha256(f"{kind} {contents[at]}".encode()).digest())
    return np.sort(np.array(order[:ALTERED_EACH], np.int64))


def keras_features(model: keras.Model, paths: Sequence[Path], side: int, reporter: Reporter) -> Floats:
    """float32 [n, d] from Keras itself, a batch at a time.

    In a traced graph: called layer by layer, ResNet50 takes a third longer, and 3 GB that TensorFlow keeps.
    """
    extractor = keras.Model(model.input, model.output["features"])
    feed = Feed(paths, np.zeros(len(paths), np.int64), classes=1, side=side, batch=TOGETHER)
    rows = []
    for index in range(len(feed)):
        reporter.check()
        rows.append(extractor.predict_on_batch(feed[index][0]))
        done = min((index + 1) * TOGETHER, len(paths))
        reporter.tell_sometimes(Stage("looking", f"Looking at each photo: {done} of {len(paths)}", done, len(paths)))
    return np.concatenate(rows)
