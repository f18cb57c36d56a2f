"""What can be asked of the history, and how SQLite is asked for it.

Every search is one walk over the index `predictions_by_search`, newest first, that ends with the page's last row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.database import Database
from engine.folding import folded
from engine.history_rows import SELECT_ROW, Row, microseconds_of, row_of

COUNTED = 10_000
"""Counting goes no further: beyond it "10,000+" says as much as a number."""

FOLD_TOGETHER = 1_000
"""Rows of an older Whisker that are made searchable in one transaction."""

_FROM = "FROM predictions INDEXED BY predictions_by_search"
VERDICTS = ("sure", "unsure", "unknown")


@dataclass(frozen=True)
class Search:
    """All conditions hold at once; the default finds everything.

    Attributes:
        text: Words that the file's name must hold, in any order, whatever their capitals and accents.
        class_name: What it was answered, or said by a person to be; an unknown one is not of its nearest class.
        source: `window`, `cli` or `api`.
        version: Of `model`; None for any.
        since, until: From this moment on, and before that one.
        corrected: Whether a person has said what it is; None for either.
        verdict: One of VERDICTS, or None.
        sure_above: What counts as sure, 0 to 1.
    """

    text: str = ""
    class_name: str | None = None
    source: str | None = None
    model: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    corrected: bool | None = None
    verdict: str | None = None
    sure_above: float = 0.8

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self._conditions())

    def rows(self, limit: int, before: int | None = None, after: int | None = None) -> tuple[str, list[Any]]:
        """The statement that gives at most `limit` rows, the newest first, and its values.

        Args:
            before, after: Only rows whose number is smaller, or larger, than this.
        """
        where, values = self._where(before, after)
        ids = f"SELECT id {_FROM} {where} ORDER BY id DESC LIMIT ?"
        return f"{SELECT_ROW} WHERE p.id IN ({ids}) ORDER BY p.id DESC", [*values, max(0, limit)]

    def count(self, most: int) -> tuple[str, list[Any]]:
        """The statement that counts what is found, up to `most`."""
        where, values = self._where(None, None)
        return f"SELECT count(*) FROM (SELECT 1 {_FROM} {where} LIMIT ?)", [*values, most]

    def _where(self, before: int | None, after: int | None) -> tuple[str, list[Any]]:
        conditions = self._conditions()
        if before is not None:
            conditions.insert(0, ("id < ?", [before]))
        if after is not None:
            conditions.insert(0, ("id > ?", [after]))
        where = f"WHERE {' AND '.join(condition for condition, _ in conditions)}" if conditions else ""
        return where, [value for _, values in conditions for value in values]

    def _conditions(self) -> list[tuple[str, list[Any]]]:
        """The cheapest first: SQLite judges them in this order."""
        found: list[tuple[str, list[Any]]] = []
        if self.corrected:
            found.append(("id IN (SELECT row FROM corrections)", []))
        if self.since is not None:
            found.append(("at >= ?", [microseconds_of(self.since)]))
        if self.until is not None:
            found.append(("at < ?", [microseconds_of(self.until)]))
        if self.verdict == "unknown":
            found.append(("unknown", []))
        elif self.verdict is not None:
            sign = ">=" if self.verdict == "sure" else "<"
            found.append((f"NOT unknown AND confidence {sign} ?", [self.sure_above]))
        if self.source is not None:
            found.append(("source = ?", [self.source]))
        if self.model is not None:
            found.append(("model = ?", [self.model]))
        if self.version is not None:
            found.append(("model_version = ?", [self.version]))
        if self.class_name is not None:
            said = "id IN (SELECT row FROM corrections WHERE label = ?)"
            found.append((f"(predicted_class = ? AND NOT unknown OR {said})", [self.class_name] * 2))
        found += [("instr(folded, ?)", [word]) for word in self.words]
        if self.corrected is False:
            found.append(("id NOT IN (SELECT row FROM corrections)", []))
        return found

    @property
    def words(self) -> list[str]:
        """The longest first: it is the one most likely to be missing."""
        return sorted(folded(self.text).split(), key=len, reverse=True)


@dataclass(frozen=True)
class Choices:
    """What there is to choose from: names in the order of the alphabet, versions the newest first.

    Attributes:
        classes: Everything that was ever answered or said.
    """

    classes: tuple[str, ...]
    sources: tuple[str, ...]
    models: tuple[tuple[str, int], ...]


def distinct(column: str, table: str) -> str:
    """The statement that gives the different values of an indexed column by jumps, not by a walk over all rows."""
    return f"""
        WITH RECURSIVE found(value) AS (
            SELECT min({column}) FROM {table}
            UNION ALL
            SELECT (SELECT min({column}) FROM {table} WHERE {column} > value) FROM found WHERE value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL
    """


VERSIONS = """
    WITH RECURSIVE found(value) AS (
        SELECT min(model_version) FROM predictions WHERE model = ?1
        UNION ALL
        SELECT (SELECT min(model_version) FROM predictions WHERE model = ?1 AND model_version > value)
        FROM found WHERE value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL
"""


class Searches:
    """The part of the history that finds.

    Every method raises HistoryError, in words, when the database cannot be read.
    """

    _database: Database

    def search(
        self, search: Search, limit: int = 100, *, before: int | None = None, after: int | None = None
    ) -> list[Row]:
        """What is found, the one recorded last first.

        Args:
            limit: At most so many.
            before: Only rows with a smaller number: the last one's of the page before.
            after: Only rows with a larger number.
        """
        if search.words:
            self._make_searchable()
        query, values = search.rows(limit, before, after)
        with self._database.read() as database:
            return [row_of(found) for found in database.execute(query, values)]

    def count_found(self, search: Search, most: int = COUNTED + 1) -> int:
        """How many a search finds; counting stops at `most`."""
        query, values = search.count(most)
        with self._database.read() as database:
            return int(database.execute(query, values).fetchone()[0])

    def read_ahead(self) -> None:
        """Walk once over what searches walk over, so that the first one finds it in memory and not on the disk."""
        query, values = Search(text="\0").count(1)
        with self._database.read() as database:
            database.execute(query, values).fetchone()

    def choices(self) -> Choices:
        """What there is to search for."""
        with self._database.read() as database:

            def values(column: str, table: str) -> set[str]:
                return {str(value) for (value,) in database.execute(distinct(column, table))}

            classes = values("predicted_class", "predictions") | values("label", "corrections")
            sources = values("source", "predictions")
            models = []
            for model in sorted(values("model", "predictions"), key=str.casefold):
                found = database.execute(VERSIONS, (model,)).fetchall()
                models += [(model, int(version)) for (version,) in reversed(found)]
        return Choices(tuple(sorted(classes, key=str.casefold)), tuple(sorted(sources)), tuple(models))

    def _make_searchable(self) -> None:
        """Fold the names of rows that an older Whisker on this home has written."""
        query = "SELECT id, name FROM predictions WHERE folded IS NULL LIMIT ?"
        while True:
            with self._database.read() as reader:
                rows = reader.execute(query, (FOLD_TOGETHER,)).fetchall()
            if not rows:
                return
            with self._database.write() as writer:
                writer.executemany(
                    "UPDATE predictions SET folded = ? WHERE id = ?", [(folded(name), number) for number, name in rows]
                )
