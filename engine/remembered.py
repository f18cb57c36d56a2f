"""Values that were costly to compute, by key, in one SQLite file of a cache."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from engine.database_health import DAMAGED, code_of


class Remembered:
    """It may fail (a full disk, a locked file): then nothing is remembered, and nobody is told.

    A damaged file is thrown away, so that the next who opens it remembers again. Safe to use from many threads.
    Close it, or what was put is lost.

    Args:
        folder: Where the file lies; None remembers nothing.
        name: Of the file, without its suffix.
        table: Of the values.
    """

    def __init__(self, folder: Path | None, name: str, table: str) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._get = f"SELECT vector FROM {table} WHERE key = ?"
        self._put = f"INSERT OR REPLACE INTO {table} VALUES (?, ?)"
        if folder is None:
            return
        self._file = folder / f"{name}.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, check_same_thread=False, timeout=5)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (key BLOB PRIMARY KEY, vector BLOB)")
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def get(self, key: bytes) -> bytes | None:
        with self._lock:
            if self._connection is None:
                return None
            try:
                row = self._connection.execute(self._get, (key,)).fetchone()
            except sqlite3.Error as error:
                self._give_up(error)
                return None
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def put(self, key: bytes, value: bytes) -> None:
        with self._lock:
            if self._connection is None:
                return
            try:
                self._connection.execute(self._put, (key, value))
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        with self._lock:
            if self._connection is None:
                return
            try:
                self._connection.commit()
            except sqlite3.Error as error:
                self._give_up(error)
            else:
                self._connection.close()
                self._connection = None

    def _give_up(self, error: Exception) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if code_of(error) in DAMAGED:
            for file in self._file.parent.glob(f"{self._file.name}*"):
                with suppress(OSError):
                    file.unlink()
