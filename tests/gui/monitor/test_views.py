"""Values as people read them, and axes that hardly ever move."""

from __future__ import annotations

import math

import pytest

from engine.monitor.points import FIGURES
from gui.monitor.views import CARDS, DISK, a_second, bytes_a_second, ceiling, milliseconds, on_axis, percent


@pytest.mark.parametrize(
    ("said", "value", "words"),
    [
        (percent, 0.0, "0 %"),
        (percent, 0.04, "0.0 %"),
        (percent, 3.21, "3.2 %"),
        (percent, 9.96, "10 %"),
        (percent, 100.0, "100 %"),
        (bytes_a_second, 0.0, "0 B/s"),
        (bytes_a_second, 999.0, "999 B/s"),
        (bytes_a_second, 1500.0, "1.5 kB/s"),
        (bytes_a_second, 150_000.0, "150 kB/s"),
        (bytes_a_second, 2.5e9, "2.5 GB/s"),
        (a_second, 0.0, "0/s"),
        (a_second, 3.14, "3.1/s"),
        (a_second, 512.4, "512/s"),
        (milliseconds, 4.21, "4.2 ms"),
        (milliseconds, 42.1, "42 ms"),
        (milliseconds, 1234.0, "1.2 s"),
    ],
)
def test_that_values_read_well(said, value: float, words: str) -> None:  # type: ignore[no-untyped-def]
    assert said(value).replace("\u00a0", " ") == words


def test_that_an_axis_has_no_needless_digits() -> None:
    assert on_axis(DISK, 1e6).replace("\u00a0", " ") == "1 MB/s"
    assert on_axis(DISK, 2.5e6).replace("\u00a0", " ") == "2.5 MB/s"


def test_that_an_axis_ends_at_1_2_or_5_and_moves_only_when_it_must() -> None:
    assert [ceiling(highest, 1.0, 0.0) for highest in (0.0, 1.0, 1.1, 2.5, 7.0, 130.0)] == [1, 1, 2, 5, 10, 200]
    assert ceiling(60.0, 1.0, 100.0) == 100.0
    assert ceiling(26.0, 1.0, 100.0) == 100.0
    assert ceiling(20.0, 1.0, 100.0) == 20.0
    assert ceiling(101.0, 1.0, 100.0) == 200.0
    assert ceiling(math.nan, 5.0, 0.0) == 5.0


def test_that_every_line_draws_a_figure_that_is_kept_and_none_is_told_by_colour_alone() -> None:
    for view in (view for card in CARDS for view in card):
        assert {line.figure for line in view.lines} <= set(FIGURES)
        assert len({line.style for line in view.lines}) == len({line.color for line in view.lines}) == len(view.lines)
