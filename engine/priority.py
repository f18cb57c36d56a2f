"""Threads that give way to the window's, where both want a core."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""How many steps behind the window, which may itself have been started behind something else."""
LAST = 19


def step_back() -> None:
    """Let this thread give way. Linux alone has a niceness for each thread; elsewhere the scheduler favours windows."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + NICENESS, LAST))
