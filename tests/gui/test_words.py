from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gui import words


def test_that_a_share_stays_on_one_line() -> None:
    assert words.percent(0.9999) == ">\u00a099\u00a0%"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=400), "2 Feb 2025"),
    ],
)
def test_that_times_are_told_as_people_tell_them(ago: timedelta, said: str) -> None:
    now = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
    assert words.when(now - ago, now).replace("\u00a0", " ") == said


@pytest.mark.parametrize(("seconds", "said"), [(1, "a moment"), (42, "40 s"), (170, "3 min"), (7500, "2 h 5 min")])
def test_that_time_left_is_rounded_to_what_matters(seconds: float, said: str) -> None:
    assert words.duration(seconds).replace("\u00a0", " ") == said


def test_that_a_headline_begins_with_a_capital_and_keeps_the_rest() -> None:
    assert words.headline("golden retriever") == "Golden retriever"
    assert words.headline("T-shirt") == "T-shirt"


def test_that_counts_are_grouped_and_agree_with_their_noun() -> None:
    assert words.count(1, "photo", "photos") == "1\u00a0photo"
    assert words.count(1204, "photo", "photos") == "1,204\u00a0photos"
