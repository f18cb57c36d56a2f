"""Finished epochs and the best weights, kept so that a killed training can go on from there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras

from engine.durable import write_atomically
from engine.errors import TrainingError

# What keras raises over a file that is cut off, is no longer JSON or HDF5, or lacks a part.
_DAMAGE = (OSError, ValueError, KeyError, TypeError)


class EpochsKept(keras.callbacks.BackupAndRestore):  # type: ignore[misc]
    """Goes on after the last finished epoch; the one before it is kept until the next is written whole.

    Raises:
        TrainingError: neither can be read, so that the run must begin anew; its checkpoints are dropped then.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), double_checkpoint=True, delete_checkpoint=False)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        try:
            super().on_train_begin(logs)
        except _DAMAGE as error:
            raise _damaged() from error


class BestKept(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the lowest validation loss, across a resumed run as well."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._weights = folder / "best.weights.h5"
        self._score = folder / "best.txt"
        self._best = float("inf")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        try:
            self._best = float(self._score.read_text()) if self._weights.is_file() else float("inf")
        except (OSError, ValueError):
            self._best = float("inf")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        loss = float((logs or {}).get("val_loss", float("inf")))
        if loss < self._best:
            self._best = loss
            fresh = self._weights.with_name("fresh.weights.h5")
            self.model.save_weights(fresh)
            os.replace(fresh, self._weights)
            write_atomically(self._score, repr(loss).encode())

    def take(self) -> None:
        """Let the model have them, if there are any.

        Raises:
            TrainingError: they cannot be read.
        """
        if self._weights.is_file():
            try:
                self.model.load_weights(self._weights)
            except _DAMAGE as error:
                raise _damaged() from error


def _damaged() -> TrainingError:
    return TrainingError(
        "What was kept of an interrupted training is damaged and is thrown away.", "Start the training again."
    )
