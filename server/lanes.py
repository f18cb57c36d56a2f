"""Who waits for what: three queues, so that a rush of pictures never keeps a question about health waiting.

* Pictures are answered by as many threads as there are cores. Each of them runs a one-thread session, which answers
  more a second than batching those that came together (docs/performance.md), and lets no lone request wait.
* Streams of a retraining's events hold a thread each for minutes, so they have their own, and are counted.
* All else is quick.

Whoever finds a queue full is told to come back: waitress itself would let it grow without end.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from engine.priority import step_back
from server.errors import Busy
from server.limits import FOLLOWERS, RETRY_AFTER_S, WAITING, WAITING_BYTES
from server.wire import Refusal

# waitress warns of every request that has to wait a moment.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

OTHERS = 3


class Lanes:
    """A task dispatcher for waitress, made of several.

    Args:
        cores: Threads for pictures; 0 for one a core.
        waiting: How many pictures may wait.
        behind_window: Whether a window is open in this process, whose thread goes first where both want a core.
    """

    def __init__(self, cores: int = 0, waiting: int = WAITING, behind_window: bool = False) -> None:
        self._waiting = waiting
        self._bytes = 0
        self._lock = threading.Lock()
        self.pictures = _Behind() if behind_window else ThreadedTaskDispatcher()
        self.streams, self.others = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self.pictures.set_thread_count(cores or os.cpu_count() or 1)
        self.streams.set_thread_count(FOLLOWERS)
        self.others.set_thread_count(OTHERS)

    def add_task(self, task: HTTPChannel) -> None:
        """Queue what a connection has just received."""
        request = task.requests[0]
        if request.error is not None:
            self.others.add_task(task)
        elif request.path in ("/api/predict", "/api/explain"):
            if not self._admitted(task, int(request.headers.get("CONTENT_LENGTH") or 0)):
                self._turn_away(task, "Too many pictures are waiting already.")
        elif request.path.startswith("/api/retrain/") and request.path.endswith("/events"):
            if self.streams.active_count + len(self.streams.queue) >= FOLLOWERS:
                self._turn_away(task, "Too many follow a retraining already.")
            else:
                self.streams.add_task(task)
        else:
            self.others.add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5.0) -> None:
        """End every thread; those that are at work may finish within `timeout` seconds."""
        for lane in (self.pictures, self.streams, self.others):
            lane.set_thread_count(0)
        for lane in (self.pictures, self.streams, self.others):
            lane.shutdown(cancel_pending, timeout)

    def _admitted(self, task: HTTPChannel, size: int) -> bool:
        with self._lock:
            if len(self.pictures.queue) >= self._waiting or self._bytes + size > WAITING_BYTES:
                return False
            self._bytes += size
        self.pictures.add_task(_Counted(task, self, size))
        return True

    def _turn_away(self, task: HTTPChannel, why: str) -> None:
        task.requests[0].error = Refusal(Busy(why, f"Try again in {RETRY_AFTER_S} s."), keep=True)
        self.others.add_task(task)

    def done(self, size: int) -> None:
        with self._lock:
            self._bytes -= size


class _Behind(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads that give way."""

    def handler_thread(self, thread_no: int) -> None:
        step_back()
        super().handler_thread(thread_no)


class _Counted:
    """A task whose body counts as held until it has been answered."""

    def __init__(self, task: HTTPChannel, lanes: Lanes, size: int) -> None:
        self._task = task
        self._lanes = lanes
        self._size = size

    def service(self) -> Any:
        try:
            return self._task.service()
        finally:
            self._lanes.done(self._size)

    def cancel(self) -> None:
        self._lanes.done(self._size)
        self._task.cancel()
