"""Threads and processes that give way to the window, where both want a core."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress

import psutil

NICENESS = 10
"""How many steps behind the window, which may itself have been started behind something else."""
LAST = 19
TURN_S = 0.002
PAUSE_S = 0.0003

_turns = threading.local()


def step_back() -> None:
    """Let this thread give way. Linux alone has a niceness for each thread; elsewhere the scheduler favours windows."""
    if sys.platform == "linux":
        _step_back(threading.get_native_id())


def step_back_whole() -> None:
    """Let this whole process give way, threads that its libraries have begun by now included.

    On Linux `os.nice` is heard by the calling thread alone.
    """
    if sys.platform == "linux":
        for thread in os.listdir("/proc/self/task"):
            with suppress(ProcessLookupError):  # It has ended meanwhile.
                _step_back(int(thread))
    elif sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICENESS)


def _step_back(thread: int) -> None:
    os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + NICENESS, LAST))


def let_others_in() -> None:
    """To be called between short pieces of a long work that keeps Python's lock, such as reading folder after folder.

    A reader releases the lock at each call to the system, but only for microseconds: a waiting thread is awakened too
    late to take it, and begins to wait anew, for as long as the work lasts. So every 2 ms this thread sleeps for a
    moment in which the lock is free. In the main thread, which nobody may make wait, nothing is done.
    """
    if threading.current_thread() is threading.main_thread():
        return
    now = time.perf_counter()
    if now - getattr(_turns, "began", 0.0) >= TURN_S:
        time.sleep(PAUSE_S)
        _turns.began = time.perf_counter()
