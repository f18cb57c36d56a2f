from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.bulletin import HistoryCleared, News
from engine.errors import HistoryError
from engine.paths import Home
from engine.upkeep import EVERY, FOLD_EVERY, Upkeep
from engine.whisker import Whisker
from tests.engine.histories import answer


def until(fact: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_that_it_is_looked_after_once_enough_was_written_and_never_twice_at_once() -> None:
    goes_on, begun = threading.Event(), []

    def prune(_: threading.Event) -> None:
        begun.append(threading.current_thread())
        goes_on.wait(10)

    upkeep = Upkeep(prune)
    upkeep.written(EVERY - 1)
    assert begun == []
    upkeep.written(1)
    until(lambda: begun)
    upkeep.written(EVERY)
    upkeep.begin()
    assert len(begun) == 1
    goes_on.set()
    until(lambda: len(begun) == 2)
    upkeep.close()
    assert len(begun) == 2


def test_that_closing_ends_it_and_nothing_begins_afterwards() -> None:
    begun: list[bool] = []
    at_work = threading.Event()

    def prune(stop: threading.Event) -> None:
        at_work.set()
        begun.append(stop.wait(10))

    upkeep = Upkeep(prune)
    upkeep.begin()
    assert at_work.wait(10)
    upkeep.close()
    assert begun == [True]
    upkeep.begin()
    assert begun == [True]


def test_that_a_history_that_cannot_be_written_is_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []

    def prune(_: threading.Event) -> None:
        tried.append(1)
        raise HistoryError("The history cannot grow: the disk is full.")

    upkeep = Upkeep(prune)
    for times in (1, 2):
        upkeep.begin()
        until(lambda times=times: len(tried) == times)
        until(lambda: upkeep._thread is None)
    upkeep.close()
    assert "the disk is full" in caplog.text


def test_that_a_shorter_time_to_keep_the_history_counts_at_once(home: Path) -> None:
    whisker = Whisker(Home(home))
    heard: list[News] = []
    whisker.bulletin.listen(heard.append)
    now = datetime.now(UTC)
    whisker.history._clock = lambda: now - timedelta(days=40)
    whisker.history.record([answer()], "window")
    whisker.history._clock = lambda: now
    whisker.history.record([answer()], "window")
    whisker.settings.set("history_days", 30)
    until(lambda: HistoryCleared() in heard)
    assert whisker.history.count() == 1
    whisker.close()


def test_that_the_log_of_what_was_written_is_taken_up_beside_whoever_writes(home: Path) -> None:
    whisker = Whisker(Home(home))
    history = whisker.history
    folded = threading.Event()
    fold = history.fold_back
    history.fold_back = lambda: (fold(), folded.set())  # type: ignore[method-assign,assignment]
    for _ in range(FOLD_EVERY):
        whisker._upkeep.written(len(history.record([answer()], "window")))
    assert folded.wait(20)
    database = home / "whisker.db"
    assert database.stat().st_size > 100_000
    history.record([answer()], "window")
    assert history.count() == FOLD_EVERY + 1
    whisker.close()
