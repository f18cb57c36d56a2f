from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl

from engine.errors import FolderError
from tests.bundles import RED, solid
from tests.gui.models.conftest import Shelved
from tests.gui.names import nameless


def test_that_the_shelf_stands_as_cards_with_versions_scores_and_the_active_one(shelved: Shelved) -> None:
    shelved.show()
    assert [card.title.text() for card in shelved.page.cards] == ["Pets", "Cats dogs", "Things"]
    assert [row.version.text() for row in shelved.page.cards[0].rows] == ["v2", "v1"]
    row = shelved.row("cats-dogs@1")
    assert row.active.isVisible()
    assert not row.use.isVisible()
    assert row.score.text() == "20 of 20 right"
    assert row.between.text() == "84 to 100\u00a0%"
    assert shelved.row("pets@2").use.isVisible()


def test_that_details_open_and_stay_open_when_the_shelf_changes(shelved: Shelved) -> None:
    shelved.show()
    shelved.click(shelved.row("pets@1").details)
    shelved.publish(("cat", "dog"))
    shelved.opened.wait(lambda: shelved.page.row("pets@3") is not None)
    assert shelved.row("pets@1").details.isChecked()
    assert not shelved.row("pets@2").details.isChecked()


def test_that_a_model_is_changed_by_keyboard_alone(shelved: Shelved, tmp_path: Path) -> None:
    shelved.show()
    shelved.opened.window.rail.buttons["models"].setFocus()
    for _ in range(60):
        if shelved.row("pets@2").use.hasFocus():
            break
        shelved.opened.qtbot.keyClick(shelved.opened.window.focusWidget(), Qt.Key.Key_Tab)
    assert shelved.row("pets@2").use.hasFocus()
    shelved.opened.qtbot.keyClick(shelved.row("pets@2").use, Qt.Key.Key_Space)
    shelved.opened.settle()
    shelved.opened.key(Qt.Key.Key_Return)
    shelved.opened.wait(lambda: shelved.active == "pets@2")
    shelved.opened.wait(lambda: shelved.row("pets@2").entry.active)
    shelved.opened.settle()
    assert shelved.row("pets@2").details.hasFocus()


def test_that_whatever_can_be_pressed_has_a_name_and_a_tip(shelved: Shelved) -> None:
    shelved.show()
    shelved.click(shelved.row("pets@2").details)
    assert nameless(shelved.page) == []
    shelved.click(shelved.row("pets@2").use)
    assert nameless(shelved.page) == []


def test_that_photos_dropped_here_go_to_predict(shelved: Shelved, tmp_path: Path) -> None:
    shelved.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(solid(tmp_path / "red.png", RED)))])
    assert shelved.opened.drop(mime)
    shelved.opened.wait(lambda: shelved.opened.page.single.answer is not None)
    assert shelved.opened.window.pages.currentWidget() is shelved.opened.page


def test_that_a_damaged_model_is_named_and_the_others_are_there(shelved: Shelved) -> None:
    (shelved.first.folder / "card.json").write_text("{", encoding="utf-8")
    shelved.show()
    assert "damaged" in shelved.page.damaged.text.text()
    assert shelved.page.damaged.hint.text()
    assert shelved.page.row("pets@2") is not None
    assert shelved.page.row("pets@1") is None


def test_that_a_shelf_that_cannot_be_read_can_be_tried_again(shelved: Shelved, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise FolderError("The shelf may not be read.", "Check its permissions.")

    with monkeypatch.context() as patched:
        patched.setattr(shelved.whisker.shelf, "list", refuse)
        shelved.opened.window.show_page("models")
        shelved.opened.settle()
    assert shelved.page.message.text.text() == "The shelf may not be read."
    shelved.click(shelved.page.message.action)
    assert len(shelved.page.cards) == 3


def test_that_two_columns_stand_side_by_side_where_there_is_room(shelved: Shelved) -> None:
    shelved.show()
    shelved.opened.window.resize(1920, 1080)
    shelved.opened.wait(lambda: shelved.page.cards[1].x() > shelved.page.cards[0].x())
    shelved.opened.window.resize(960, 640)
    shelved.opened.wait(lambda: shelved.page.cards[1].x() == shelved.page.cards[0].x())
    assert shelved.page.cards[0].width() <= shelved.page.area.viewport().width()
