"""The system's own lock on a file: it goes with the process that has it.

The `filelock` package does the same and more, and would cost the start of the window 40 ms.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_LOCKED_BYTE = 1 << 20
"""Windows locks a byte and keeps others from reading it; this one lies behind all that is written."""


class Lock:
    """Held by one process at a time.

    Args:
        path: Its file, made when it is not there; it holds the number of the process that has the lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether nobody else has it. What cannot be locked (a read-only folder, say) keeps nobody out."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return True
        try:
            _lock(handle)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            return True
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle
        return True

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    @property
    def holder(self) -> str:
        """The number of the process that has it; "" when it is not known."""
        try:
            who = self._path.read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return who if who.isdigit() else ""


def _lock(handle: int) -> None:
    """Raises:
    BlockingIOError: another process has it.
    OSError: this file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error
        os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
