from __future__ import annotations

import errno

import pytest

from engine.errors import remedy


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EACCES, "Allow writing"),
        (errno.EROFS, "Allow writing"),
        (errno.ENOMEM, "Close other programs"),
        (errno.EIO, "Check the disk"),
    ],
)
def test_that_the_hint_fits_what_the_system_refused(number: int, word: str) -> None:
    assert remedy(OSError(number, "refused")).startswith(word)


def test_that_a_refusal_without_a_number_has_a_hint_too() -> None:
    assert remedy(OSError("something")) == "Check the disk and try again."
