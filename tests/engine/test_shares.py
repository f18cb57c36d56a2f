from __future__ import annotations

import pytest

from engine.shares import exact_percent, percent


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.97, "97 %"),
        (0.58, "58 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.9971, "> 99 %"),
        (0.99999, "> 99 %"),
        (0.004, "< 1 %"),
        (0.0001, "< 1 %"),
    ],
)
def test_that_a_share_is_never_rounded_to_certainty(share: float, said: str) -> None:
    assert percent(share) == said


def test_that_what_was_measured_has_a_tenth() -> None:
    assert exact_percent(0.9744) == "97.4 %"
