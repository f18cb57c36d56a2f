from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from tests.bundles import BLUE, GREY, RED, solid
from tests.gui.models.conftest import LEFT, Shelved


def test_that_using_a_model_shows_first_what_would_change_and_can_be_undone(shelved: Shelved, tmp_path: Path) -> None:
    for name, colour in {"red": RED, "blue": BLUE, "grey": GREY}.items():
        shelved.whisker.classify(solid(tmp_path / f"{name}.png", colour), origin="window")
    shelved.whisker.correct(shelved.whisker.history.recent(3)[2].id, "cat")
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    view = shelved.page.compare
    assert shelved.page.stack.currentWidget() is view
    assert view.replay.headline.text() == "2 of 3 answers would change"
    assert view.replay.line.text() == "Of 1\u00a0photo whose answer you confirmed, 1 right before and 0 after."
    assert "Too close to tell" in view.verdict.text()
    assert view.use.text() == "Use Pets v2"
    assert shelved.active == "cats-dogs@1"
    shelved.click(view.use)
    assert shelved.active == "pets@2"
    assert shelved.toast == "Pets v2 answers now"
    shelved.opened.wait(lambda: shelved.row("pets@2").entry.active)
    shelved.undo()
    assert shelved.active == "cats-dogs@1"


def test_that_confirmed_answers_are_not_counted_together_with_corrected_ones(shelved: Shelved, tmp_path: Path) -> None:
    for name, colour in {"red": RED, "blue": BLUE, "sea": BLUE}.items():
        row, prediction = shelved.whisker.classify(solid(tmp_path / f"{name}.png", colour), origin="window")
        assert row is not None
        shelved.whisker.correct(row, "cat" if name == "sea" else prediction.predicted_class)
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    line = shelved.page.compare.replay.line.text().replace("\u00a0", " ")
    assert line == (
        "Of 2 photos whose answer you confirmed, 2 right before and 0 after. "
        "Of 1 photo whose answer you corrected, 0 right before and 1 after."
    )


def test_that_escape_leads_back_and_stops_the_asking(shelved: Shelved, tmp_path: Path) -> None:
    for number in range(30):
        shelved.whisker.classify(solid(tmp_path / f"{number}.png", (200, number, 0), (800, 800)), origin="window")
    shelved.show()
    shelved.opened.qtbot.mouseClick(shelved.row("pets@2").use, LEFT)
    assert shelved.page.compare.replay.run.running
    shelved.opened.key(Qt.Key.Key_Escape)
    assert not shelved.page.compare.replay.run.running
    assert shelved.page.stack.currentWidget() is shelved.page.area
    assert shelved.row("pets@2").use.hasFocus()


def test_that_the_asking_can_be_cancelled_and_what_was_found_stays(shelved: Shelved, tmp_path: Path) -> None:
    for number in range(30):
        shelved.whisker.classify(solid(tmp_path / f"{number}.png", (200, number, 0), (800, 800)), origin="window")
    shelved.show()
    shelved.opened.qtbot.mouseClick(shelved.row("pets@2").use, LEFT)
    shelved.opened.wait(lambda: shelved.page.compare.replay.run.done > 0)
    if shelved.page.compare.replay.run.running:
        shelved.opened.qtbot.mouseClick(shelved.page.compare.replay.cancel, LEFT)
        assert "Stopped at" in shelved.page.compare.replay.line.text()
    assert not shelved.page.compare.replay.cancel.isVisible()
    shelved.opened.settle()


def test_that_two_others_are_compared_from_the_menu_and_no_photos_is_said(shelved: Shelved) -> None:
    shelved.show()
    shelved.choose(shelved.row("pets@1"), "Compare with", "Pets v2")
    shelved.opened.settle()
    view = shelved.page.compare
    assert view.title.full_text == "Pets v2  →  Pets v1"
    assert view.replay.headline.text() == "No recent photos to compare on"
    shelved.click(view.back)
    shelved.choose(shelved.row("pets@1"), "Compare with", "Things v1")
    assert "different classes" in view.verdict.text()
    shelved.opened.settle()


def test_that_a_model_removed_meanwhile_ends_the_comparison_with_a_line(shelved: Shelved) -> None:
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    shelved.whisker.shelf.remove("pets@2")
    shelved.opened.wait(lambda: shelved.page.stack.currentWidget() is shelved.page.area)
    assert shelved.page.message.text.text() == "Pets v2 is no longer on the shelf."


def test_that_a_model_whose_files_vanished_cannot_be_used_and_says_why(shelved: Shelved) -> None:
    shelved.show()
    (shelved.second.folder / "model.onnx").unlink()
    shelved.click(shelved.row("pets@2").use)
    shelved.click(shelved.page.compare.use)
    assert "no readable model" in shelved.page.message.text.text()
    assert shelved.active == "cats-dogs@1"
