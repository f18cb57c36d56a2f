from __future__ import annotations

from pathlib import Path

from gui.teach.learns_card import MOST_LINES, LearnsCard
from gui.teach.lesson import ClassRow
from tests.gui.teach.conftest import Taught


def test_that_before_start_one_sees_what_it_will_learn_from(taught: Taught, photos: Path) -> None:
    taught.opened.window.resize(1280, 800)
    taught.open(photos)
    taught.page.next.click()
    learns = taught.page.recipe.learns
    taught.wait(learns.isVisible)
    assert learns.title.text().replace("\u00a0", " ") == "It learns from 16 photos of 2 classes"
    assert learns.faces.accessibleDescription() == "cat 8, dog 8"
    taught.settle()
    taught.opened.window.resize(960, 640)
    taught.wait(lambda: not learns.isVisible())


def test_that_of_very_many_classes_some_are_shown_and_the_others_counted(taught: Taught) -> None:
    card = LearnsCard(taught.opened.desk)
    taught.opened.qtbot.addWidget(card)
    card.resize(900, 300)
    card.show_classes([ClassRow(f"thing {number}", (Path("a.jpg"),)) for number in range(1000)])
    card.show()
    shown = card.faces.shown()
    assert len(shown) == MOST_LINES * card.faces._across() - 1
    card.grab()
    taught.settle()
