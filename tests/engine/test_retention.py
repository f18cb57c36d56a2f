from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from engine.history import History
from tests.engine.histories import Clock, answer


def fill(history: History, rows: int = 6_000) -> None:
    long = Path("/photos", "x" * 200, "picture.jpg")
    for _ in range(rows // 500):
        history.record([answer(path=long)] * 500, "window")


def size(file: Path) -> int:
    database = sqlite3.connect(file)
    pages, of = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    database.close()
    return int(pages * of)


def test_that_the_oldest_go_until_the_rest_fits_and_the_space_is_given_back(history: History, file: Path) -> None:
    fill(history)
    assert size(file) > 3_000_000
    newest = history.recent(1)[0].id
    forgotten = history.prune(0, 2)
    assert forgotten > 0
    assert size(file) <= 2_000_000
    assert history.count() == 6_000 - forgotten
    assert history.recent(1)[0].id == newest
    assert history.recent(10_000)[-1].id == forgotten + 1
    assert history.prune(0, 2) == 0


def test_that_what_people_said_stays_however_little_room_there_is(history: History) -> None:
    fill(history)
    history.correct(1, "dog")
    history.correct(3, "dog")
    assert history.prune(0, 1) < 6_000 - 2
    assert [correction.row for correction in history.corrections()] == [3, 1]
    assert history.row(1).correction == "dog"


def test_that_old_ones_give_their_space_back_too(history: History, file: Path, clock: Clock) -> None:
    fill(history)
    clock.now += timedelta(days=40)
    history.record([answer()], "window")
    assert history.prune(30) == 6_000
    assert history.count() == 1
    assert size(file) < 500_000


def test_that_no_limit_forgets_nothing(history: History) -> None:
    fill(history, 500)
    assert history.prune(0, 0) == 0
    assert history.count() == 500


def test_that_a_clean_up_can_be_stopped(history: History) -> None:
    fill(history)
    stop = threading.Event()
    stop.set()
    assert history.prune(0, 1, stop) == 0


def test_that_answers_are_written_while_old_ones_are_forgotten(history: History, clock: Clock) -> None:
    fill(history)
    clock.now += timedelta(days=40)
    forgotten: list[int] = []
    cleaning = threading.Thread(target=lambda: forgotten.append(history.prune(30)))
    cleaning.start()
    written = 0
    while cleaning.is_alive():
        history.record([answer()], "window")
        written += 1
    cleaning.join()
    assert forgotten == [6_000]
    assert written > 1
    assert history.count() == written


def test_that_a_database_from_before_gives_space_back_as_well(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("engine.database_connection.INCREMENTAL", 0)
        before = History(file, clock)
        fill(before)
        before.close()
    after = History(file, clock)
    clock.now += timedelta(days=40)
    assert after.count() == 6_000
    assert after.prune(30) == 6_000
    assert size(file) < 500_000
    after.close()
