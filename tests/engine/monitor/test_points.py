"""Samples become a bounded number of points, whatever the clock does."""

from __future__ import annotations

import itertools
import math

import pytest

from engine.monitor.answers import percentiles, sketch
from engine.monitor.points import DAY, FIGURES, HOUR, MINUTE, Point, Timeline

NOON = 1_800_000_000.0


def filled(seconds: int, start: float = NOON) -> Timeline:
    timeline = Timeline()
    for second in range(seconds):
        timeline.add(start + second, {"cpu_percent": float(second % 10)}, {})
    return timeline


def test_that_an_hour_and_a_day_take_a_few_hundred_points_however_long_it_ran() -> None:
    timeline = filled(2 * HOUR.seconds)
    now = NOON + 2 * HOUR.seconds - 1
    assert len(timeline.points(MINUTE, now)) <= 61
    assert len(timeline.points(HOUR, now)) <= 361
    assert len(timeline.points(DAY, now)) == 2 * HOUR.seconds // DAY.step


def test_that_a_point_is_the_mean_of_its_samples() -> None:
    assert {point.value("cpu_percent") for point in filled(100).points(HOUR, NOON + 99)} == {4.5}


def test_that_what_could_not_be_asked_or_is_no_number_is_left_out_of_the_mean() -> None:
    timeline = Timeline()
    for value in (1.0, None, math.nan, math.inf, 3.0):
        timeline.add(NOON, {"disk_read_per_second": value}, {})
    (point,) = timeline.points(HOUR, NOON)
    assert point.value("disk_read_per_second") == 2.0
    assert math.isnan(point.value("gpu_percent"))
    assert math.isnan(point.value("latency_p50"))
    assert all(isinstance(point.value(name), float) for name in FIGURES)


def test_that_a_clock_set_back_drops_what_would_lie_ahead_and_goes_on() -> None:
    timeline = filled(100)
    back = NOON - 600
    timeline.add(back, {"cpu_percent": 50.0}, {})
    points = timeline.points(HOUR, back)
    assert [point.value("cpu_percent") for point in points] == [50.0]
    assert all(point.at <= back for point in points)


def test_that_sleep_leaves_a_hole_and_drops_what_grew_too_old() -> None:
    timeline = filled(100)
    timeline.add(NOON + 1800, {"cpu_percent": 1.0}, {})
    starts = [point.at for point in timeline.points(HOUR, NOON + 1800)]
    assert max(b - a for a, b in itertools.pairwise(starts)) > 1600
    assert [point.at for point in timeline.points(MINUTE, NOON + 1800)] == [NOON + 1800]


def test_that_points_of_an_earlier_run_come_before_todays_in_order() -> None:
    timeline = Timeline()
    timeline.add(NOON + 100, {"cpu_percent": 10.0}, {})
    earlier = Point(int(NOON), HOUR.step, 2, {"cpu_percent": 40.0}, {"cpu_percent": 2})
    same = Point(int(NOON + 100), HOUR.step, 1, {"cpu_percent": 20.0}, {"cpu_percent": 1})
    timeline.put_back([same, earlier])
    assert [point.value("cpu_percent") for point in timeline.points(HOUR, NOON + 101)] == [20.0, 15.0]


def test_that_two_programs_on_one_home_add_up_but_the_machine_does_not() -> None:
    one, other = (Point(int(NOON), HOUR.step) for _ in range(2))
    for _ in range(HOUR.step):
        one.add({"cpu_percent": 40.0, "predictions_per_second": 3.0}, {})
        other.add({"cpu_percent": 40.0, "predictions_per_second": 2.0}, {})
    one.merge(other)
    assert one.value("cpu_percent") == 40.0
    assert one.value("predictions_per_second") == pytest.approx(5.0)


def test_that_what_is_fresh_is_handed_out_once_and_taken_back_when_it_could_not_be_kept() -> None:
    timeline = filled(20)
    fresh = timeline.take_fresh()
    assert timeline.take_fresh() == []
    timeline.add(NOON + 19.5, {"cpu_percent": 9.0}, {})
    timeline.give_back(fresh)
    assert sum(point.samples for point in timeline.take_fresh() if point.step == HOUR.step) == 21


def test_that_percentiles_of_a_sketch_are_right_to_two_percent() -> None:
    times = [float(n) for n in range(1, 1001)]
    found = percentiles(sketch(times))
    assert found is not None
    for value, exact in zip(found, (500, 950, 990), strict=True):
        assert value == pytest.approx(exact, rel=0.021)
    assert percentiles({}) is None
    assert percentiles(sketch([math.nan, math.inf])) is None
    assert percentiles(sketch([0.0, -1.0])) is not None


def test_that_latencies_of_many_samples_make_the_percentiles_of_their_point() -> None:
    timeline = Timeline()
    for second in range(10):
        timeline.add(NOON + second, {}, sketch([10.0] * 9 + [500.0 if second == 0 else 10.0]))
    (point,) = timeline.points(HOUR, NOON + 9)
    assert point.value("latency_p95") == pytest.approx(10.0, rel=0.021)
    assert point.value("latency_p99") == pytest.approx(10.0, rel=0.021)
    point.add({}, sketch([500.0] * 5))
    assert point.value("latency_p99") == pytest.approx(500.0, rel=0.021)
