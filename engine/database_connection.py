"""One connection to a SQLite file, set up as all of them are, and a file made to give its space back bit by bit."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

# How long to wait for another program that is writing.
BUSY_MS = 5_000
RETRY_S = 0.01
# What the write-ahead log keeps of its size once it is folded back; a long write may have made it much larger.
LOG_BYTES = 16 << 20
# At this length whoever writes folds it back; where `fold_back` is called often enough it never comes to that.
LOG_PAGES = 8_000
# A database of an older Whisker is remade once, so that it can give space back bit by bit; larger ones when cleared.
REMADE_UP_TO = 64 << 20
INCREMENTAL = 2  # of PRAGMA auto_vacuum


class Connection(sqlite3.Connection):
    """A connection that a thread takes with it when it ends."""

    def __del__(self) -> None:
        # One that could not be opened has nothing to close.
        with suppress(sqlite3.ProgrammingError):
            self.close()


def connect(path: Path, *, frozen: bool = False) -> Connection:
    """A connection to the file at `path`, in autocommit mode; any thread may use it, one at a time.

    Args:
        frozen: Only to read, from a file, folder or disk that cannot be written.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?immutable=1" if frozen else path,
        uri=frozen,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=64,
        factory=Connection,
    )
    # A byte that the disk has spoilt must not hide all other rows.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    return connection


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """What a pragma that is a number says."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def lay_out(connection: sqlite3.Connection) -> None:
    """Give a file that may be new its write-ahead log, and let it give space back; before there is anything in it."""
    if pragma(connection, "page_count") == 0:
        connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
    give_up = time.monotonic() + BUSY_MS / 1e3
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Where two begin the file at once, SQLite refuses one of them here without waiting for the other.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(RETRY_S)


def remake(connection: sqlite3.Connection) -> None:
    """Let a small database of an older Whisker give space back from now on; it costs one copy of it."""
    if pragma(connection, "auto_vacuum") == INCREMENTAL:
        return
    connection.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
    size = pragma(connection, "page_count") * pragma(connection, "page_size")
    if size <= REMADE_UP_TO:
        connection.execute("PRAGMA busy_timeout = 200")
        # Another program that reads, or a full disk: then the next start does it.
        with suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
