from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt

from gui.problems import Toast
from gui.teach.page import RECIPE, RESULT, TRAINING
from tests.bundles import BLUE, RED, solid
from tests.gui.teach.conftest import PREPARED, Taught, finished, to_result


def test_that_a_result_whose_model_is_gone_already_is_said_with_what_is_known(
    taught: Taught, photos: Path, tmp_path: Path
) -> None:
    taught.open(photos)
    taught.begin()
    event = finished(taught, photos, tmp_path)
    taught.opened.whisker.shelf.remove("pets@1")
    taught.trainer.feed(PREPARED, event)
    taught.wait(lambda: taught.page.step == RESULT and not taught.page.teaching.running)
    taught.settle()
    result = taught.page.result
    assert result.headline.text().startswith("7 of 8 right")
    result.use.click()
    taught.wait(result.message.isVisible)
    taught.settle()


def test_that_the_result_is_a_sentence_and_the_model_can_be_used_and_taken_back(
    taught: Taught, photos: Path, tmp_path: Path
) -> None:
    to_result(taught, photos, tmp_path)
    result = taught.page.result
    assert result.headline.text() == "7 of 8 right on photos it never saw: too few to tell"
    result.use.click()
    taught.wait(lambda: taught.opened.whisker.shelf.active.reference == "pets@1")
    taught.settle()
    assert result.use.text() == "In use"
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    toast.undo.click()
    taught.wait(lambda: taught.opened.whisker.shelf.active.name == "cats-dogs")
    taught.settle()


def test_that_flipped_answers_are_shown_where_there_is_another_model(
    taught: Taught, photos: Path, tmp_path: Path
) -> None:
    comparison = {
        "with": "cats-dogs@1",
        "verdict": "no difference",
        "p_value": 0.5,
        "only_new_right": 2,
        "only_old_right": 0,
        "images": 8,
    }
    to_result(taught, photos, tmp_path, comparison)
    result = taught.page.result
    assert result.against.text().startswith("No clear difference from cats-dogs v1")
    result.views.chips[4].click()
    assert len(result.views.flips.grid.photos.shots) == 2


def test_that_a_cell_shows_its_photos_and_a_mistake_is_relabelled_there_and_taught_again(
    taught: Taught, photos: Path, tmp_path: Path
) -> None:
    to_result(taught, photos, tmp_path)
    result, lesson = taught.page.result, taught.page.lesson
    assert [shot.path for shot in result.views.mistakes.grid.photos.shots] == [photos / "dog" / "0.png"]
    result.views.chips[1].click()
    view = result.views.confusion
    inside = view.visualRect(view.counts.index(1, 0)).center()
    taught.opened.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=inside)
    assert view.current == (1, 0)
    cell = result.views.cell
    assert cell.title.text() == "1 of 4 photos of dog were called cat"
    cell.relabel.click()
    cell.picker.search.setText("cat")
    taught.opened.qtbot.keyClick(cell.picker.search, Qt.Key.Key_Return)
    taught.wait(lambda: lesson.labels[photos / "dog" / "0.png"] == "cat")
    taught.settle()
    assert result.again.text() == "Train again with my 1\u00a0fix"
    fixed = cell.grid.photos.index(0, 0)
    assert "now cat" in fixed.data(Qt.ItemDataRole.AccessibleTextRole)
    toast = taught.opened.window.findChild(Toast)
    toast.undo.click()
    taught.wait(lambda: lesson.labels[photos / "dog" / "0.png"] == "dog")
    assert result.again.text() == "Train again"
    assert "labelled dog" in fixed.data(Qt.ItemDataRole.AccessibleTextRole)
    cell.leave.click()
    taught.wait(lambda: photos / "dog" / "0.png" not in lesson.labels)
    taught.settle()
    assert result.again.text() == "Train again with my 1\u00a0fix"
    assert "left out" in fixed.data(Qt.ItemDataRole.AccessibleTextRole)
    result.again.click()
    taught.wait(lambda: len(taught.trainer.runs) == 2)
    assert taught.page.step == TRAINING
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_what_it_looked_at_can_be_laid_over_the_mistakes(taught: Taught, photos: Path, tmp_path: Path) -> None:
    to_result(taught, photos, tmp_path)
    views = taught.page.result.views
    views.why.click()
    taught.wait(lambda: views.mistakes.grid.photos.heat)
    views.why.click()
    assert not views.mistakes.grid.photos.heat
    taught.settle()


def test_that_a_discarded_model_comes_back_by_undo(taught: Taught, photos: Path, tmp_path: Path) -> None:
    to_result(taught, photos, tmp_path)
    taught.page.result.discard.click()
    taught.wait(lambda: taught.page.step == RECIPE)
    shelf = taught.opened.whisker.shelf
    assert not [entry for entry in shelf.list() if entry.name == "pets"]
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    toast.undo.click()
    taught.wait(lambda: taught.page.step == RESULT)
    assert [entry.reference for entry in shelf.list() if entry.name == "pets"] == ["pets@1"]
    taught.settle()


def test_that_of_a_matrix_of_a_thousand_classes_only_what_is_in_sight_is_painted(
    taught: Taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gui.teach import confusion_view

    painted: list[tuple[int, int]] = []
    paint = confusion_view._Cells.paint

    def count(cells: confusion_view._Cells, painter: Any, option: Any, index: QModelIndex) -> None:
        painted.append((index.row(), index.column()))
        paint(cells, painter, option, index)

    monkeypatch.setattr(confusion_view._Cells, "paint", count)
    view = confusion_view.ConfusionView(taught.opened.desk.theme)
    taught.opened.qtbot.addWidget(view)
    view.resize(700, 500)
    names = [f"thing {number}" for number in range(1000)]
    view.show_matrix(names, [[int(row == column) for column in range(1000)] for row in range(1000)])
    view.show()
    taught.wait(lambda: painted)
    painted.clear()
    view.verticalScrollBar().setValue(4000)
    view.viewport().repaint()
    in_sight = (700 // view.cell + 2) * (500 // view.cell + 2)
    assert 0 < len(painted) <= in_sight
    view.choose(999, 999)
    assert view.current == (999, 999)
    assert view.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole) == "1 of 1 photos of thing 999 were known"


def test_that_before_it_is_used_the_result_says_what_would_change_on_recent_photos(
    taught: Taught, photos: Path, tmp_path: Path
) -> None:
    for name, colour in (("red", RED), ("blue", BLUE)):
        taught.opened.whisker.classify(solid(tmp_path / f"{name}.png", colour), origin="window")
    to_result(taught, photos, tmp_path)
    result = taught.page.result
    taught.wait(lambda: result.recent.isVisible() and not result.views.recent.run.running)
    # The new model answers as the one in use does: red is a cat, blue a dog.
    assert result.recent.text() == "On your recent photos: none of 2 answers would change"
    result.recent.click()
    assert result.views.stack.currentWidget() is result.views.recent
    assert result.views.chips[-1].isChecked()


def test_that_without_recent_photos_the_result_speaks_of_none(taught: Taught, photos: Path, tmp_path: Path) -> None:
    to_result(taught, photos, tmp_path)
    taught.settle()
    assert taught.page.result.recent.isHidden()
    assert taught.page.result.views.chips[-1].isHidden()


def test_that_in_a_low_window_the_words_give_way_to_the_proof(taught: Taught, photos: Path, tmp_path: Path) -> None:
    to_result(taught, photos, tmp_path)
    result, window = taught.page.result, taught.opened.window
    outcome = result.outcome
    assert outcome is not None
    result._on_outcome(replace(outcome, notes=("One.", "Two.", "Three.")))
    assert result.notes.text() == "One.\nTwo.\nThree."
    roomy = result.views.y()
    window.resize(window.minimumSize())
    taught.wait(lambda: result.notes.text() == "One.  And 2 more.")
    taught.wait(lambda: result.views.y() < roomy)
    assert result.notes.toolTip() == "One.\nTwo.\nThree."
    taught.settle()


def test_that_the_matrix_stands_where_it_should_in_every_size(taught: Taught, photos: Path, tmp_path: Path) -> None:
    to_result(taught, photos, tmp_path)
    views, window = taught.page.result.views, taught.opened.window
    views.show_view(1)
    for width, height in ((1920, 1080), (960, 640), (1280, 800)):
        window.resize(width, height)
        taught.wait(lambda: views.confusion.viewport().y() >= views.confusion.horizontalHeader().height())
    taught.settle()
