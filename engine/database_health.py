"""What can ail a database: SQLite's codes in people's words, how to tell whether it is sound, and what then."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from engine.durable import set_aside
from engine.migrations import lacking, migrate

# SQLite's primary result codes (https://www.sqlite.org/rescode.html). Any other code is a mistake of ours.
_BEGIN_AFRESH = "Start Whisker again: it keeps the damaged file and begins a fresh one."
DAMAGED = frozenset({11, 26})  # CORRUPT, NOTADB
ERROR, READ_ONLY, CORRUPT = 1, 8, 11
UNWRITABLE = frozenset({3, 8, 14})  # PERM, READONLY, CANTOPEN
REASONS = {
    3: ("may not be used", "Check the permissions of the file and its folder."),  # PERM
    5: ("is in use by another program", "Close the other program and try again."),  # BUSY
    6: ("is in use by another program", "Close the other program and try again."),  # LOCKED
    8: ("cannot be written: it or its disk is read-only", "Check the file's permissions and the disk."),  # READONLY
    10: ("cannot be read or written: the disk reports an error", "Check the disk."),  # IOERR
    11: ("is damaged", _BEGIN_AFRESH),  # CORRUPT
    13: ("cannot grow: the disk is full", "Free some space and try again."),  # FULL
    14: ("cannot be opened", "Check the permissions of the file and its folder."),  # CANTOPEN
    26: ("is damaged", _BEGIN_AFRESH),  # NOTADB
}

# What the note beside a database says of its damage: met; met, and not found by looking at all of it; met again.
_MET, _SOUND, _CERTAIN = "met", "sound", "certain"


class Suspicion:
    """The note beside a database that damage was met in it.

    The next start looks at all of it then, which takes too long to do each time.
    """

    def __init__(self, database: Path) -> None:
        self._note = database.with_name(f"{database.name}.suspect")

    @property
    def is_certain(self) -> bool:
        """Whether damage was met again after all had looked sound; that is not believed any longer."""
        return self._read() == _CERTAIN

    @property
    def is_fresh(self) -> bool:
        """Whether all of it has to be looked at."""
        return self._read() == _MET

    def add(self) -> None:
        """Damage was met."""
        with suppress(OSError):
            self._note.write_text(_CERTAIN if self._read() == _SOUND else _MET)

    def allay(self) -> None:
        """Nothing was found by looking at all of it."""
        self._note.write_text(_SOUND)

    def drop(self) -> None:
        """The file it speaks of is gone."""
        self._note.unlink(missing_ok=True)

    def _read(self) -> str:
        try:
            noted = self._note.read_text()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError):
            return _MET
        return noted if noted in (_SOUND, _CERTAIN) else _MET


def set_database_aside(path: Path) -> Path:
    """Rename a damaged database, its write-ahead log with it; returns its new name.

    Raises:
        OSError: it cannot be renamed.
    """
    aside = set_aside(path)
    for tail in ("-wal", "-shm"):
        beside = path.with_name(path.name + tail)
        if beside.exists():
            # Under the name SQLite looks for, so that a repair tool finds what was not folded in yet.
            beside.rename(aside.with_name(aside.name + tail))
    return aside


def code_of(error: Exception) -> int:
    """SQLite's primary result code; -1 when the failure is not SQLite's own."""
    if isinstance(error, UnicodeDecodeError):
        return CORRUPT  # SQLite wanted to complain of a name that is no text any more.
    return getattr(error, "sqlite_errorcode", -1) & 0xFF


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether a suspect database's structure is whole and its tables are as they should be; reads all of it."""
    return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)) and has_its_tables(connection)


def has_its_tables(connection: sqlite3.Connection) -> bool:
    """Whether every column is there that the steps taken so far have made; otherwise their description is damaged."""
    if lacking(connection):
        return True  # An older one, whose steps will tell.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as blank:
        migrate(blank)
        there = _columns(connection)
        return all(columns <= there.get(table, set()) for table, columns in _columns(blank).items())


def _columns(database: sqlite3.Connection) -> dict[str, set[str]]:
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {table: {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')} for (table,) in tables}
