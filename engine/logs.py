"""The program's own log, below the home: begun with the first line that is worth one, so that a start costs nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NAME = "whisker.log"
SIZE = 1 << 20
OLDER = 3


def open_log(folder: Path, level: int = logging.WARNING) -> Callable[[], None]:
    """Write what is at least `level` to `folder`/whisker.log, until the returned callable is called.

    A folder that cannot be written costs the log and nothing else.
    """
    handler = _WhenNeeded(folder / NAME)
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)

    def close() -> None:
        root.removeHandler(handler)
        handler.close()

    return close


class _WhenNeeded(logging.Handler):
    """Opens its file, and imports what it takes, with the first record."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None
        self._refused = False

    def emit(self, record: logging.LogRecord) -> None:
        if self._file is None and not self._refused:
            self._open()
        if self._file is not None:
            self._file.emit(record)

    def close(self) -> None:
        if self._file is not None:
            # On a full disk its last lines are lost, and nothing else.
            with suppress(OSError):
                self._file.close()
            self._file = None
        super().close()

    def _open(self) -> None:
        from logging.handlers import RotatingFileHandler

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = RotatingFileHandler(
                self._path, maxBytes=SIZE, backupCount=OLDER, encoding="utf-8", errors="backslashreplace"
            )
        except OSError:
            self._refused = True
            return
        self._file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        # A disk that fills up later must not turn each line into a traceback on the terminal.
        self._file.handleError = lambda record: None  # type: ignore[method-assign]
