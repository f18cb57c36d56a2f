"""What was answered, what people said it really was, and what was trained: kept on this machine alone.

The face of the history, and whole for that; its parts are history_*.py and, for what is past its time, retention.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.card import file_sha256
from engine.database import Database
from engine.database_space import fold_back, shrink
from engine.errors import HistoryError
from engine.history_kin import Kinship, no_such_row
from engine.history_rows import (
    INSERT_ROW,
    SELECT_ROW,
    Correction,
    Glance,
    Row,
    RunEpoch,
    TrainingRun,
    as_text,
    columns_of,
    microseconds_of,
    path_of,
    row_of,
    time_of,
)
from engine.history_runs import TrainingRuns
from engine.history_search import Searches
from engine.retention import Retention
from engine.retention_clock import believed

if TYPE_CHECKING:
    from engine.prediction import Prediction

__all__ = ["Correction", "Glance", "History", "Row", "RunEpoch", "TrainingRun"]


class History(Searches, Kinship, TrainingRuns):
    """The history of one home. Safe to use from many threads and beside another Whisker on the same home.

    Args:
        path: The database; it and its folder are made if need be, and a damaged one is set aside.
        clock: Gives the time, with its time zone.

    Attributes:
        problems: Sentences about what had to be set aside, for a face to show.

    Every method raises HistoryError, in words, when the database cannot be read or written.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._database = Database(path)
        self.problems = self._database.problems

    @property
    def database(self) -> Database:
        """Where it is kept; the monitor keeps its points in the same file."""
        return self._database

    def record(self, predictions: Sequence[Prediction], source: str) -> list[int]:
        """Keep predictions, all or none.

        Returns:
            Their rows' numbers, in order.
        """
        if not predictions:
            return []
        now = self._now()
        rows = [columns_of(prediction, source, now) for prediction in predictions]
        with self._database.write() as database:
            return [int(database.execute(INSERT_ROW, row).lastrowid or 0) for row in rows]

    def recent(
        self,
        limit: int = 50,
        before: int | None = None,
        *,
        source: str | None = None,
        predicted_class: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Row]:
        """Rows, the one recorded last first.

        Args:
            limit: At most so many.
            before: Only rows with a smaller number: the last one's of the page before.
            since, until: Only rows from `since` on and before `until`; these are ordered by time.
        """
        wanted = {
            "p.id < ?": before,
            "p.source = ?": source,
            "p.predicted_class = ?": predicted_class,
            "p.at >= ?": since and microseconds_of(since),
            "p.at < ?": until and microseconds_of(until),
        }
        conditions = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        order = "p.at DESC, p.id DESC" if since or until else "p.id DESC"
        query = f"{SELECT_ROW} {where} ORDER BY {order} LIMIT ?"
        with self._database.read() as database:
            return [row_of(found) for found in database.execute(query, (*conditions.values(), max(0, limit)))]

    def row(self, number: int) -> Row:
        """One row.

        Raises:
            HistoryError: there is none of that number.
        """
        with self._database.read() as database:
            found = database.execute(f"{SELECT_ROW} WHERE p.id = ?", (number,)).fetchone()
        if found is None:
            raise no_such_row(number)
        return row_of(found)

    def newest(self) -> int:
        """The number of the row recorded last, by whichever program; 0 while there is none."""
        with self._database.read() as database:
            return int(database.execute("SELECT max(id) FROM predictions").fetchone()[0] or 0)

    def latest_of(self, model: str, version: int, limit: int) -> list[Glance]:
        """A model's latest predictions, newest first."""
        query = """
            SELECT id, predicted_class, unknown, familiarity, coalesce(path, id) FROM predictions
            WHERE model = ? AND model_version = ? ORDER BY id DESC LIMIT ?
        """
        with self._database.read() as database:
            found = database.execute(query, (model, version, limit))
            return [Glance(row, name, bool(unknown), *rest) for row, name, unknown, *rest in found]

    def count(self) -> int:
        """How many predictions are kept."""
        with self._database.read() as database:
            return int(database.execute("SELECT count(*) FROM predictions").fetchone()[0])

    def class_counts(self, since: datetime | None = None) -> dict[str, int]:
        """How often each class was predicted, most often first; unknown ones are not counted as their nearest class."""
        # The plus keeps SQLite from walking the index on classes, which holds all times.
        query = """
            SELECT predicted_class, count(*) FROM predictions WHERE at >= ? AND NOT unknown
            GROUP BY +predicted_class ORDER BY 2 DESC, 1
        """
        start = microseconds_of(since) if since else 0
        with self._database.read() as database:
            return dict(database.execute(query, (start,)).fetchall())

    def least_sure(self, model: str, limit: int = 50) -> list[Row]:
        """What is most worth a person's look: the model's least confident answers first, each file once.

        Pictures without a file, and files that were corrected before, are left out.
        """
        query = f"""
            {SELECT_ROW} WHERE p.model = ? AND c.row IS NULL AND p.path IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM corrections WHERE corrections.path = p.path)
            ORDER BY p.confidence
        """
        rows: dict[Path | None, Row] = {}
        with self._database.read() as database:
            found = database.execute(query, (model,))
            for columns in found:
                if len(rows) >= limit:
                    break
                row = row_of(columns)
                rows.setdefault(row.path, row)
            found.close()  # an open cursor would hold the thread's reader to this moment's state
        return list(rows.values())

    def correct(self, number: int, label: str | None) -> None:
        """Note what the picture of a row really is, on the disk when this returns; None takes it back.

        The picture's SHA-256 is kept with it, so that a file that was changed or replaced since is not
        taught under this label.

        Raises:
            HistoryError: there is no such row, or the label is empty.
        """
        label = label if label is None else label.strip()
        if label == "":
            raise HistoryError("A correction needs the name of a class.", "Type the name or choose one.")
        path = self.row(number).path
        # Before the writer's lock: a large file on a slow disk must not hold up predictions.
        content = None if path is None or label is None else _content(path)
        with self._database.write(to_the_disk=True) as database:
            if label is None:
                database.execute("DELETE FROM corrections WHERE row = ?", (number,))
                return
            stored = database.execute(
                """
                INSERT OR REPLACE INTO corrections (row, at, label, path, sha256)
                SELECT id, ?, ?, path, ? FROM predictions WHERE id = ?
                """,
                (self._now(), as_text(label), content, number),
            )
            if stored.rowcount != 1:
                raise no_such_row(number)

    def corrections(self) -> list[Correction]:
        """All that people said, the latest row's first."""
        query = """
            SELECT c.row, c.at, c.label, p.name, c.path, c.sha256, p.predicted_class, p.model, p.model_version
            FROM corrections c JOIN predictions p ON p.id = c.row ORDER BY c.row DESC
        """
        with self._database.read() as database:
            return [
                Correction(row, time_of(at), label, name, path_of(path), sha256, predicted, model, version)
                for row, at, label, name, path, sha256, predicted, model, version in database.execute(query)
            ]

    def prune(self, days: int, megabytes: int = 0, stop: threading.Event | None = None) -> int:
        """Forget predictions older than `days`, then the oldest until all fits into `megabytes`; 0 is no limit.

        None that was corrected is forgotten, and none because the clock has just leapt ahead. It goes in small steps
        between which others write, and gives the space back to the disk.

        Args:
            stop: Ends it after the step in hand.

        Returns:
            How many were forgotten.
        """
        return Retention(self._database, stop).prune(believed(self._database, self._now()), days, megabytes)

    def clear(self) -> int:
        """Forget every prediction that was not corrected, and leave no trace of it in the file.

        Returns:
            How many were forgotten.
        """
        forgotten = Retention(self._database, None).forget_all()
        shrink(self._database)
        return forgotten

    def fold_back(self) -> None:
        """Have the database take up what was written lately, beside whoever reads and writes."""
        fold_back(self._database)

    def close(self) -> None:
        """Close the database; what is asked afterwards raises HistoryError."""
        self._database.close()

    def _now(self) -> int:
        return microseconds_of(self._clock())


def _content(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except OSError:
        # Moved, removed or on a disk that was taken out: the person's word counts all the same.
        return None
