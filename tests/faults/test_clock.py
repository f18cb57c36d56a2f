"""The clock is set back or leaps ahead: nothing is forgotten for it, and what came later still stands later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.history import History
from engine.paths import Home
from engine.predictor import Predictor
from engine.whisker import Whisker
from tests.bundles import RED, make_bundle, solid
from tests.faults.conftest import Tried

TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = 365
AHEAD, BACK = "the clock leaps ahead", "the clock is set back"


class Time:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = TODAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


Answer = Callable[[], int]


@pytest.fixture
def history(tmp_path: Path, time: Time) -> Iterator[History]:
    opened = History(tmp_path / "whisker.db", time)
    yield opened
    opened.close()


@pytest.fixture
def answer(tmp_path: Path, history: History) -> Answer:
    predictor, photo = Predictor(make_bundle(tmp_path / "cats-dogs")), solid(tmp_path / "a.png", RED)
    return lambda: history.record([predictor.predict(photo)], "cli")[0]


def use(history: History, time: Time, answer: Answer, days: int) -> list[int]:
    """An answer a day, and a start."""
    rows = []
    for _ in range(days):
        history.prune(YEAR)
        rows.append(answer())
        time.now += DAY
    return rows


@pytest.mark.parametrize("years", [1, 3, 73])
def test_that_a_clock_wrong_by_years_has_nothing_forgotten_however_often_it_is_started(
    history: History, time: Time, answer: Answer, tried: Tried, years: int
) -> None:
    kept = use(history, time, answer, 30)
    right = time.now
    time.now += timedelta(days=years * 366)
    for start in range(20):
        assert history.prune(YEAR) == 0
        time.now += timedelta(hours=start % 5)
    mistaken = answer()
    time.now = right
    assert history.prune(YEAR) == 0
    assert [row.id for row in history.recent(100)] == [mistaken, *reversed(kept)]
    tried(AHEAD, 20)


def test_that_what_is_too_old_is_forgotten_all_the_same_in_daily_use(
    history: History, time: Time, answer: Answer
) -> None:
    use(history, time, answer, YEAR + 40)
    assert YEAR <= history.count() <= YEAR + 1


def test_that_after_a_long_absence_it_is_forgotten_a_week_after_the_return(
    history: History, time: Time, answer: Answer
) -> None:
    use(history, time, answer, 10)
    time.now += timedelta(days=2 * YEAR)
    assert use(history, time, answer, 7)
    assert history.count() == 17
    history.prune(YEAR)
    assert history.count() == 7


def test_that_a_clock_set_back_keeps_the_order_and_everything_in_it(
    history: History, time: Time, answer: Answer, tried: Tried
) -> None:
    rows = use(history, time, answer, 10)
    history.correct(rows[0], "fox")
    for back in (timedelta(hours=1), timedelta(days=40), timedelta(days=56 * 365)):
        right = time.now
        time.now -= back
        assert history.prune(YEAR) == 0
        rows.append(answer())
        history.correct(rows[-1], "dog")
        time.now = right
        tried(BACK)
    assert history.prune(YEAR) == 0
    assert [row.id for row in history.recent(100)] == list(reversed(rows))
    assert [each.row for each in history.corrections()] == [*reversed(rows[-3:]), rows[0]]
    assert [row.id for row in history.recent(3, before=rows[-1])] == list(reversed(rows[-4:-1]))


def test_that_durations_do_not_come_from_the_clock_that_is_set(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Tried
) -> None:
    import time as clocks

    make_bundle(tmp_path / "builtin" / "cats-dogs")
    whisker = Whisker(Home(home), tmp_path / "builtin")
    photo = solid(tmp_path / "a.png", RED)
    _ = whisker.predictor
    backwards = iter(range(2_000_000_000, 0, -1000))
    monkeypatch.setattr(clocks, "time", lambda: float(next(backwards)))
    answers = [whisker.classify(photo, origin="cli")[1] for _ in range(3)]
    answers += [each for _, each in whisker.classify_many([photo] * 3, origin="cli")]
    assert all(0 < each.elapsed_ms < 60_000 for each in answers)
    assert 0 <= whisker.monitor.uptime_s < 60
    sample = whisker.monitor.sample()
    assert sample.predictions_per_second >= 0
    whisker.close()
    tried(BACK)
