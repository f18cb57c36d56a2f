"""Keeping the history within its limits while the program runs, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from engine.errors import HistoryError

EVERY = 2_000
"""Rows that may be written before it is looked after again: at most some two megabytes over the limit."""
log = logging.getLogger(__name__)


class Upkeep:
    """Args:
    prune: Brings the history within its limits; ends early once the event is set.
    """

    def __init__(self, prune: Callable[[threading.Event], object]) -> None:
        self._prune = prune
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._written = 0
        self._due = False
        self._thread: threading.Thread | None = None

    def written(self, rows: int) -> None:
        """So many rows were just written."""
        with self._lock:
            self._written += rows
            if self._written < EVERY:
                return
            self._written = 0
        self.begin()

    def begin(self) -> None:
        """Look after it now; never twice at once, but once more if the limits changed meanwhile."""
        with self._lock:
            self._due = True
            if self._stop.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._work, name="history-upkeep", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End it after the step in hand, some milliseconds."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._due or self._stop.is_set():
                    self._thread = None
                    return
                self._due = False
            try:
                self._prune(self._stop)
            except HistoryError as error:
                # A full disk or another program: the next rows bring it up again, and answers go on meanwhile.
                log.warning("the history could not be kept within its limits: %s", error)
