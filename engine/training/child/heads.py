"""Heads on features: the one that is kept, and those that help to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.training.child.paired import Scored, softmax
from engine.training.child.quick import BATCH, LEARNING_RATE, Head, centre, fit_temperature, train_head
from engine.training.child.reporter import Reporter
from engine.training.events import Epoch, Stage
from engine.training.plan import Recipe, TrainingPlan
from engine.training.preparation import Pictures

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

ENOUGH_TO_COOL = 50  # validation pictures from which one temperature can be told
FOLDS = 3
CARELESS_GAP = 0.01
CARELESS_COPIES = 0.01  # share of copies from which on the comparison is worth its second


def teach_head(
    pictures: Pictures,
    variants: Floats,
    chosen: Indices,
    plan: TrainingPlan,
    reporter: Reporter,
    *,
    held_back: Indices | None = None,
) -> Head:
    """A head that is taught the `chosen` pictures.

    Args:
        held_back: Pictures that it is not taught. While it learns, each epoch is told with how it does on them; nothing
            is decided by that. Without any, only how far it is.
    """
    weights = pictures.class_weights(chosen)[pictures.labels[chosen]]
    count = variants.shape[1]
    rows = variants[chosen].reshape(-1, variants.shape[2])
    held = None
    if held_back is not None and len(held_back):
        held = _HeldBack.of(rows, variants[held_back, 0], pictures.labels[held_back])
    head = train_head(
        rows,
        np.repeat(pictures.labels[chosen], count),
        len(pictures.classes),
        sample_weights=np.repeat(weights, count),
        seed=plan.seed,
        **_knobs(plan),
        callbacks=[_HeadTold(reporter, held)],
    )
    reporter.check()
    return head


def _knobs(plan: TrainingPlan) -> dict[str, Any]:
    """What the plan says of learning a head; a fine-tuning's numbers are about what comes after it."""
    if plan.recipe is Recipe.FINETUNE:
        return {}
    return {
        "epochs": plan.epochs,
        "batch": plan.batch_size or BATCH,
        "learning_rate": plan.learning_rate or LEARNING_RATE,
        "dropout": plan.dropout or 0.0,
    }


def find_temperature(
    pictures: Pictures, variants: Floats, honest: Split, plan: TrainingPlan, reporter: Reporter
) -> float:
    """From pictures that the head was not taught: the validation part, or in turns where that is small."""
    learn = np.union1d(honest.train, honest.validation)
    if len(honest.validation) >= ENOUGH_TO_COOL:
        head = teach_head(pictures, variants, honest.train, plan, reporter)
        return fit_temperature(head.logits(variants[honest.validation, 0]), pictures.labels[honest.validation])
    logits, labels = [], []
    turn = np.random.default_rng(plan.seed).permutation(len(learn)) % FOLDS
    for fold in range(FOLDS):
        inside, outside = learn[turn != fold], learn[turn == fold]
        if not len(outside) or len(np.unique(pictures.labels[inside])) < len(pictures.classes):
            continue
        head = teach_head(pictures, variants, inside, plan, reporter)
        logits.append(head.logits(variants[outside, 0]))
        labels.append(pictures.labels[outside])
    return fit_temperature(np.concatenate(logits), np.concatenate(labels)) if logits else 1.0


def careless_notes(
    pictures: Pictures,
    variants: Floats,
    head: Head,
    honest: Split,
    naive: Split,
    plan: TrainingPlan,
    reporter: Reporter,
) -> list[str]:
    """What a split that ignores copies would have promised, where that is more."""
    if honest.kept_together < CARELESS_COPIES * len(variants) or not len(naive.test):
        return []
    learn = np.union1d(naive.train, naive.validation)
    careless = teach_head(pictures, variants, learn, plan, reporter)
    promised = _right(careless, variants[naive.test, 0], pictures.labels[naive.test])
    held = _right(head, variants[honest.test, 0], pictures.labels[honest.test])
    if promised - held < CARELESS_GAP:
        return []
    return [
        f"Judged by copies of what it learnt from, it would have looked {100 * promised:.1f} % right "
        f"instead of {100 * held:.1f} %."
    ]


def _right(head: Head, features: Floats, labels: npt.NDArray[np.int64]) -> float:
    return float((head.logits(features).argmax(axis=1) == labels).mean())


@dataclass(frozen=True, eq=False)
class _HeldBack:
    """Features standardised as those that a head is taught, float32 [n, d], and their labels, int [n]."""

    features: Floats
    labels: npt.NDArray[np.int64]

    @classmethod
    def of(cls, taught: Floats, features: Floats, labels: npt.NDArray[np.int64]) -> _HeldBack:
        mean, spread = centre(taught)
        return cls((features - mean) / spread, labels)

    def scores(self, model: keras.Model) -> tuple[float, float]:
        """Cross-entropy and share right of the head as it is now. Keras's own validation takes longer than learning."""
        kernel, bias = model.get_layer("head").get_weights()
        scored = Scored.of(softmax(self.features @ kernel + bias), self.labels)
        return float(scored.losses.mean()), scored.right / scored.count


class _HeadTold(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells of a head's epochs, a few a second, and stops it when asked.

    Only the head that is kept has pictures `held` back, and so curves; those that help to judge it, or that a
    fine-tuning starts from, do not.
    """

    def __init__(self, reporter: Reporter, held: _HeldBack | None) -> None:
        super().__init__()
        self._reporter = reporter
        self._held = held

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._reporter.cancelled:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        total = int(self.params.get("epochs") or 0)
        if self._held is None:
            message = "Learning what tells them apart"
            self._reporter.tell_sometimes(Stage("learning", message, epoch + 1, total))
            return
        loss, accuracy = float(logs.get("loss", 0.0)), float(logs.get("accuracy", 0.0))
        # The last is always told: a curve ends where the training did.
        tell = self._reporter.tell if epoch + 1 == total else self._reporter.tell_sometimes
        tell(Epoch(epoch + 1, total, loss, accuracy, *self._held.scores(self.model), 0.0))
