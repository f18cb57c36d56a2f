"""Forgetting what is too old or too much, a few rows at a time, so that no prediction waits for it.

Each step is one short transaction, and then as long a pause as it took: whoever wants to write meanwhile can. A step
takes as many rows as fit into STEP_S on this machine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from engine.database import Database
from engine.database_space import give_back, used

DAY_US = 86_400_000_000
MEGABYTE = 1_000_000
STEP_S = 0.002
"""How long a step may take; a prediction that is written at that moment waits so long at most."""
FEWEST, MOST = 8, 1_000
"""Rows in a step."""
PAGES = 16
"""Pages given back to the disk in a step."""
ROOM = 0.95
"""Once there is too much, the oldest go until this share of the limit is left: it must not begin anew at once."""

# What was corrected stays: people said it, and it teaches. Each gives where the walk stands and the row's number, so
# that the next step need not pass the corrected rows again.
_OLD = """
    SELECT at, id FROM predictions p WHERE at >= ? AND at < ?
    AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.row = p.id) ORDER BY at LIMIT ?
"""
_OLDEST = """
    SELECT id, id FROM predictions p WHERE id >= ? AND id < ?
    AND NOT EXISTS (SELECT 1 FROM corrections c WHERE c.row = p.id) ORDER BY id LIMIT ?
"""
_END = 1 << 62


class Retention:
    """Args:
    stop: Ends the work after the step in hand.
    """

    def __init__(self, database: Database, stop: threading.Event | None) -> None:
        self._database = database
        self._stop = stop or threading.Event()
        self._rows = FEWEST

    def prune(self, now: int, days: int, megabytes: int) -> int:
        """Forget what is older than `days` and, the oldest first, what exceeds `megabytes`; 0 is no limit.

        Args:
            now: Microseconds since 1970.

        Returns:
            How many rows are gone.

        Raises:
            HistoryError: the database cannot be written.
        """
        forgotten = 0
        if days > 0:
            forgotten += self._walk(_OLD, now - days * DAY_US, lambda: True)
        limit = megabytes * MEGABYTE
        if 0 < limit < used(self._database):
            forgotten += self._walk(_OLDEST, _END, lambda: used(self._database) > limit * ROOM)
        self._give_back()
        return forgotten

    def forget_all(self) -> int:
        """Forget every row that was not corrected, without pauses."""
        query = """
            DELETE FROM predictions WHERE id IN (
                SELECT id FROM predictions WHERE id NOT IN (SELECT row FROM corrections) LIMIT ?
            )
        """
        forgotten = 0
        while True:
            with self._database.write() as database:
                removed = database.execute(query, (MOST,)).rowcount
            forgotten += removed
            if removed < MOST:
                return forgotten

    def _walk(self, query: str, end: int, more: Callable[[], bool]) -> int:
        at, forgotten = 0, 0
        while not self._stop.is_set() and more():
            began = time.perf_counter()
            with self._database.write() as database:
                found = database.execute(query, (at, end, self._rows)).fetchall()
                database.executemany("DELETE FROM predictions WHERE id = ?", [(number,) for _, number in found])
            if not found:
                break
            at, forgotten = found[-1][0], forgotten + len(found)
            self._pause(time.perf_counter() - began)
        return forgotten

    def _give_back(self) -> None:
        more = True
        while more and not self._stop.is_set():
            began = time.perf_counter()
            more = give_back(self._database, PAGES)
            self._stop.wait(time.perf_counter() - began)

    def _pause(self, took: float) -> None:
        """Leave the others as long as it took, and take more or less the next time."""
        self._rows = max(FEWEST, min(MOST, round(self._rows * min(2.0, STEP_S / max(took, 1e-6)))))
        self._stop.wait(took)
