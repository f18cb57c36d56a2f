"""Threads that give way to the window's, where both want a core."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10


def step_back() -> None:
    """Let this thread give way. Linux alone has a niceness for each thread; elsewhere the scheduler favours windows."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
