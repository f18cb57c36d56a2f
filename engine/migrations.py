"""How a database of any age becomes today's: one function per step, applied once, recorded by name.

Steps only ever add (tables, columns, indexes), so that an older Whisker still works on a newer one's database.
A step that was released is never changed; what it lacked is a new step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from engine.folding import folded

Step = Callable[[sqlite3.Connection], None]
STEPS: dict[str, Step] = {}


def step(function: Step) -> Step:
    """Register a step; steps run in the order they are written in."""
    STEPS[function.__name__] = function
    return function


def migrate(database: sqlite3.Connection) -> list[str]:
    """Apply the steps that `database` lacks, each in one transaction with its record.

    Args:
        database: In autocommit mode; two programs may do this at once.

    Returns:
        The names of the steps applied.

    Raises:
        sqlite3.Error: a step failed; it is undone and those before it stand.
    """
    if not lacking(database):
        return []
    database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at TEXT NOT NULL)")
    applied = []
    for name in lacking(database):
        # Taking the writer's place before looking again: another program may just have done this step.
        database.execute("BEGIN IMMEDIATE")
        try:
            if name in lacking(database):
                STEPS[name](database)
                now = datetime.now(UTC).isoformat()
                database.execute("INSERT INTO migrations VALUES (?, ?)", (name, now))
                applied.append(name)
            database.execute("COMMIT")
        except sqlite3.Error:
            # A full disk may have rolled back by itself already.
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
    return applied


def lacking(database: sqlite3.Connection) -> list[str]:
    """The names of the steps that `database` has still to take."""
    known = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
    if known.fetchone() is None:
        return list(STEPS)
    done = {name for (name,) in database.execute("SELECT name FROM migrations")}
    return [name for name in STEPS if name not in done]


@step
def m001_predictions(database: sqlite3.Connection) -> None:
    # AUTOINCREMENT: a row's number is never given again, since windows and corrections speak of rows by it.
    # `at` is whole microseconds since 1970 in UTC.
    database.execute(
        """
        CREATE TABLE predictions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            source TEXT NOT NULL,
            name TEXT NOT NULL,
            path TEXT,
            model TEXT NOT NULL,
            model_version INTEGER NOT NULL,
            predicted_class TEXT NOT NULL,
            confidence REAL NOT NULL,
            unknown INTEGER NOT NULL,
            familiarity REAL,
            top TEXT NOT NULL,
            elapsed_ms REAL NOT NULL
        )
        """
    )
    # SQLite ends each index with the row's number, so that one on a class also gives its rows newest first.
    for name, columns in {
        "source": "source",
        "class": "predicted_class",
        "class_and_time": "predicted_class, at",
        "time": "at, predicted_class, unknown",
        "confidence": "model, confidence",
    }.items():
        database.execute(f"CREATE INDEX predictions_by_{name} ON predictions ({columns})")


@step
def m002_corrections(database: sqlite3.Connection) -> None:
    database.execute(
        """
        CREATE TABLE corrections (
            row INTEGER PRIMARY KEY REFERENCES predictions (id),
            at INTEGER NOT NULL,
            label TEXT NOT NULL,
            path TEXT,
            sha256 TEXT
        )
        """
    )
    database.execute("CREATE INDEX corrections_by_time ON corrections (at)")
    database.execute("CREATE INDEX corrections_by_path ON corrections (path)")


@step
def m003_training_runs(database: sqlite3.Connection) -> None:
    database.execute(
        """
        CREATE TABLE training_runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            model TEXT NOT NULL,
            version INTEGER,
            recipe TEXT NOT NULL,
            plan TEXT NOT NULL,
            metrics TEXT,
            seconds REAL NOT NULL,
            state TEXT NOT NULL
        )
        """
    )


@step
def m004_search(database: sqlite3.Connection) -> None:
    # All that a search can ask for, newest row last, in a fifth of the table's bytes: one walk over it backwards
    # answers any combination of conditions, and stops as soon as it has a page (docs/performance.md has figures).
    database.create_function("folded", 1, folded, deterministic=True)
    database.execute("ALTER TABLE predictions ADD COLUMN folded TEXT")
    database.execute("UPDATE predictions SET folded = folded(name)")
    database.execute(
        """
        CREATE INDEX predictions_by_search ON predictions
            (id, at, unknown, confidence, source, predicted_class, model, model_version, folded)
        """
    )
    # An older Whisker on the same home leaves `folded` out. Such rows are found here at once, and are few.
    database.execute("CREATE INDEX predictions_unfolded ON predictions (id) WHERE folded IS NULL")
    database.execute("CREATE INDEX predictions_by_version ON predictions (model, model_version)")
    database.execute("CREATE INDEX corrections_by_label ON corrections (label)")


@step
def m005_training_curves(database: sqlite3.Connection) -> None:
    # `said` is JSON: what was learnt from, what the run noted, and why it ended without a model.
    database.execute("ALTER TABLE training_runs ADD COLUMN said TEXT")
    database.execute(
        """
        CREATE TABLE training_epochs (
            run INTEGER NOT NULL REFERENCES training_runs (id),
            number INTEGER NOT NULL,
            loss REAL,
            accuracy REAL,
            val_loss REAL,
            val_accuracy REAL,
            seconds REAL NOT NULL,
            PRIMARY KEY (run, number)
        ) WITHOUT ROWID
        """
    )


@step
def m006_monitor_points(database: sqlite3.Connection) -> None:
    # `at` is whole seconds since 1970, when a step of `step` seconds begins; engine/monitor/store.py keeps it small.
    database.execute(
        """
        CREATE TABLE monitor_points (
            step INTEGER NOT NULL,
            at INTEGER NOT NULL,
            samples INTEGER NOT NULL,
            figures TEXT NOT NULL,
            times TEXT NOT NULL,
            PRIMARY KEY (step, at)
        ) WITHOUT ROWID
        """
    )


@step
def m007_retention_clock(database: sqlite3.Connection) -> None:
    # One row, for engine/retention_clock.py; both are microseconds since 1970.
    database.execute(
        """
        CREATE TABLE retention_clock (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seen INTEGER NOT NULL,
            leapt INTEGER
        )
        """
    )
