"""The last hour and day outlive the program, and never take more room than stated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.database import Database
from engine.errors import HistoryError
from engine.monitor.points import DAY, HOUR, Point
from engine.monitor.store import PointStore

NOON = 1_800_000_000


@pytest.fixture
def store(file: Path) -> Iterator[PointStore]:
    database = Database(file)
    yield PointStore(database)
    database.close()


def point(at: int, value: float = 5.0, step: int = HOUR.step) -> Point:
    made = Point(at, step)
    for _ in range(step):
        made.add({"cpu_percent": value, "requests_per_second": value}, {10: 1})
    return made


def test_that_points_come_back_as_they_were(store: PointStore) -> None:
    kept = [point(NOON), point(NOON, step=DAY.step)]
    store.save(kept, NOON + 1)
    assert store.load(NOON + 1) == kept


def test_that_what_two_programs_save_of_one_step_is_added_up(store: PointStore) -> None:
    store.save([point(NOON)], NOON + 1)
    store.save([point(NOON)], NOON + 2)
    (both,) = store.load(NOON + 2)
    assert both.samples == 2 * HOUR.step
    assert both.value("cpu_percent") == pytest.approx(5.0)
    assert both.value("requests_per_second") == pytest.approx(10.0)


def test_that_it_stays_small_whatever_the_clock_does(store: PointStore, file: Path) -> None:
    for now in (NOON, NOON + 3 * DAY.seconds, NOON - 30 * DAY.seconds, NOON + 1):
        for spell in (HOUR, DAY):
            every = range(now - 2 * spell.seconds, now + 1, spell.step)
            store.save([point(at // spell.step * spell.step, step=spell.step) for at in every], now)
        store.save([], now)
    with sqlite3.connect(file) as looked:
        (rows,) = looked.execute("SELECT count(*) FROM monitor_points").fetchone()
        (ahead,) = looked.execute("SELECT count(*) FROM monitor_points WHERE at > ?", (NOON + 2,)).fetchone()
    looked.close()
    assert rows <= 361 + 361
    assert ahead == 0


def test_that_a_row_that_makes_no_sense_is_left_out(store: PointStore, file: Path) -> None:
    store.save([point(NOON), point(NOON + 10)], NOON + 11)
    with sqlite3.connect(file) as other:
        other.execute("UPDATE monitor_points SET figures = 'nonsense' WHERE at = ?", (NOON,))
    other.close()
    assert [found.at for found in store.load(NOON + 11)] == [NOON + 10]
    store.save([point(NOON)], NOON + 12)
    assert [found.at for found in store.load(NOON + 12)] == [NOON, NOON + 10]


def test_that_a_locked_database_is_said_in_words(
    store: PointStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._database._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryError, match="in use"):
        store.save([point(NOON)], NOON + 1)
    other.close()
