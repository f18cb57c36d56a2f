"""The quicker way is found, and found again when the machine changes."""

from __future__ import annotations

from engine.pace import TRY_AGAIN, Pace


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
    assert gone.count(False) == 4


def test_that_it_goes_calmly_while_the_fast_way_is_slow_and_comes_back() -> None:
    pace = Pace()
    walk(pace, TRY_AGAIN, fast=0.004, calm=0.006)
    busy = walk(pace, 6 * TRY_AGAIN, fast=0.015, calm=0.008)
    assert busy[TRY_AGAIN:].count(True) == 5
    idle = walk(pace, 12 * TRY_AGAIN, fast=0.004, calm=0.006)
    assert idle[-TRY_AGAIN:].count(True) == TRY_AGAIN - 1


def test_that_one_bad_turn_does_not_change_the_way_for_long() -> None:
    pace = Pace()
    walk(pace, 2 * TRY_AGAIN, fast=0.004, calm=0.006)
    pace.took(True, 0.030)
    assert walk(pace, 6 * TRY_AGAIN, fast=0.004, calm=0.006)[-TRY_AGAIN:].count(True) == TRY_AGAIN - 1
