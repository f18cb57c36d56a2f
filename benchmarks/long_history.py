"""A long history: a year of predictions, one every half minute, and what may be searched for in it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.folding import folded
from engine.history import History
from engine.history_rows import INSERT_ROW, microseconds_of
from engine.history_search import Search

CLASSES = ("cat", "dog", *(f"breed {number}" for number in range(40)))
WORDS = ("IMG", "DSC", "PXL", "beach", "holiday", "Été", "scan", "Screenshot", "garden", "kitten")
CORRECTED = 0.02
NOW = datetime(2026, 11, 1, tzinfo=UTC)
STEP_S = 31
"""Between two predictions: a million take a year."""

SEARCHES = {
    "everything": Search(),
    "a common word": Search(text="img"),
    "a word that is nowhere": Search(text="zebra"),
    "two words, one with an accent": Search(text="ete 2999"),
    "part of a number": Search(text="27182"),
    "a rare class": Search(class_name="breed 7"),
    "a class and a word": Search(class_name="breed 7", text="zzz"),
    "API, not sure, one version": Search(source="api", verdict="unsure", model="everyday", version=3),
    "a month a year ago": Search(since=NOW - timedelta(days=360), until=NOW - timedelta(days=330)),
    "corrected, one class, a word": Search(corrected=True, class_name="dog", text="kitten"),
    "not corrected, unknown, nowhere": Search(corrected=False, verdict="unknown", text="zebra", source="cli"),
}


def fill(file: Path, rows: int) -> None:
    """Make a database of so many predictions."""
    History(file).close()
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    database.executemany(INSERT_ROW, _rows(rows))
    chance = random.Random(1)
    said = [(at, 1, chance.choice(CLASSES)) for at in range(1, rows + 1) if chance.random() < CORRECTED]
    database.executemany("INSERT INTO corrections (row, at, label) VALUES (?, ?, ?)", said)
    database.execute("COMMIT")
    database.close()


def _rows(rows: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(0)
    first = microseconds_of(NOW - timedelta(seconds=STEP_S * rows))
    for at in range(rows):
        word, best = chance.choice(WORDS), chance.choice(CLASSES[:2] if chance.random() < 0.6 else CLASSES)
        name = f"{word}_{20_000_000 + at % 999_983}_{chance.randrange(10**6):06}.jpg"
        share = round(1 - chance.random() ** 2 / 2, 6)
        top = [[best, share], *([other, 0.001] for other in chance.sample(CLASSES, 4))]
        yield (
            first + at * STEP_S * 1_000_000,
            chance.choices(("window", "cli", "api"), (60, 35, 5))[0],
            name,
            f"/home/someone/Pictures/{2015 + at % 10}/{word}/{name}",
            "everyday" if chance.random() < 0.1 else "cats-dogs",
            1 + 3 * at // rows,
            best,
            share,
            int(chance.random() < 0.05),
            chance.random(),
            json.dumps(top),
            4.2,
            folded(name),
        )
