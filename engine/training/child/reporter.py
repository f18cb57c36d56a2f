"""The child's side of the pipe: tells what happens, hears when to stop."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from engine.errors import TrainingCancelled
from engine.training.events import Stage, TrainingEvent
from engine.training.messages import GetReady, Job, Stop

# A person sees four steps a second as movement; more would only fill the pipe.
EVERY_S = 0.25


class Reporter:
    """Sends events; `cancelled` turns true when the parent says so. Without a parent the process ends at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._cancel = threading.Event()
        self._job: Job | None = None
        self._job_came = threading.Event()
        self._cache: Path | None = None
        self._spoken = threading.Event()
        self._told = 0.0
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    def wait_for_word(self) -> Path | None:
        """Wait for the parent's first word; the cache to get ready with, or None if the job is there already."""
        self._spoken.wait()
        return None if self.wanted else self._cache

    @property
    def wanted(self) -> bool:
        """Whether a job has come, or the word to stop."""
        return self._job_came.is_set()

    def wait_for_job(self) -> Job:
        self._job_came.wait()
        if self._job is None:
            raise TrainingCancelled("Cancelled.")
        return self._job

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    @property
    def cancel(self) -> threading.Event:
        """Set once the parent asked to stop."""
        return self._cancel

    def check(self) -> None:
        """Raise TrainingCancelled if the parent asked to stop."""
        if self._cancel.is_set():
            raise TrainingCancelled("Cancelled.")

    def tell(self, message: object) -> None:
        with self._sending:
            self._connection.send(message)

    def tell_sometimes(self, event: TrainingEvent) -> None:
        """For events that come fast: at most four a second get through."""
        now = time.monotonic()
        if now - self._told >= EVERY_S:
            self._told = now
            self.tell(event)

    def stage(self, name: str, message: str, seconds_left: float | None = None) -> None:
        """Enter a stage; also the place where a cancelled run ends between stages."""
        self.check()
        self.tell(Stage(name, message, seconds_left=seconds_left))

    def _listen(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                if isinstance(message, Job):
                    self._job = message
                    self._job_came.set()
                elif isinstance(message, GetReady):
                    self._cache = message.cache
                elif isinstance(message, Stop):
                    self._cancel.set()
                    self._job_came.set()
                self._spoken.set()
        except (EOFError, OSError):
            # The parent is gone; nobody wants the model any more, and checkpoints are already on the disk.
            os._exit(3)
