"""Which rows of the history are of the same picture, and removing them without a trace."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.database import Database
from engine.database_space import empty_log
from engine.errors import HistoryError
from engine.history_rows import Kin, path_column, path_of

TOGETHER = 100
"""Rows removed in one transaction: a prediction that is written meanwhile waits for no more."""


class Kinship:
    """The part of the history that forgets pictures.

    Every method raises HistoryError, in words, when the database cannot be read or written.
    """

    _database: Database

    def kin(self, numbers: Iterable[int], content_of: Callable[[Path], str | None]) -> Kin:
        """All rows of the pictures of these rows: of the same file, or corrected with the same content.

        Args:
            content_of: Gives the SHA-256 of a file, None when it cannot be read.

        Raises:
            HistoryError: none of these rows is there.
        """
        asked = list(numbers)
        rows, paths, contents = set[int](), set[Path](), set[str]()
        with self._database.read() as database:
            fresh = set(chunked(database, "SELECT id FROM predictions WHERE id IN ({})", asked))
            while fresh:
                rows |= fresh
                ids = sorted(fresh)
                columns = set(chunked(database, "SELECT path FROM predictions WHERE path NOT NULL AND id IN ({})", ids))
                said = set(
                    chunked(database, "SELECT sha256 FROM corrections WHERE sha256 NOT NULL AND row IN ({})", ids)
                )
                new_paths = {path for column in columns if (path := path_of(column)) is not None} - paths
                paths |= new_paths
                said |= {content for path in new_paths if (content := content_of(path)) is not None}
                new_contents, contents = said - contents, contents | said
                fresh = set(
                    chunked(database, "SELECT id FROM predictions WHERE path IN ({})", map(path_column, new_paths))
                )
                fresh |= set(chunked(database, "SELECT row FROM corrections WHERE sha256 IN ({})", new_contents))
                fresh -= rows
            corrected = len(chunked(database, "SELECT row FROM corrections WHERE row IN ({})", rows))
        if not rows:
            raise no_such_row(asked[0] if asked else 0)
        return Kin(tuple(sorted(rows)), corrected, frozenset(contents), frozenset(paths))

    def paths_of(self, numbers: Iterable[int]) -> set[Path]:
        """The files of these rows."""
        with self._database.read() as database:
            columns = chunked(database, "SELECT path FROM predictions WHERE path NOT NULL AND id IN ({})", numbers)
        return {Path(os.fsdecode(column)) for column in columns}

    def forget(self, numbers: Iterable[int]) -> None:
        """Remove these rows and what was said of them, and every trace of them in the file."""
        ids = list(numbers)
        for start in range(0, len(ids), TOGETHER):
            with self._database.erase() as database:
                for table, column in (("corrections", "row"), ("predictions", "id")):
                    chunked(database, f"DELETE FROM {table} WHERE {column} IN ({{}})", ids[start : start + TOGETHER])
        empty_log(self._database)


def chunked(database: sqlite3.Connection, query: str, values: Iterable[Any]) -> list[Any]:
    """The first column of `query`, whose {} are the values, some hundred at a time."""
    wanted, found = list(values), []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        found += [row[0] for row in database.execute(query.format(", ".join("?" * len(part))), part)]
    return found


def no_such_row(number: int) -> HistoryError:
    return HistoryError(f"There is no prediction number {number} in the history.", "It may have been cleared.")
