from __future__ import annotations

import json

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.gui.models.conftest import Shelved


def test_that_a_model_is_renamed_in_its_place_and_undo_brings_the_title_back(shelved: Shelved) -> None:
    shelved.show()
    card = shelved.page.cards[0]
    shelved.click(card.rename)
    assert card.field.hasFocus()
    card.field.clear()
    shelved.opened.qtbot.keyClicks(card.field, "My pets")
    shelved.opened.qtbot.keyClick(card.field, Qt.Key.Key_Return)
    shelved.opened.wait(lambda: shelved.page.cards[0].title.text() == "My pets")
    shelved.opened.settle()
    shelved.undo()
    shelved.opened.wait(lambda: shelved.page.cards[0].title.text() == "Pets")


def test_that_escape_leaves_the_title_as_it_is_and_built_in_ones_have_no_pencil(shelved: Shelved) -> None:
    shelved.show()
    card = shelved.page.cards[0]
    card.rows[0].use.setFocus()
    shelved.opened.key(Qt.Key.Key_F2)
    assert card.field.isVisible()
    shelved.opened.qtbot.keyClicks(card.field, "x")
    shelved.opened.qtbot.keyClick(card.field, Qt.Key.Key_Escape)
    assert not card.field.isVisible()
    assert card.title.text() == "Pets"
    assert not shelved.page.cards[1].rename.isVisible()


def test_that_a_card_with_no_scores_dates_or_lineage_still_has_its_row(shelved: Shelved) -> None:
    path = shelved.first.folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card |= {
        "metrics": None,
        "created": "",
        "training": {},
        "lineage": {},
        "backbone": "",
        "precision": "",
        "licence": "",
    }
    path.write_text(json.dumps(card), encoding="utf-8")
    shelved.show()
    row = shelved.row("pets@1")
    assert row.score.text() == "Not scored here"
    shelved.click(row.details)
    shelved.choose(row, "Compare with", "Pets v2")
    assert "never scored" in shelved.page.compare.verdict.text()
    shelved.opened.settle()


def test_that_details_do_not_call_the_model_that_was_in_use_an_ingredient(shelved: Shelved) -> None:
    path = shelved.first.folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | {"lineage": {"parent": "things@1"}}), encoding="utf-8")
    shelved.show()
    row = shelved.row("pets@1")
    shelved.click(row.details)
    words = [label.text() for label in row.findChildren(QLabel)]
    assert words[words.index("In use then") + 1] == "things@1"
    assert "Made from" not in words


def test_that_older_versions_are_folded_away_and_one_press_shows_them(shelved: Shelved) -> None:
    for _ in range(5):
        shelved.publish(("cat", "dog"))
    shelved.whisker.shelf.activate("pets@1")
    shelved.show()
    card = shelved.page.cards[0]
    assert [row.entry.version for row in card.rows] == [7, 6, 5, 4, 1]
    assert card.older.text() == "2\u00a0older versions"
    shelved.click(card.older)
    assert [row.entry.version for row in card.rows] == [7, 6, 5, 4, 3, 2, 1]
    assert not card.older.isVisible()
    shelved.choose(shelved.row("pets@2"), "Remove")
    shelved.opened.wait(lambda: shelved.page.cards[0] is not card)


def test_that_a_card_that_says_the_same_is_not_made_anew(shelved: Shelved) -> None:
    shelved.show()
    pets, cats, things = shelved.page.cards
    shelved.publish(("cat", "dog"))
    shelved.opened.wait(lambda: shelved.page.row("pets@3") is not None)
    assert shelved.page.cards[0] is not pets
    assert shelved.page.cards[1:] == [cats, things]
    assert "Pets v3" in [action.text() for action in shelved.page.row("things@1").menu().actions()[0].menu().actions()]
