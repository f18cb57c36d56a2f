"""Who waits for what: three queues, so that a rush of pictures never keeps a question about health waiting.

* Pictures are answered by as many threads as there are cores, each with a one-thread session. Who takes a picture takes
  along up to three that wait behind it (server/ahead.py); no lone request waits for another.
* Streams of a retraining's events hold a thread each for minutes, so they have their own, and are counted.
* All else is quick.

Whoever finds a queue full is told to come back: waitress itself would let it grow without end.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ThreadedTaskDispatcher

from engine.priority import step_back
from server.ahead import MOST, may_go_along
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

    Attributes:
        answer_ahead: Called with pictures that were taken from the queue together, before each is answered.
    """

    answer_ahead: Callable[[Sequence[HTTPRequestParser]], None] | None = None

    def __init__(self, cores: int = 0, waiting: int = WAITING, behind_window: bool = False) -> None:
        self._waiting = waiting
        self._cores = cores or os.cpu_count() or 1
        self.behind_window = behind_window
        self._held = self._bytes = 0
        self._lock = threading.Lock()
        self.pictures = _Behind() if behind_window else ThreadedTaskDispatcher()
        self.streams, self.others = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self.pictures.set_thread_count(self._cores)
        self.streams.set_thread_count(FOLLOWERS)
        self.others.set_thread_count(OTHERS)

    def add_task(self, task: HTTPChannel) -> None:
        """Queue what a connection has just received."""
        request = task.requests[0]
        if request.error is not None:
            self.others.add_task(task)
        elif request.path in ("/api/predict", "/api/explain"):
            if not self._admitted(task, int(request.headers.get("CONTENT_LENGTH") or 0)):
                self._turn_away(task, "Too many photos are waiting already.")
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
            # Counted until they are answered: one that was taken along from the queue waits all the same.
            if self._held >= self._cores + self._waiting or self._bytes + size > WAITING_BYTES:
                return False
            self._held += 1
            self._bytes += size
        self.pictures.add_task(_Counted(task, self, size))
        return True

    def _turn_away(self, task: HTTPChannel, why: str) -> None:
        task.requests[0].error = Refusal(Busy(why, f"Try again in {RETRY_AFTER_S} s."), keep=True)
        self.others.add_task(task)

    def _company(self) -> list[_Counted]:
        """What waits and may go along with a picture that is taken now, and leaves the other threads their share."""
        queue, taken = self.pictures.queue, list[_Counted]()
        with self.pictures.lock:
            share = min(MOST - 1, len(queue) // self._cores)
            while len(taken) < share and may_go_along(queue[0].request):
                taken.append(queue.popleft())
        return taken

    def done(self, size: int) -> None:
        with self._lock:
            self._held -= 1
            self._bytes -= size

    def serve(self, first: _Counted) -> None:
        """Answer a picture, and with it those that wait behind it."""
        together = [first]
        try:
            if self.answer_ahead is not None and may_go_along(first.request):
                together += self._company()
                self.answer_ahead([task.request for task in together])
        finally:
            # Whatever became of that, each of them gets its answer.
            for task in together:
                task.serve_alone()


class _Behind(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads that give way."""

    def handler_thread(self, thread_no: int) -> None:
        step_back()
        super().handler_thread(thread_no)


class _Counted:
    """A task whose body counts as held until it has been answered."""

    def __init__(self, task: HTTPChannel, lanes: Lanes, size: int) -> None:
        self.request: HTTPRequestParser = task.requests[0]
        self._task = task
        self._lanes = lanes
        self._size = size

    def service(self) -> None:
        self._lanes.serve(self)

    def serve_alone(self) -> None:
        try:
            self._task.service()
        finally:
            self._lanes.done(self._size)

    def cancel(self) -> None:
        self._lanes.done(self._size)
        self._task.cancel()
