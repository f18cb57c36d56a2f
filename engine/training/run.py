"""A training run as its parent sees it: a spawned child, its events, and a firm hand when it must end.

TensorFlow lives in the child alone. The parent stays as small as it was, and cancelling works even while TensorFlow
does not listen: the child is asked, then terminated, then killed.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from engine.errors import FolderError, WhiskerError, remedy
from engine.training.events import Cancelled, Failed, Finished, Last, Notice, TrainingEvent, TrainingReported
from engine.training.messages import Staged, Stop
from engine.training.plan import TrainingPlan
from engine.training.process import Child

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

ASK_S = 0.4  # how long a child that was asked to stop may take
STALLED_S = 240.0  # a child that says nothing and computes nothing for this long is given up
AT_WORK = 0.02  # of a core, on average: less is waiting for something that does not come
POLL_S = 0.05
INTERRUPTED = frozenset({"training_died", "training_stalled", "out_of_memory", "folder_error"})
"""Failures after which the same plan may go on from its finished epochs; after others it would fail again."""


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
            photos = "1 photo" if plan.batch_size == 1 else f"{plan.batch_size} photos"
            yield Notice(f"Memory ran out, so it starts once more with {photos} at a time.")
            self._trainer.drop_checkpoints(self.plan)
            try:
                self._child = self._trainer.child()
            except OSError as error:
                last = Failed("folder_error", f"The system refused ({error.strerror}).", remedy(error), str(self.log))
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
