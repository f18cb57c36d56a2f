"""The quicker way is found, and found again when the machine changes."""

from __future__ import annotations

from engine.pace import AT_LEAST_ONCE_IN, TRY_AGAIN, Pace


def walk(pace: Pace, turns: int, fast: float, calm: float) -> list[bool]:
    """So many turns while the two ways take so many seconds; which were gone."""
    gone = []
    for _ in range(turns):
        gone.append(pace.fast())
        pace.took(gone[-1], fast if gone[-1] else calm)
    return gone


def test_that_the_fast_way_is_gone_first_and_the_calm_one_is_tried() -> None:
    gone = walk(Pace(), 4 * TRY_AGAIN, fast=0.004, calm=0.006)
    assert gone[: TRY_AGAIN - 1] == [True] * (TRY_AGAIN - 1)
    assert gone.count(False) == 2


def test_that_what_stays_slower_is_tried_ever_more_rarely_but_never_given_up() -> None:
    gone = walk(Pace(), 20 * AT_LEAST_ONCE_IN, fast=0.015, calm=0.008)
    assert gone[TRY_AGAIN:].count(True) < 25
    assert True in gone[-AT_LEAST_ONCE_IN:]


def test_that_it_goes_calmly_while_the_fast_way_is_slow_and_comes_back() -> None:
    pace = Pace()
    walk(pace, TRY_AGAIN, fast=0.004, calm=0.006)
    busy = walk(pace, 40 * TRY_AGAIN, fast=0.015, calm=0.008)
    assert busy[TRY_AGAIN:].count(True) < 10
    idle = walk(pace, AT_LEAST_ONCE_IN + TRY_AGAIN, fast=0.004, calm=0.006)
    assert idle[-3:] == [True] * 3


def test_that_one_bad_turn_does_not_change_the_way_for_long() -> None:
    pace = Pace()
    walk(pace, 2 * TRY_AGAIN, fast=0.004, calm=0.006)
    pace.took(True, 0.030)
    gone = walk(pace, 3 * TRY_AGAIN, fast=0.004, calm=0.006)
    assert gone[-TRY_AGAIN:].count(True) >= TRY_AGAIN - 1
