"""Who comes first opens the window; who comes later hands over what it was started with."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import WhiskerError
from gui.single_instance.lock import Lock

if TYPE_CHECKING:
    from types import ModuleType

    from gui.single_instance.unix_line import Listener

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""How long a second Whisker waits for the first: it may still be starting, or be busy for a moment."""
RETRY_S = 0.1
_TAKEN = b"taken"

Take = Callable[[list[Path], str], None]


class AlreadyOpen(WhiskerError):
    """A window of this home is open but does not answer."""

    code = "already_open"


class FrontDoor:
    """The entrance of one home.

    Args:
        home: Its folder; it need not be there yet.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = Lock(home / "window.lock")
        self._listener: Listener | None = None

    def enter(self, files: Sequence[Path], patience_s: float = PATIENCE_S) -> bool:
        """Become the first, or hand `files` to who is.

        Returns:
            True for the first, who opens a window and then calls `open`; False when the files were handed over.

        Raises:
            AlreadyOpen: the first one did not take them within `patience_s` seconds.
        """
        if self._lock.take():
            return True
        end = time.monotonic() + patience_s
        message = {
            "files": [str(file.absolute()) for file in files],
            "token": os.environ.get("XDG_ACTIVATION_TOKEN", ""),
        }
        line = json.dumps(message).encode("ascii")
        kind = _line()
        while time.monotonic() < end:
            if any(kind.ask(address, line, end) == _TAKEN for address in self._addresses(kind)):
                return False
            # It may have been about to close, or was killed meanwhile.
            if self._lock.take():
                return True
            time.sleep(RETRY_S)
        who = self._lock.holder
        raise AlreadyOpen(
            f"Whisker is open already{f' (process {who})' if who else ''}, but it does not answer.",
            "Wait a moment and try again; if its window stays as it is, end it and start Whisker anew.",
        )

    def open(self, take: Take) -> None:
        """Take files from now on: `take(paths, token)` is called on this thread for each Whisker that came later.

        `token` is what the desktop gave the other one so that this window may come to the front; mostly "".
        """
        if not self._lock.held:
            return

        def answer(line: bytes) -> bytes:
            message = _read(line)
            if message is None:
                return b""
            # Behind the answer: the other one need not wait until the window has taken it all in.
            QTimer.singleShot(0, lambda: take(*message))
            return _TAKEN + b"\n"

        from PySide6.QtCore import QTimer

        kind = _line()
        listener: Listener = kind.Listener(answer)
        if any(listener.listen(address) for address in self._addresses(kind)):
            self._listener = listener
        else:
            log.warning("the files of another Whisker cannot be taken: there is no place for a socket")

    def shut(self) -> None:
        """Take nothing more; who comes now waits until `close`, and is the first then."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def close(self) -> None:
        """Let the next one be first."""
        self.shut()
        self._lock.release()

    def _addresses(self, kind: ModuleType) -> list[str]:
        import hashlib

        name = hashlib.sha256(os.fsencode(os.path.realpath(self._home))).hexdigest()[:24]
        found: list[str] = kind.addresses(self._home, name)
        return found


def _line() -> ModuleType:
    if sys.platform == "win32":
        from gui.single_instance import pipe_line

        return pipe_line
    from gui.single_instance import unix_line

    return unix_line


def _read(line: bytes) -> tuple[list[Path], str] | None:
    """The files and the token of a message; None when it is none of ours."""
    try:
        said = json.loads(line)
        files, token = said["files"], said["token"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(files, list) or not isinstance(token, str) or not all(isinstance(file, str) for file in files):
        return None
    return [Path(file) for file in files], token
