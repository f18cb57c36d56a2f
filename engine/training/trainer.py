"""Who starts trainings: one at a time on a home, a child kept warm, and what killed runs left behind swept away."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import filelock

from engine.bulletin import Bulletin
from engine.edition import can_train, require_training
from engine.errors import DatasetError, FolderError, ModelNotFound, TrainingBusy, TrainingError, remedy
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training import weights
from engine.training.events import TrainingEvent
from engine.training.lock import training_lock
from engine.training.messages import GetReady, Job
from engine.training.plan import TrainingPlan
from engine.training.process import Child, Target, teach
from engine.training.room import require_room
from engine.training.run import TrainingRun

CHECKPOINTS_KEPT_S = 14 * 86_400.0  # a run that was interrupted longer ago will not be taken up again


class Trainer:
    """Starts runs, one at a time on this home, whichever program asks.

    Args:
        home: Where runs, logs and the lock are kept.
        shelf: Where finished models go.
        bulletin: Is told of every event.
        record: Is told of every event as well, with the run's id, its plan and the seconds since its start.
        target: What the child does; tests put something quicker in its place.
    """

    def __init__(
        self,
        home: Home,
        shelf: ModelShelf,
        bulletin: Bulletin,
        *,
        record: Callable[[str, TrainingPlan, TrainingEvent, float], None] | None = None,
        target: Target = teach,
    ) -> None:
        self._home = home
        self._shelf = shelf
        self._bulletin = bulletin
        self._record = record
        self._target = target
        self._warm: Child | None = None
        self._guard = threading.Lock()
        self.running: TrainingRun | None = None

    def available(self) -> bool:
        """Whether this edition brings TensorFlow; looks it up without importing it."""
        return can_train()

    def warm_up(self) -> None:
        """Start a child early, so that TensorFlow's import (6 s) is over before it is needed."""
        with self._guard:
            if self.available() and self._warm is None and self.running is None:
                self._warm = self.child()
                with contextlib.suppress(OSError):  # A child that is gone is noticed when it is wanted.
                    self._warm.connection.send(GetReady(self._home.features))

    def wait_until_warm(self, seconds: float) -> bool:
        """Whether a warm child is ready; waits for it, `seconds` at most."""
        with self._guard:
            child = self._warm
        # The child's first word, left in the pipe for the run that will follow it, says so.
        return child is not None and child.connection.poll(seconds)

    def cool_down(self) -> None:
        """End a warm child that was not needed."""
        with self._guard:
            if self._warm is not None:
                self._warm.end()
                self._warm = None

    def close(self) -> None:
        """End whatever is under way; finished epochs stay, so that the same plan can be taken up again."""
        self.cool_down()
        running = self.running
        if running is not None:
            running.abandon()

    def start(self, plan: TrainingPlan) -> TrainingRun:
        """Begin a run; follow it with `TrainingRun.events`.

        Raises:
            PlanError: a field is out of its range.
            DatasetError: the folder is not there.
            ModelProtected: the name belongs to a built-in model.
            TrainingBusy: another run is under way, here or in another Whisker on this home.
            TrainingUnavailable: this edition cannot train.
            WeightsUnavailable: the recipe needs weights that are not here, and nobody agreed to fetch them.
            FolderError: the home cannot be written, its disk is nearly full, or its name or the model's is none.
        """
        plan = plan.checked()
        # What can be known now is not said after TensorFlow's import, or after an hour of training.
        for folder in filter(None, (plan.folder, plan.test)):
            if not folder.is_dir():
                what = "is a file, not a folder" if folder.exists() else "is not there"
                raise DatasetError(f"{folder} {what}.", "Choose a folder with labelled photos.")
        plan = replace(plan, name=self._shelf.spelling(plan.name))
        require_training()
        self._require_text()
        weights.require(plan, self._home.weights)
        with self._guard:
            if self.running is not None:
                raise _busy()
            lock = self._locked()
            try:
                self._sweep()
                # Not before: what was swept away is room as well.
                require_room(plan, self._home)
                child, self._warm = self._warm, None
                if child is not None and not child.process.is_alive():
                    child = None
                self.running = TrainingRun(self, child or self.child(), plan, lock)
            except FolderError:
                lock.release()
                raise
            except OSError as error:
                lock.release()
                raise self._refused(error) from error
            return self.running

    def _require_text(self) -> None:
        """TensorFlow hands paths below the home to C++, which takes no byte that is not UTF-8."""
        try:
            str(self._home.root).encode()
        except UnicodeEncodeError as error:
            raise FolderError(
                f"Training cannot work in {self._home.root}, whose name is no UTF-8.",
                "Rename that folder, or set $WHISKER_HOME to another.",
            ) from error

    def processes(self) -> list[int]:
        """The numbers of the children there are, at work or warm."""
        running, warm = self.running, self._warm
        children = [running.child if running is not None else None, warm]
        return [child.process.pid for child in children if child is not None and child.process.pid is not None]

    def child(self) -> Child:
        """A fresh child process."""
        return Child(self._home.logs, self._target)

    def job(self, plan: TrainingPlan, staging: Path) -> Job:
        active = active_reference = None
        try:
            entry = self._shelf.active
            active, active_reference = entry.folder, entry.reference
        except ModelNotFound:
            pass
        return Job(plan, staging, self._checkpoints(plan), self._home.features, active, active_reference)

    def drop_checkpoints(self, plan: TrainingPlan) -> None:
        """Forget the finished epochs of a run that will not be taken up again."""
        shutil.rmtree(self._checkpoints(plan), ignore_errors=True)

    def clear(self, staging: Path) -> None:
        """Remove what a run had half made; its child must be gone."""
        shutil.rmtree(staging, ignore_errors=True)
        weights.sweep(self._home.weights)

    def record(self, run: str, plan: TrainingPlan, event: TrainingEvent, seconds: float) -> None:
        """Note what happened in a run, so many seconds after its start."""
        if self._record is not None:
            self._record(run, plan, event, seconds)

    def _locked(self) -> filelock.BaseFileLock:
        """The lock that keeps a second training off this home."""
        try:
            self._home.root.mkdir(parents=True, exist_ok=True)
            lock = training_lock(self._home)
            lock.acquire(blocking=False)
        except filelock.Timeout as error:
            raise _busy() from error
        except OSError as error:
            raise self._refused(error) from error
        return lock

    def _refused(self, error: OSError) -> FolderError:
        return FolderError(f"Whisker cannot write to {self._home.root} ({error.strerror}).", remedy(error))

    def _sweep(self) -> None:
        """Remove what runs that were killed left behind, but for epochs that may yet be taken up again."""
        self._shelf.sweep()
        weights.sweep(self._home.weights)
        now = time.time()
        for folder in self._home.checkpoints.glob("*/"):
            if now - folder.stat().st_mtime > CHECKPOINTS_KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _checkpoints(self, plan: TrainingPlan) -> Path:
        return self._home.checkpoints / plan.fingerprint()

    def forget(self, run: TrainingRun) -> None:
        with self._guard:
            if self.running is run:
                self.running = None

    @property
    def shelf(self) -> ModelShelf:
        return self._shelf

    @property
    def bulletin(self) -> Bulletin:
        return self._bulletin


def _busy() -> TrainingError:
    return TrainingBusy("A training is under way already.", "Wait until it ends, or cancel it.")
