"""Points become lines with gaps, and a lone answer can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from engine.monitor import HOUR, MINUTE, Point
from engine.monitor.answers import sketch
from gui.monitor.reading import TOGETHER, arrays

NOW = 1_800_000_000.0


def points(starts: list[int], step: int = 1, answered: int | None = None) -> list[Point]:
    made = [Point(int(NOW) + start, step) for start in starts]
    for point in made:
        point.add({"cpu_percent": 10.0}, sketch([20.0]) if point.at == NOW + (answered or 1) else {})
    return made


def test_that_time_is_counted_backwards_from_now_and_never_lies_ahead() -> None:
    x, columns = arrays(points([-2, -1, 0]), MINUTE, NOW, ["cpu_percent"])
    assert list(x) == [-1.5, -0.5, 0.0]
    assert list(columns["cpu_percent"]) == [10.0, 10.0, 10.0]


def test_that_nothing_at_all_is_an_empty_line() -> None:
    x, columns = arrays([], HOUR, NOW, ["cpu_percent", "latency_p50"])
    assert (len(x), len(columns["cpu_percent"]), len(columns["latency_p50"])) == (0, 0, 0)


def test_that_a_missing_second_is_no_gap_and_a_missing_minute_is_one() -> None:
    _, one = arrays(points([-3, -1, 0]), MINUTE, NOW, ["cpu_percent"])
    assert not np.isnan(one["cpu_percent"]).any()
    x, many = arrays(points([-600, -590, -60, -50], HOUR.step), HOUR, NOW, ["cpu_percent"])
    assert list(np.isnan(many["cpu_percent"])) == [False, False, True, False, False]
    assert (np.diff(x) > 0).all()


def test_that_a_lone_answer_is_drawn_for_a_while() -> None:
    _, columns = arrays(points(list(range(-30, 1)), answered=-20), MINUTE, NOW, ["latency_p50", "latency_p99"])
    known = np.isfinite(columns["latency_p50"])
    assert known.sum() == TOGETHER[MINUTE]
    assert columns["latency_p99"][known] == pytest.approx(20.0, rel=0.03)


def test_that_a_point_by_itself_is_drawn_as_long_as_its_step() -> None:
    x, columns = arrays(points([-100], HOUR.step), HOUR, NOW, ["cpu_percent"])
    assert list(x) == [-100.0, -95.0]
    assert list(columns["cpu_percent"]) == [10.0, 10.0]
