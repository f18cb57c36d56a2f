from __future__ import annotations

from gui.predict.many.picture import State
from gui.predict.many_view import ManyView
from tests.gui.predict.conftest import chip, names


def test_that_chips_count_and_a_pressed_one_shows_only_those(many: ManyView) -> None:
    texts = [chip(many, group).text() for group in ("cat", "dog", State.UNSURE, State.UNKNOWN, State.FAILED)]
    assert texts == ["cat  3", "dog  2", "not sure  1", "unknown  1", "failed  1"]
    chip(many, "dog").click()
    assert names(many) == ["dog 1.png", "dog 2.png"]
    chip(many, "dog").click()
    assert len(names(many)) == 8


def test_that_the_failed_are_a_list_of_sentences(many: ManyView) -> None:
    chip(many, State.FAILED).click()
    assert many.grid.tiles().lines
    (picture,) = many.model.shown
    assert str(picture.error).startswith("gone.jpg is empty.")
    many.chips.all.click()
    assert not many.grid.tiles().lines
