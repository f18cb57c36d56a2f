"""Keeping the history within its limits while the program runs, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from engine.errors import HistoryError

EVERY = 2_000
"""Rows that may be written before it is looked after again: at most some two megabytes over the limit."""
FOLD_EVERY = 200
"""Transactions after which the write-ahead log is folded back: some eight megabytes of it."""
log = logging.getLogger(__name__)


class Upkeep:
    """Args:
    prune: Brings the history within its limits; ends early once the event is set.
    fold: Folds the write-ahead log back, so that no prediction has to.
    """

    def __init__(self, prune: Callable[[threading.Event], object], fold: Callable[[], object] = lambda: None) -> None:
        self._prune = prune
        self._fold = fold
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._rows = self._transactions = 0
        self._due = self._fold_due = False
        self._thread: threading.Thread | None = None

    def written(self, rows: int) -> None:
        """So many rows were just written, in one transaction."""
        with self._lock:
            self._rows += rows
            self._transactions += 1
            if self._rows >= EVERY:
                self._rows, self._due = 0, True
            if self._transactions >= FOLD_EVERY:
                self._transactions, self._fold_due = 0, True
            if self._due or self._fold_due:
                self._start()

    def begin(self) -> None:
        """Look after the limits now; never twice at once, but once more if they changed meanwhile."""
        with self._lock:
            self._due = True
            self._start()

    def close(self) -> None:
        """End it after the step in hand, some milliseconds."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        if self._stop.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._work, name="history-upkeep", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not (self._due or self._fold_due) or self._stop.is_set():
                    self._thread = None
                    return
                due, fold_due = self._due, self._fold_due
                self._due = self._fold_due = False
            try:
                if fold_due:
                    self._fold()
                if due:
                    self._prune(self._stop)
            except HistoryError as error:
                # A full disk or another program: the next rows bring it up again, and answers go on meanwhile.
                log.warning("the history could not be kept within its limits: %s", error)
