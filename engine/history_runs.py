"""The trainings of a home: how each ended, and how it went epoch by epoch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from engine.database import Database
from engine.history_rows import RunEpoch, TrainingRun, run_of

_SELECT = "SELECT id, at, model, version, recipe, plan, metrics, seconds, state, said FROM training_runs"


class TrainingRuns:
    """The part of the history that keeps trainings.

    Every method raises HistoryError, in words, when the database cannot be read or written.
    """

    _database: Database

    def begin_run(self, model: str, recipe: str, plan: Mapping[str, Any]) -> int:
        """Keep that a training has begun; `plan` holds what JSON can. Returns its number."""
        columns = (self._now(), model, recipe, json.dumps(plan))
        with self._database.write() as database:
            added = database.execute(
                "INSERT INTO training_runs (at, model, recipe, plan, seconds, state) VALUES (?, ?, ?, ?, 0, 'running')",
                columns,
            )
            return int(added.lastrowid or 0)

    def add_epoch(self, run: int, epoch: RunEpoch) -> None:
        """Keep an epoch of a training; one of the same number replaces it."""
        values = (epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy)
        finite = [value if math.isfinite(value) else None for value in values]
        with self._database.write() as database:
            database.execute(
                "INSERT OR REPLACE INTO training_epochs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run, epoch.number, *finite, epoch.seconds),
            )

    def end_run(
        self,
        run: int,
        version: int | None,
        metrics: Mapping[str, Any] | None,
        seconds: float,
        state: str,
        said: Mapping[str, Any],
    ) -> None:
        """Keep how a training ended; `metrics` and `said` hold what JSON can."""
        result = None if metrics is None else json.dumps(metrics)
        with self._database.write(to_the_disk=True) as database:
            database.execute(
                "UPDATE training_runs SET version = ?, metrics = ?, seconds = ?, state = ?, said = ? WHERE id = ?",
                (version, result, seconds, state, json.dumps(said), run),
            )

    def end_interrupted_runs(self) -> int:
        """Note that the program ended in the midst of whatever still counts as running; how many there were."""
        with self._database.write() as database:
            ended = database.execute("UPDATE training_runs SET state = 'interrupted' WHERE state = 'running'")
            return int(ended.rowcount)

    def runs(self, limit: int = 50, before: int | None = None) -> list[TrainingRun]:
        """Trainings, the latest first; with `before`, only those with a smaller number."""
        query = f"{_SELECT} WHERE id < ? ORDER BY id DESC LIMIT ?"
        with self._database.read() as database:
            return [run_of(columns) for columns in database.execute(query, (before or 1 << 62, max(0, limit)))]

    def epochs(self, run: int) -> list[RunEpoch]:
        """How a training went, the first epoch first; empty for one that has none, as the quick recipe's may."""
        query = """
            SELECT number, loss, accuracy, val_loss, val_accuracy, seconds FROM training_epochs
            WHERE run = ? ORDER BY number
        """
        with self._database.read() as database:
            return [
                RunEpoch(int(number), *(math.nan if value is None else float(value) for value in values))
                for number, *values in database.execute(query, (run,))
            ]

    def _now(self) -> int:
        raise NotImplementedError
