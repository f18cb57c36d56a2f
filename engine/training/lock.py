"""The file of a home that whoever trains on it has locked; the system frees the lock of one that died."""

from __future__ import annotations

import filelock

from engine.paths import Home


def training_lock(home: Home) -> filelock.BaseFileLock:
    """The lock, not yet taken. Whoever follows a run releases it, in a thread of their own."""
    return filelock.FileLock(home.root / "training.lock", thread_local=False)


def training_goes_on(home: Home) -> bool:
    """Whether any program trains on this home."""
    try:
        with training_lock(home).acquire(blocking=False):
            return False
    except (filelock.Timeout, OSError):
        return True
