from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.history import History
from engine.history_search import Search
from engine.migrations import STEPS, migrate


@pytest.fixture
def blank() -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(":memory:", isolation_level=None)
    yield database
    database.close()


def columns(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Of every table and index: its columns with type and constraints."""
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master ORDER BY name")]
    return {name: database.execute(f"PRAGMA table_xinfo('{name}')").fetchall() for name in names}


def test_that_a_blank_database_gets_every_step_in_order_and_keeps_their_names(blank: sqlite3.Connection) -> None:
    assert migrate(blank) == list(STEPS)
    assert [name for (name,) in blank.execute("SELECT name FROM migrations")] == list(STEPS)
    assert list(STEPS) == sorted(STEPS)


def test_that_a_step_is_applied_once(blank: sqlite3.Connection) -> None:
    migrate(blank)
    assert migrate(blank) == []


@pytest.mark.parametrize("age", range(len(STEPS)))
def test_that_a_database_of_any_age_ends_with_a_blank_ones_columns(
    blank: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int
) -> None:
    file = tmp_path / "whisker.db"
    old = sqlite3.connect(file, isolation_level=None)
    with monkeypatch.context() as patch:
        patch.setattr("engine.migrations.STEPS", dict(list(STEPS.items())[:age]))
        migrate(old)
    old.close()
    History(file).close()
    migrate(blank)
    renewed = sqlite3.connect(file)
    assert columns(renewed) == columns(blank)
    renewed.close()


def test_that_what_an_old_database_holds_is_still_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "whisker.db"
    old = sqlite3.connect(file, isolation_level=None)
    with monkeypatch.context() as patch:
        patch.setattr("engine.migrations.STEPS", dict(list(STEPS.items())[:1]))
        migrate(old)
    old.execute(
        "INSERT INTO predictions VALUES (5, 1000000, 'window', 'tom.jpg', '/p/tom.jpg', 'm', 1, 'cat', 0.75, 0, NULL,"
        """ '[["cat", 0.75], ["dog", 0.25]]', 2.5)"""
    )
    old.close()
    history = History(file)
    row = history.row(5)
    history.correct(5, "dog")
    assert (row.predicted_class, row.top, row.correction) == ("cat", (("cat", 0.75), ("dog", 0.25)), None)
    assert history.row(5).correction == "dog"
    history.close()


def test_that_a_step_that_fails_leaves_nothing_behind(
    blank: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(database: sqlite3.Connection) -> None:
        database.execute("CREATE TABLE half (x)")
        database.execute("CREATE TABLE half (x)")

    monkeypatch.setitem(STEPS, "m999_half", half)
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(blank)
    assert "half" not in columns(blank)
    monkeypatch.delitem(STEPS, "m999_half")
    assert migrate(blank) == []


def test_that_a_newer_whiskers_database_still_works(tmp_path: Path) -> None:
    file = tmp_path / "whisker.db"
    History(file).close()
    newer = sqlite3.connect(file)
    newer.execute("ALTER TABLE predictions ADD COLUMN mood TEXT")
    newer.execute("INSERT INTO migrations VALUES ('m100_mood', '2030-01-01')")
    newer.commit()
    newer.close()
    history = History(file)
    assert history.problems == []
    assert history.recent() == []
    history.close()


def test_that_what_was_answered_before_there_was_a_search_can_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "whisker.db"
    old = sqlite3.connect(file, isolation_level=None)
    with monkeypatch.context() as patch:
        patch.setattr("engine.migrations.STEPS", dict(list(STEPS.items())[:3]))
        migrate(old)
    old.execute(
        "INSERT INTO predictions VALUES (5, 1000000, 'window', 'Été.jpg', '/p/Été.jpg', 'm', 1, 'cat', 0.75, 0, NULL,"
        " '[]', 2.5)"
    )
    old.execute("INSERT INTO training_runs VALUES (2, 1000000, 'pets', 1, 'quick', '{}', NULL, 12.5, 'finished')")
    old.close()
    history = History(file)
    assert [row.id for row in history.search(Search(text="ete"))] == [5]
    assert [(run.id, run.model, run.state) for run in history.runs()] == [(2, "pets", "finished")]
    history.close()
