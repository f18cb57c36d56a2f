"""What a database takes of the disk: how much it is, and how it gives back what was removed.

Each of these raises HistoryError when the database cannot be read, or written where that is needed.
"""

from __future__ import annotations

from engine.database import Database
from engine.database_connection import BUSY_MS, INCREMENTAL, pragma


def used(database: Database) -> int:
    """Bytes in use, without free pages and the write-ahead log."""
    with database.read() as reader:
        pages = pragma(reader, "page_count") - pragma(reader, "freelist_count")
        return pages * pragma(reader, "page_size")


def give_back(database: Database, pages: int) -> bool:
    """Give up to so many free pages back to the disk, in a few milliseconds; whether there are more."""
    with database.alone() as writer:
        if pragma(writer, "auto_vacuum") != INCREMENTAL:
            return False
        # Each step of the statement frees one page.
        writer.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
        return pragma(writer, "freelist_count") > 0


def shrink(database: Database) -> None:
    """Give the space of removed rows back to the disk, and with it the last trace of them."""
    with database.alone() as writer:
        writer.execute("VACUUM")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def empty_log(database: Database) -> None:
    """Fold the write-ahead log back and leave nothing in it.

    While another program reads it stays, and is folded back by whoever closes last: nobody waits for that.
    """
    with database.alone() as writer:
        writer.execute("PRAGMA busy_timeout = 200")
        try:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def fold_back(database: Database) -> None:
    """Fold the write-ahead log back into the file, beside readers and writers, none of whom waits.

    Else whoever writes does it once in a while, and with it waits for the disk.
    """
    with database.beside() as connection:
        if connection is not None:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
