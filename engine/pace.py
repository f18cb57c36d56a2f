"""Which of two ways is the quicker one just now, known by trying the other one now and then."""

from __future__ import annotations

import os
import threading

TRY_AGAIN = 16
"""After so many turns the way that was slower is tried once more; after twice as many each time that it still is."""

AT_LEAST_ONCE_IN = 128

SOON = 2
"""A try that was the quicker one is followed by the next so soon: one alone may be luck."""

WEIGHT = 0.3
"""Of the latest time in what is believed; the rest is what was believed before."""


def crowded() -> bool:
    """Whether more wanted a core lately than there are; no, where the system does not say."""
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except (AttributeError, OSError):
        return False


class Pace:
    """Chooses between going fast while nobody else wants the processor, and calmly. Safe to use from many threads.

    On a machine with nothing else to do a lone picture is answered in 70 % of the time when the threads of the network
    wait for each other awake; beside a program that wants the same cores it takes twice as long that way
    (docs/performance.md). What the system says of it comes half a minute late, so it is found out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: dict[bool, float] = {}
        self._turns = 0
        self._patience = TRY_AGAIN

    def fast(self) -> bool:
        """Which way to go this time."""
        with self._lock:
            self._turns += 1
            if self._turns < self._patience:
                return self._better
            self._turns = 0
            return not self._better

    def took(self, fast: bool, seconds: float) -> None:
        """What going that way took."""
        with self._lock:
            better, other = self._better, self._took.get(not fast, float("inf"))
            before = self._took.get(fast, seconds)
            self._took[fast] = before + WEIGHT * (seconds - before)
            if self._better is not better:
                self._patience = TRY_AGAIN
            elif fast is not better:
                self._patience = SOON if seconds < other else min(2 * self._patience, AT_LEAST_ONCE_IN)

    @property
    def _better(self) -> bool:
        """Which way is believed to be the quicker one; the fast one until the other is known."""
        return self._took.get(True, 0.0) <= self._took.get(False, float("inf"))
