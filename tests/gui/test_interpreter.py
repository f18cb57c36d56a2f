from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from gui import interpreter


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    gc.unfreeze()


def test_that_what_was_loaded_with_the_window_is_not_walked_through_again() -> None:
    gc.unfreeze()
    interpreter.tune()
    assert sys.getswitchinterval() == pytest.approx(interpreter.SWITCH_S)
    assert gc.get_freeze_count() > 10_000


def test_that_what_is_made_later_is_still_tidied_up() -> None:
    class Loop:
        """Held by itself alone."""

    interpreter.tune()
    loop = Loop()
    loop.self = loop  # type: ignore[attr-defined]
    del loop
    assert gc.collect() > 0
