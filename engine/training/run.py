"""A training run as its parent sees it: a spawned child, its events, and a firm hand when it must end.

TensorFlow lives in the child alone. The parent stays as small as it was, and cancelling works even while TensorFlow
does not listen: the child is asked, then terminated, then killed.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import filelock

from engine.bulletin import Bulletin, News
from engine.edition import can_train, require_training
from engine.errors import (
    DatasetError,
    FolderError,
    ModelNotFound,
    TrainingBusy,
    TrainingError,
    WhiskerError,
)
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training import weights
from engine.training.events import Cancelled, Failed, Finished, Last, Notice, TrainingEvent
from engine.training.plan import TrainingPlan
from engine.training.process import Child, Target, teach

ASK_S = 0.4  # how long a child that was asked to stop may take
STALLED_S = 240.0  # a child that says nothing and computes nothing for this long is given up
AT_WORK = 0.02  # of a core, on average: less is waiting for something that does not come
POLL_S = 0.05
CHECKPOINTS_KEPT_S = 14 * 86_400.0  # a run that was interrupted longer ago will not be taken up again
INTERRUPTED = frozenset({"training_died", "training_stalled", "out_of_memory", "folder_error"})
"""Failures after which the same plan may go on from its finished epochs; after others it would fail again."""


@dataclass(frozen=True)
class Job:
    """What the child is told to do.

    Attributes:
        plan: With every default filled in.
        staging: Where to write the bundle.
        checkpoints: Where finished epochs of this very plan are kept, so that a killed run can be taken up again.
        cache: Where features are kept from run to run.
        active: The bundle to compare with, or None.
        active_reference: Its NAME@VERSION.
    """

    plan: TrainingPlan
    staging: Path
    checkpoints: Path
    cache: Path
    active: Path | None
    active_reference: str | None


@dataclass(frozen=True)
class GetReady:
    """Parent to child: a job may come; do what any will need.

    Attributes:
        cache: As of the jobs to come.
    """

    cache: Path


@dataclass(frozen=True)
class Stop:
    """Parent to child: end at the next batch."""


@dataclass(frozen=True)
class Warm:
    """Child to parent: TensorFlow is imported, and all is ready."""


@dataclass(frozen=True)
class Staged:
    """Child to parent: a checked bundle lies in the staging folder."""

    metrics: dict[str, Any]
    comparison: dict[str, Any] | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TrainingReported(News):
    """A run had this event."""

    run: str
    event: TrainingEvent


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
            FolderError: the home cannot be written, or the name is none.
        """
        plan = plan.checked()
        # What can be known now is not said after TensorFlow's import, or after an hour of training.
        for folder in filter(None, (plan.folder, plan.test)):
            if not folder.is_dir():
                what = "is a file, not a folder" if folder.exists() else "is not there"
                raise DatasetError(f"{folder} {what}.", "Choose a folder with labelled pictures.")
        plan = replace(plan, name=self._shelf.spelling(plan.name))
        require_training()
        weights.require(plan, self._home.weights)
        with self._guard:
            if self.running is not None:
                raise _busy()
            lock = self._locked()
            try:
                self._sweep()
                child, self._warm = self._warm, None
                if child is not None and not child.process.is_alive():
                    child = None
                self.running = TrainingRun(self, child or self.child(), plan, lock)
            except OSError as error:
                lock.release()
                raise self._refused(error) from error
            return self.running

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
        """The lock that keeps a second training off this home; the system frees it when this process dies."""
        try:
            self._home.root.mkdir(parents=True, exist_ok=True)
            # Whoever follows the run releases it, in a thread of their own.
            lock = filelock.FileLock(self._home.root / "training.lock", thread_local=False)
            lock.acquire(blocking=False)
        except filelock.Timeout as error:
            raise _busy() from error
        except OSError as error:
            raise self._refused(error) from error
        return lock

    def _refused(self, error: OSError) -> FolderError:
        return FolderError(
            f"Whisker cannot write to {self._home.root} ({error.strerror}).", "Make room or free it for writing."
        )

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


class TrainingRun:
    """One run. Exactly one thread follows `events`; any thread may `cancel`."""

    def __init__(self, trainer: Trainer, child: Child, plan: TrainingPlan, lock: filelock.BaseFileLock) -> None:
        self.id = uuid.uuid4().hex
        self.plan = plan
        self.started = time.monotonic()
        self._trainer = trainer
        self._child = child
        self._lock = lock
        self._cancel = threading.Event()
        self.stalled_after = STALLED_S

    @property
    def child(self) -> Child:
        """The process that is at work."""
        return self._child

    @property
    def log(self) -> Path:
        """The log file of the child that is at work."""
        return self._child.log

    def cancel(self) -> None:
        """End the run within a second, whatever it is doing; leaves nothing half-made."""
        self._cancel.set()

    def abandon(self) -> None:
        """End the child at once because the program ends; another run may start. Can be called again."""
        self._child.end()
        self._lock.release()
        self._trainer.forget(self)

    def events(self) -> Iterator[TrainingEvent]:
        """Everything that happens, until one of `Last` has been given; by then another run may start."""
        try:
            for event in self._attempts():
                if isinstance(event, Last):
                    self.abandon()
                self._trainer.record(self.id, self.plan, event, round(time.monotonic() - self.started, 2))
                self._trainer.bulletin.tell(TrainingReported(self.id, event))
                yield event
        finally:
            self.abandon()
            self._child.connection.close()

    def _attempts(self) -> Iterator[TrainingEvent]:
        plan = self.plan
        last = yield from self._attempt(plan)
        if isinstance(last, Failed) and last.code == "out_of_memory" and (plan.batch_size or 0) > 1:
            plan = replace(plan, batch_size=(plan.batch_size or 2) // 2)
            yield Notice(f"Memory ran out, so it starts once more with {plan.batch_size} pictures at a time.")
            self._trainer.drop_checkpoints(self.plan)
            try:
                self._child = self._trainer.child()
            except OSError as error:
                last = Failed("folder_error", f"The system refused ({error.strerror}).", "Make room.", str(self.log))
            else:
                last = yield from self._attempt(plan)
        if isinstance(last, Failed) and last.code not in INTERRUPTED:
            self._trainer.drop_checkpoints(plan)
        yield last

    def _attempt(self, plan: TrainingPlan) -> Generator[TrainingEvent, None, TrainingEvent]:
        """Runs one child to its end; returns the last event instead of yielding it."""
        try:
            staging = self._trainer.shelf.stage()
        except FolderError as error:
            return Failed(error.code, error.message, error.hint, str(self.log))
        try:
            self._send(self._trainer.job(plan, staging))
            heard, used = time.monotonic(), self._child.cpu_seconds()
            while True:
                if self._cancel.is_set():
                    self._send(Stop())
                    return self._cancelled(plan, self._child.end(patience=ASK_S))
                message = self._receive()
                if message is None:
                    silent = time.monotonic() - heard
                    if silent > self.stalled_after:
                        before, used = used, self._child.cpu_seconds()
                        if used - before > AT_WORK * silent:
                            # Some libraries compute for minutes without a word; on a busy machine it takes longer.
                            heard = time.monotonic()
                            continue
                        self._child.end()
                        return self._failed("training_stalled", "Training has stopped moving and was ended.")
                    continue
                heard, used = time.monotonic(), self._child.cpu_seconds()
                if isinstance(message, Staged):
                    return self._publish(staging, plan, message)
                if isinstance(message, EOFError):
                    self._child.process.join(2.0)
                    # A signal to all processes of a terminal ends the child before the parent has understood.
                    return self._cancelled(plan, "terminated") if self._cancel.is_set() else self._died()
                if isinstance(message, Failed):
                    return replace(message, log=str(self.log))
                if isinstance(message, Cancelled):
                    return message
                if isinstance(message, TrainingEvent):
                    yield message
        finally:
            # Not before the child is gone: it might write on.
            self._child.end()
            self._trainer.clear(staging)

    def _publish(self, staging: Path, plan: TrainingPlan, staged: Staged) -> TrainingEvent:
        try:
            entry = self._trainer.shelf.publish(staging, plan.name, proved=True)
        except WhiskerError as error:
            return Failed(error.code, error.message, error.hint, str(self.log))
        self._trainer.drop_checkpoints(plan)
        seconds = round(time.monotonic() - self.started, 2)
        return Finished(entry.name, entry.version, staged.metrics, seconds, staged.comparison, staged.notes)

    def _cancelled(self, plan: TrainingPlan, how: str) -> Cancelled:
        self._trainer.drop_checkpoints(plan)
        return Cancelled(how)

    def _died(self) -> Failed:
        code = self._child.process.exitcode
        # The kernel's out-of-memory killer leaves no word but this one.
        if code == -9:
            return self._failed("out_of_memory", "Training was ended by the system, most likely for want of memory.")
        return self._failed("training_died", f"Training ended unexpectedly (exit status {code}).")

    def _failed(self, code: str, message: str) -> Failed:
        return Failed(code, message, "The log says more; starting again takes it up where it was.", str(self.log))

    def _send(self, message: object) -> None:
        try:
            self._child.connection.send(message)
        except (BrokenPipeError, OSError):
            # A child that is gone is noticed by `_receive`, where it gets its sentence.
            return

    def _receive(self) -> object:
        try:
            return self._child.connection.recv() if self._child.connection.poll(POLL_S) else None
        except (EOFError, OSError):
            return EOFError()


def _busy() -> TrainingError:
    return TrainingBusy("A training is under way already.", "Wait until it ends, or cancel it.")
