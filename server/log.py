"""The server's log: requests without what they carried, and our own mistakes in full."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

SIZE = 1 << 20
OLDER = 3
# waitress's own word on sockets and threads belongs there too.
_LOGGERS = ("server", "waitress")


class _Handler(RotatingFileHandler):
    """Turns to a new file by the size of the one it writes; the library's own makes every line twice to know it."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        return self.stream is not None and self.stream.tell() >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:
        """Do without the line: a disk that is full must not make a traceback on the terminal of each request."""


def open_log(folder: Path) -> Callable[[], None]:
    """Write to `folder`/server.log until the returned callable is called; without a writable folder, do without."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _Handler(
            folder / "server.log", maxBytes=SIZE, backupCount=OLDER, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        return lambda: None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    logging.getLogger("server").setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)

    def close() -> None:
        for logger in loggers:
            logger.removeHandler(handler)
        # On a full disk its last lines are lost, and nothing else.
        with suppress(OSError):
            handler.close()

    return close
