from __future__ import annotations

import pytest

from gui.predict.many import headings


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (("cat", "dog"), "1 cat, 2 dog"),
        (("a", "b", "c", "d", "e"), "1 to 9, or C"),
        (tuple(f"thing {number}" for number in range(20)), "1 to 5, or C"),
        ((), "1 to 9, or C"),
    ],
)
def test_that_the_keys_of_what_is_selected_are_said(classes: tuple[str, ...], said: str) -> None:
    assert headings.keys(classes) == said
    assert headings.line(1_200, 1_200, 3, classes, None) == f"3 selected  ·  wrong? {said}"


def test_that_what_is_shown_is_counted_when_it_is_not_all() -> None:
    assert headings.line(1_200, 1_100, 0, (), None) == "1,100 shown"
    assert headings.line(1_200, 1_200, 0, (), None) == ""


def test_that_an_empty_grid_says_why_and_what_to_do() -> None:
    assert headings.nothing_there(0, "")[2] == "Back"
    assert headings.nothing_there(9, "zebra")[1] == "None of these has “zebra” in its name."
    assert headings.nothing_there(9, "")[2] == "Show all"
