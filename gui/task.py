"""Work off the GUI thread.

`run` does one thing and brings back its result; `follow` does a long thing and brings back what it yields, in
handfuls. Results arrive on the GUI thread. What was cancelled, and what comes after its owner is gone, is dropped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

from engine.errors import WhiskerError

T = TypeVar("T")
Failed = Callable[[WhiskerError], None]

HANDFUL_S = 0.05
"""How long `follow` gathers before it delivers: often enough to look live, seldom enough to stay fluid."""


class Unforeseen(WhiskerError):
    """A fault of ours; the log has the details."""

    code = "unforeseen"


class Task:
    """A piece of work under way."""

    def __init__(self, owner: QObject) -> None:
        self.owner = owner
        self.stop = threading.Event()

    def cancel(self) -> None:
        """Deliver nothing more; long work sees `stop` and ends."""
        self.stop.set()

    @property
    def wanted(self) -> bool:
        return not self.stop.is_set() and shiboken6.isValid(self.owner)


class Tasks(QObject):
    """Runs work on a pool of threads.

    Args:
        threads: How many at once. More than cores, since some only wait for the disk.
    """

    _deliver = Signal(object, object)

    def __init__(self, parent: QObject | None = None, threads: int = 4) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._running: set[Task] = set()
        self._deliver.connect(self._on_delivery, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed,
        *,
        urgent: bool = False,
    ) -> Task:
        """Do `work` elsewhere; then `done(result)` or `failed(error)` here, if `owner` still lives."""
        task = Task(owner)

        def job() -> None:
            if task.stop.is_set():
                self._finish(task, None)
                return
            news: Callable[[], None] = _unforeseen(failed)
            try:
                result = work()
                news = lambda: done(result)  # noqa: E731
            except WhiskerError as error:
                news = _failure(failed, error)
            except OSError as error:
                news = _failure(failed, WhiskerError(f"{error.strerror or error}.", "Check the disk and try again."))
            finally:
                # A fault of ours goes on to sys.excepthook, but its owner must not wait for ever.
                self._finish(task, news)
                # An error knows this frame by its traceback: one that knew the error would hold all this for ever.
                del news

        return self._start(task, job, urgent)

    def follow(
        self,
        owner: QObject,
        stream: Callable[[threading.Event], Iterator[T]],
        each: Callable[[list[T]], None],
        done: Callable[[], None],
        failed: Failed,
    ) -> Task:
        """Go through `stream(stop)` elsewhere; handfuls reach `each` here, then `done()` or `failed(error)`."""
        task = Task(owner)

        def job() -> None:
            news: Callable[[], None] = _unforeseen(failed)
            try:
                for handful in _handfuls(stream(task.stop), task.stop):
                    self._deliver.emit(task, lambda some=handful: each(some))
                news = done
            except WhiskerError as error:
                news = _failure(failed, error)
            except OSError as error:
                news = _failure(failed, WhiskerError(f"{error.strerror or error}.", "Check the disk and try again."))
            finally:
                self._finish(task, news)
                del news

        return self._start(task, job, urgent=False)

    def close(self, wait_ms: int = 10_000) -> bool:
        """Ask all work to stop and wait for it; whether it did."""
        for task in tuple(self._running):
            task.cancel()
        self._pool.clear()
        return self._pool.waitForDone(wait_ms)

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def _start(self, task: Task, job: Callable[[], None], urgent: bool) -> Task:
        self._running.add(task)
        self._pool.start(job, 1 if urgent else 0)
        return task

    def _finish(self, task: Task, news: Callable[[], None] | None) -> None:
        if shiboken6.isValid(self):
            self._deliver.emit(task, _Last(news))

    def _on_delivery(self, task: Task, news: Callable[[], None]) -> None:
        if isinstance(news, _Last):
            self._running.discard(task)
        if task.wanted:
            news()


class _Last:
    """The last thing a task has to say."""

    def __init__(self, news: Callable[[], None] | None) -> None:
        self._news = news

    def __call__(self) -> None:
        if self._news is not None:
            self._news()


def _failure(failed: Failed, error: WhiskerError) -> Callable[[], None]:
    return lambda: failed(error)


def _unforeseen(failed: Failed) -> Callable[[], None]:
    return _failure(failed, Unforeseen("Something went wrong inside Whisker.", "The log has the details."))


def _handfuls(stream: Iterator[T], stop: threading.Event) -> Iterator[list[T]]:
    gathered: list[T] = []
    last = time.monotonic()
    for value in stream:
        if stop.is_set():
            return
        gathered.append(value)
        if time.monotonic() - last >= HANDFUL_S:
            yield gathered
            gathered, last = [], time.monotonic()
    if gathered:
        yield gathered
