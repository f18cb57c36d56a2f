from __future__ import annotations

import gc
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.database import Database
from engine.errors import HistoryError


def fill(database: Database, rows: int = 300) -> None:
    with database.write() as writer:
        for number in range(rows):
            writer.execute(
                "INSERT INTO training_runs (at, model, recipe, plan, seconds, state) VALUES (?, ?, 'r', '{}', 1, 's')",
                (number, "x" * 200),
            )


def count(database: Database) -> int:
    with database.read() as reader:
        return len(reader.execute("SELECT * FROM training_runs").fetchall())


@pytest.mark.parametrize("damage", [b"this is no database" * 500, b"SQLite format 3\x00" + b"\xff" * 4080])
def test_that_a_damaged_database_is_set_aside_and_a_fresh_one_begun(file: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    database = Database(file)
    aside = file.with_name("whisker.db.damaged-1")
    assert aside.read_bytes() == damage
    assert str(aside) in database.problems[0]
    fill(database, 1)
    database.close()
    again = Database(file)
    assert (again.problems, count(again)) == ([], 1)
    again.close()


def test_that_damage_deep_inside_is_said_when_met_and_set_aside_at_the_next_start(file: Path) -> None:
    database = Database(file)
    fill(database)
    database.close()
    content = bytearray(file.read_bytes())
    for page in range(8, len(content) // 4096):
        content[page * 4096 : (page + 1) * 4096] = b"\xab" * 4096
    file.write_bytes(content)

    database = Database(file)
    assert database.problems == []
    with pytest.raises(HistoryError, match="is damaged") as met:
        count(database)
    assert "Start Whisker again" in met.value.hint
    database.close()

    database = Database(file)
    assert len(database.problems) == 1
    assert count(database) == 0
    database.close()
    assert file.with_name("whisker.db.damaged-1").read_bytes() == bytes(content)
    assert not file.with_name("whisker.db.suspect").exists()


def test_that_a_suspicion_that_proves_wrong_costs_nothing(file: Path) -> None:
    database = Database(file)
    fill(database, 3)
    database.close()
    suspicion = file.with_name("whisker.db.suspect")
    suspicion.touch()
    database = Database(file)
    assert (database.problems, count(database)) == ([], 3)
    assert suspicion.read_text() == "sound"  # it is not looked at again
    database.close()


def test_that_a_full_disk_is_said_and_the_rows_before_stand(file: Path) -> None:
    database = Database(file)
    fill(database, 3)
    with database.write() as writer:
        (pages,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryError, match="the disk is full") as refused:
        fill(database)
    assert "Free some space" in refused.value.hint
    assert count(database) == 3
    with database.write() as writer:
        writer.execute("PRAGMA max_page_count = 100000")
    fill(database, 1)
    assert count(database) == 4
    database.close()


def test_that_a_disk_that_cannot_be_written_is_said(file: Path) -> None:
    database = Database(file)
    with database.write() as writer:
        writer.execute("PRAGMA query_only = ON")
    with pytest.raises(HistoryError, match="read-only"):
        fill(database, 1)
    assert count(database) == 0
    database.close()


def test_that_a_program_that_keeps_writing_is_waited_for_and_then_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.database_connection.BUSY_MS", 20)
    database, other = Database(file), Database(file)
    with other.write():
        with pytest.raises(HistoryError, match="in use by another program"):
            fill(database, 1)
        assert count(database) == 0
    fill(database, 1)
    database.close()
    other.close()


@pytest.mark.parametrize("in_the_way", ["file", "folder"])
def test_that_a_place_that_cannot_hold_a_database_is_said(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way == "file":
        (tmp_path / "home").write_text("a file where the home should be")
    else:
        (tmp_path / "home" / "whisker.db").mkdir(parents=True)
    with pytest.raises(HistoryError) as refused:
        Database(tmp_path / "home" / "whisker.db")
    assert "whisker.db" in refused.value.message
    assert refused.value.hint


def test_that_a_block_that_fails_writes_nothing(file: Path) -> None:
    database = Database(file)
    with pytest.raises(sqlite3.IntegrityError), database.write() as writer:
        writer.executemany("INSERT OR FAIL INTO migrations VALUES (?, ?)", [("m1", "now"), ("m2", None)])
    with database.read() as reader:
        assert reader.execute("SELECT 1 FROM migrations WHERE name = 'm1'").fetchone() is None
    database.close()


def test_that_a_mistake_of_ours_is_not_dressed_up(file: Path) -> None:
    database = Database(file)
    with pytest.raises(sqlite3.OperationalError, match="no such table"), database.read() as reader:
        reader.execute("SELECT * FROM no_such_thing")
    database.close()


def test_that_readers_cannot_write(file: Path) -> None:
    database = Database(file)
    with pytest.raises(HistoryError, match="read-only"), database.read() as reader:
        reader.execute("DELETE FROM training_runs")
    database.close()


def test_that_a_thread_that_ends_takes_its_reader_along(file: Path) -> None:
    database = Database(file)
    for _ in range(5):
        thread = threading.Thread(target=count, args=(database,))
        thread.start()
        thread.join()
    gc.collect()
    assert len(database._readers) == 0
    database.close()


def test_that_closing_closes_every_threads_reader_and_later_questions_are_refused(file: Path) -> None:
    database = Database(file)
    asked, closed = threading.Event(), threading.Event()
    refused: list[HistoryError] = []

    def ask() -> None:
        count(database)
        asked.set()
        closed.wait(10)
        try:
            count(database)
        except HistoryError as error:
            refused.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    asked.wait(10)
    database.close()
    database.close()
    # The write-ahead log is folded in and gone only when nobody has the file open any more.
    assert [path.name for path in file.parent.iterdir()] == ["whisker.db"]
    closed.set()
    thread.join()
    assert [error.message for error in refused] == ["The history is closed."]
    with pytest.raises(HistoryError, match="closed"):
        fill(database, 1)


def test_that_several_may_begin_one_history_at_once(tmp_path: Path) -> None:
    """As a window and a server do that somebody starts together for the first time; SQLite refuses one in twenty."""
    for turn in range(20):
        _begin_at_once(tmp_path / str(turn) / "whisker.db")


def _begin_at_once(file: Path) -> None:
    opened: list[Database] = []
    together = threading.Barrier(4)

    def begin() -> None:
        together.wait(10)
        opened.append(Database(file))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for database in opened:
        fill(database, 1)
    assert count(opened[0]) == 4
    for database in opened:
        database.close()


def test_that_closing_waits_for_a_thread_that_reads(file: Path) -> None:
    """SQLite ends the whole program when a connection is closed under a thread that uses it."""
    for _ in range(20):
        database = Database(file)
        fill(database, 20)
        _close_under_readers(database)


def _close_under_readers(database: Database) -> None:
    reading = threading.Event()
    outcomes: list[str] = []

    def read() -> None:
        try:
            while True:
                count(database)
                reading.set()
        except HistoryError as error:
            outcomes.append(error.message)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert reading.wait(10)
    database.close()
    for thread in threads:
        thread.join(10)
    assert outcomes == ["The history is closed."] * 3


def test_that_damage_that_is_met_again_though_all_looked_sound_is_set_aside(file: Path) -> None:
    for _start in range(2):
        database = Database(file)
        assert database.problems == []
        with pytest.raises(HistoryError, match="is damaged"), database.read():
            raise malformed()
        database.close()
    database = Database(file)
    assert "begins afresh" in database.problems[0]
    database.close()


def malformed() -> sqlite3.Error:
    """What SQLite raises over a damaged file."""
    with closing(sqlite3.connect(":memory:")) as damaged:
        damaged.deserialize(b"no database" * 1000)
        with pytest.raises(sqlite3.DatabaseError) as met:
            damaged.execute("SELECT * FROM sqlite_master")
    return met.value
