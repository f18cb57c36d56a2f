"""One way to run epochs for every recipe that has them: warm-up, cosine, early stopping, best weights, checkpoints."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from engine.errors import TrainingError
from engine.training.child.checkpoints import BestKept, EpochsKept
from engine.training.child.feed import Feed
from engine.training.child.reporter import Reporter
from engine.training.events import Batch, Epoch, Notice, Resumed

LABEL_SMOOTHING = 0.1
WARM_UP = 0.1  # of all steps
PATIENCE = 4  # epochs without a better validation loss
WEIGHT_DECAY = 1e-4


class Told(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells the parent of batches and epochs, and ends the training, its validation too, when the parent says so."""

    def __init__(self, reporter: Reporter, epochs: int, batches: int) -> None:
        super().__init__()
        self._reporter = reporter
        self._epochs = epochs
        self._batches = batches
        self._began = self._epoch_began = time.monotonic()
        self._epoch = self._first = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._epoch and epoch:
            self._first = epoch
            self._reporter.tell(Resumed(epoch))
        self._epoch = epoch + 1
        self._epoch_began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._reporter.cancelled:
            self.model.stop_training = True
        loss = float((logs or {}).get("loss", 0.0))
        if not np.isfinite(loss):
            raise TrainingError(
                "The training went astray: its error is no longer a number.", "Choose a smaller learning rate."
            )
        done = (self._epoch - 1 - self._first) * self._batches + batch + 1
        left = (time.monotonic() - self._began) / done * (self._epochs - self._first) * self._batches
        left -= time.monotonic() - self._began
        self._reporter.tell_sometimes(Batch(self._epoch, batch + 1, self._batches, loss, max(left, 0.0)))

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._reporter.cancelled:
            self.model.stop_training = True
            self.model.stop_evaluating = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        self._reporter.tell(
            Epoch(
                epoch + 1,
                self._epochs,
                float(logs.get("loss", 0.0)),
                float(logs.get("accuracy", 0.0)),
                float(logs.get("val_loss", logs.get("loss", 0.0))),
                float(logs.get("val_accuracy", logs.get("accuracy", 0.0))),
                round(time.monotonic() - self._epoch_began, 2),
            )
        )


class _OrderOfEpoch(keras.callbacks.Callback):  # type: ignore[misc]
    """A resumed training starts at epoch n: its feed must give epoch n's order and variation."""

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._feed.start_epoch(epoch)


def fit(
    model: keras.Model,
    training: Feed,
    validation: Feed | None,
    *,
    learning_rate: float,
    epochs: int,
    checkpoints: Path,
    reporter: Reporter,
    seed: int,
) -> list[dict[str, float]]:
    """Train `model`, which maps pictures to class probabilities, and leave the best epoch's weights in it.

    AdamW (Loshchilov and Hutter 2019) with linear warm-up and a cosine schedule (Loshchilov and Hutter 2017).

    Args:
        validation: Says which epoch was best, and when to stop; without it the last epoch is kept.
        checkpoints: A folder where each finished epoch is kept, so that a killed run goes on after it.

    Returns:
        Loss, accuracy, val_loss and val_accuracy of each epoch that was run.

    Raises:
        TrainingCancelled: the parent asked to stop.
        TrainingError: the loss is no longer a number.
    """
    keras.utils.set_random_seed(seed)
    steps = len(training) * epochs
    warm_up = max(1, int(steps * WARM_UP))
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20, max(1, steps - warm_up), warmup_target=learning_rate, warmup_steps=warm_up
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY, clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    checkpoints.mkdir(parents=True, exist_ok=True)
    best = BestKept(checkpoints)
    callbacks: list[keras.callbacks.Callback] = [
        EpochsKept(checkpoints / "epochs"),
        _OrderOfEpoch(training),
        Told(reporter, epochs, len(training)),
    ]
    if validation is not None:
        callbacks += [best, keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)]
    history = model.fit(
        training, validation_data=validation, epochs=epochs, callbacks=callbacks, verbose=0, shuffle=False
    ).history
    reporter.check()
    if validation is not None:
        best.take()
    rows = len(history.get("loss", []))
    if rows < epochs and rows:
        reporter.tell(
            Notice(f"It stopped after {rows} epoch{'s' if rows > 1 else ''}: more were no longer making it better.")
        )
    return [{key: float(values[row]) for key, values in history.items()} for row in range(rows)]
