"""What the recipes know of each picture: features that are computed once, and kept where they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN
from engine.training.child.feed import Feed
from engine.training.child.reporter import Reporter
from engine.training.events import Stage
from engine.training.features import FEATURES, FeatureExtractor
from engine.training.preparation import Pictures
from engine.training.run import Job

Floats = npt.NDArray[np.float32]

ALTERED_EACH = 48  # pictures altered in each way, to find where the unknown begins
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


def look(job: Job, pictures: Pictures, honest: Split, reporter: Reporter) -> Known:
    """Features of every picture, most of them remembered from earlier trainings."""
    plan = job.plan
    extractor = FeatureExtractor(plan.backbone or "", plan.image_size or 0, job.cache)
    total = len(pictures.paths)
    reporter.stage("looking", "Looking at each picture once")

    def looked(done: int) -> None:
        reporter.tell_sometimes(Stage("looking", f"Looking at each picture once: {done} of {total}", done, total))

    variants = FEW_VARIANTS if total <= FEW else (PLAIN,)
    extracted = extractor.extract(pictures.paths, variants, progress=looked, cancel=reporter.cancel)
    reporter.check()
    altered, origins = [np.zeros((0, FEATURES), np.float32)], [np.zeros(0, np.int64)]
    random = np.random.default_rng(plan.seed)
    for kind in ALTERATIONS:
        chosen = np.sort(random.permutation(honest.train)[:ALTERED_EACH])
        copies = extractor.extract([pictures.paths[at] for at in chosen], (kind,), cancel=reporter.cancel)
        reporter.check()
        altered.append(copies.features[:, 0])
        origins.append(chosen.astype(np.int64))
    features = extracted.features
    return Known(features[:, 0], features, np.concatenate(altered), np.concatenate(origins))


def keras_features(model: keras.Model, paths: Sequence[Path], side: int, reporter: Reporter) -> Floats:
    """float32 [n, d] from Keras itself, a batch at a time."""
    extractor = keras.Model(model.input, model.output["features"])
    feed = Feed(paths, np.zeros(len(paths), np.int64), classes=1, side=side, batch=16)
    rows = []
    for index in range(len(feed)):
        reporter.check()
        rows.append(np.asarray(extractor(feed[index][0], training=False)))
        done = min((index + 1) * 16, len(paths))
        reporter.tell_sometimes(Stage("looking", f"Looking at each picture: {done} of {len(paths)}", done, len(paths)))
    return np.concatenate(rows)
