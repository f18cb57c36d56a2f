from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt, QUrl
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.errors import TrainingBusy
from engine.training.evaluation import evaluate_predictions
from engine.training.events import Batch, Cancelled, Epoch, Exported, Failed, Finished, Notice, Prepared, Stage
from engine.training.plan import Recipe
from gui.problems import Toast
from gui.teach.page import IMAGES, RECIPE, RESULT, TRAINING
from tests.bundles import BLUE, RED, make_bundle, solid
from tests.gui.teach.conftest import Taught

PREPARED = Prepared(("cat", "dog"), 12, 2, 2, 0, ("A note.",), 9.0)


def finished(taught: Taught, photos: Path, tmp_path: Path, *, comparison: dict[str, Any] | None = None) -> Finished:
    """A published model of these classes whose proof says that dog/0 was taken for a cat."""
    shelf = taught.opened.whisker.shelf
    staged = make_bundle(shelf.stage() / "bundle", name="pets")
    paths = [photos / label / f"{at}.png" for label in ("cat", "dog") for at in range(4)]
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    said = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    probabilities = np.where(np.eye(2)[said] > 0, 0.9, 0.1).astype(np.float32)
    metrics = evaluate_predictions(probabilities, truth, ("cat", "dog"))
    rows = [
        {
            "path": str(path),
            "label": ("cat", "dog")[truth[at]],
            "predicted_class": ("cat", "dog")[said[at]],
            "confidence": 0.9,
            "flips": comparison is not None and at >= 6,
        }
        for at, path in enumerate(paths)
    ]
    part = {"low": 0.8, "high": 0.9, "count": 8, "confidence": 0.9, "accuracy": 0.875}
    proof = {"test": rows, "reliability": [part], "epochs": [], "comparison": comparison}
    (staged / "evaluation.json").write_text(json.dumps(proof), encoding="utf-8")
    entry = shelf.publish(staged, "pets", proved=True)
    return Finished(entry.name, entry.version, metrics, 3.0, comparison, ("Only 8 pictures were left to judge by.",))


def to_result(taught: Taught, photos: Path, tmp_path: Path, comparison: dict[str, Any] | None = None) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(
        PREPARED, Exported("int8", 0.0, 1.0, "fast"), finished(taught, photos, tmp_path, comparison=comparison)
    )
    taught.wait(lambda: taught.page.step == RESULT and not taught.page.teaching.running)
    taught.settle()


# Images


def test_that_the_empty_page_has_one_sentence_and_one_button(taught: Taught) -> None:
    assert taught.page.images.empty.isVisible()
    assert taught.page.images.empty.browse.isVisible()
    assert not taught.page.next.isVisible()


def test_that_the_light_edition_says_that_it_cannot_teach(taught: Taught, photos: Path) -> None:
    taught.trainer.there = False
    taught.page.started()
    taught.wait(lambda: not taught.page.available)
    assert taught.page.images.empty.title.text() == "Training needs the full edition"
    assert not taught.page.images.empty.browse.isVisible()


def test_that_dropped_folders_become_classes_and_the_trainer_is_warmed_up(taught: Taught, photos: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photos / label)) for label in ("cat", "dog")])
    assert taught.opened.drop(mime)
    taught.wait(lambda: taught.page.lesson.pictures == 16)
    taught.settle()
    assert taught.page.lesson.classes == ["cat", "dog"]
    assert taught.trainer.warmed
    assert taught.page.next.isEnabled()
    assert taught.page.images.line.text().startswith("2\u00a0classes")


def test_that_a_folder_without_pictures_is_said_in_its_place(taught: Taught, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    taught.page.lesson.add([tmp_path / "nothing"])
    taught.wait(taught.page.message.isVisible)
    assert "nothing" in taught.page.message.text.text()
    taught.settle()


def test_that_a_class_is_renamed_merged_and_left_out_and_each_is_undone(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    page, lesson = taught.page, taught.page.lesson
    page.images.model.setData(page.images.model.index(0), "kitten")
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    lesson.merge(["dog", "kitten"], "dog")
    taught.wait(lambda: lesson.classes == ["dog"])
    assert not page.next.isEnabled()
    lesson.undo()
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    page.images.list.setCurrentIndex(page.images.model.index(0))
    page.images.leave.click()
    taught.wait(lambda: lesson.classes == ["kitten"])
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    toast.undo.click()
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    lesson.undo()
    taught.wait(lambda: lesson.classes == ["cat", "dog"])
    assert len(list(photos.rglob("*.png"))) == 16
    taught.settle()


def test_that_photos_dropped_on_a_class_are_of_that_class(taught: Taught, photos: Path, tmp_path: Path) -> None:
    from tests.conftest import picture

    taught.open(photos)
    picture(999).save(tmp_path / "one.png")
    taught.page.images.list.dropped.emit("dog", [tmp_path / "one.png"])
    taught.wait(lambda: taught.page.lesson.labels.get(tmp_path / "one.png") == "dog")
    taught.settle()


def test_that_a_finding_is_looked_at_mended_and_the_mending_undone(taught: Taught, photos: Path) -> None:
    (photos / "dog" / "copy.png").write_bytes((photos / "dog" / "0.png").read_bytes())
    taught.open(photos)
    panel = taught.page.images.findings
    taught.wait(lambda: panel.cards)
    card = next(card for card in panel.cards if "twice" in card.accessibleName())
    card.look.click()
    assert len(taught.page.images.looking.grid.photos.shots) == 2
    taught.page.images.looking.back.click()
    card.fix.click()
    taught.wait(lambda: taught.page.lesson.pictures == 16)
    assert (photos / "dog" / "copy.png").is_file()
    taught.page.lesson.undo()
    taught.wait(lambda: taught.page.lesson.pictures == 17)
    taught.settle()


def test_that_corrected_photos_are_offered_and_included(taught: Taught, photos: Path, tmp_path: Path) -> None:
    tom = solid(tmp_path / "tom.png", RED)
    row, _ = taught.opened.whisker.classify(tom, origin="window")
    assert row is not None
    taught.opened.whisker.correct(row, "dog")
    taught.open(photos)
    offers = taught.page.images.findings.offers
    assert offers.isVisible()
    assert offers.buttons[0].accessibleName() == "Include 1\u00a0photo that you corrected"
    offers.buttons[0].click()
    taught.wait(lambda: taught.page.lesson.labels.get(tom) == "dog")
    taught.settle()
    assert not offers.isVisible()


def test_that_photos_sent_through_the_api_are_offered_and_can_be_the_beginning(taught: Taught) -> None:
    uploads = taught.opened.whisker.home.uploads
    for label, colour in (("cat", RED), ("dog", BLUE)):
        for at in range(3):
            solid(uploads / label / f"{label}{at}.png", colour, (48 + at, 40))
    taught.page.lesson.look_for_offers()
    empty = taught.page.images.empty
    taught.wait(lambda: empty.offers.buttons)
    assert empty.offers.isVisible()
    assert empty.offers.buttons[0].accessibleName() == "Include 6\u00a0photos sent through the API"
    empty.offers.buttons[0].click()
    taught.wait(lambda: taught.page.lesson.classes == ["cat", "dog"])
    taught.settle()
    assert taught.page.next.isEnabled()
    assert not taught.page.images.findings.offers.isVisible()
    taught.page.anew.click()
    taught.wait(lambda: empty.offers.isVisible())
    taught.settle()


# Recipe


def test_that_each_recipe_says_how_long_it_takes_and_experts_can_set_all(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    recipe = taught.page.recipe
    assert taught.page.step == RECIPE
    assert all(card.time.text().startswith("About") for card in recipe.cards.values())
    recipe.fold.click()
    assert recipe.expert.isVisible()
    recipe.cards[Recipe.FINETUNE].click()
    epochs = recipe.expert.fields["epochs"]
    epochs.setValue(7)  # type: ignore[attr-defined]
    recipe.name.setText("my pets")
    plan = recipe.plan()
    assert (plan.recipe, plan.epochs, plan.name, plan.learning_rate) == (Recipe.FINETUNE, 7, "my pets", None)
    recipe.expert.recipe_chosen.emit(Recipe.VGG16)
    assert recipe.plan().recipe is Recipe.VGG16
    assert not any(card.isChecked() for card in recipe.cards.values())
    taught.page.back.click()
    assert taught.page.step == IMAGES
    taught.settle()


def test_that_a_model_without_a_name_is_not_started(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    taught.page.recipe.name.clear()
    taught.page.recipe.name.textEdited.emit("")
    assert not taught.page.next.isEnabled()
    assert taught.page.recipe.wrong.isVisible()
    taught.settle()


# Training


def test_that_a_run_is_shown_live_and_in_the_status_bar_on_other_pages(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    training = taught.page.training
    taught.trainer.feed(
        PREPARED,
        Stage("looking", "Looking at each picture once: 3 of 16", 3, 16, 8.0),
        Notice("A word."),
        Batch(1, 1, 2, 0.7, 6.0),
        Epoch(1, 3, 0.7, 0.5, 0.6, 0.75, 1.0),
    )
    taught.wait(lambda: training.accuracies == [(0.5, 0.75)])
    assert training.stage.text() == "Learning: epoch 1 of 3"
    assert "A word." in training.notes.text()
    taught.wait(lambda: "left" in training.line.text())
    taught.opened.window.show_page("predict")
    assert taught.opened.window.status.jobs.text().startswith("Teaching pets")
    assert not training._timer.isActive()
    taught.opened.window.status.jobs.click()
    assert training.isVisible()
    training.fold.click()
    taught.wait(lambda: "Epoch 1" in training.log.toPlainText())
    training.cancel.click()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_cancelling_twice_is_as_good_as_once_and_the_wizard_goes_on(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    run.deaf = True
    taught.page.training.cancel.click()
    assert taught.page.training.cancel.text() == "Cancelling…"
    assert not taught.page.training.cancel.isEnabled()
    taught.page.teaching.cancel()
    taught.wait(lambda: "does not answer" in taught.page.training.stage.text())
    taught.trainer.feed(Cancelled("killed"))
    taught.wait(lambda: not taught.page.teaching.running)
    assert "cancelled" in taught.page.training.message.text.text()
    taught.page.back.click()
    assert taught.page.step == RECIPE
    assert taught.page.next.isEnabled()
    assert not taught.opened.desk.jobs.running
    taught.settle()


@pytest.mark.parametrize("first", [True, False])
def test_that_a_failure_is_a_sentence_with_the_logs_path(taught: Taught, photos: Path, first: bool) -> None:
    taught.open(photos)
    taught.begin()
    if not first:
        taught.trainer.feed(PREPARED, Epoch(1, 3, math.nan, 0.5, math.inf, math.nan, 1.0))
    taught.trainer.feed(Failed("training_died", "Training ended unexpectedly.", "The log says more.", "a/b.log"))
    taught.wait(lambda: not taught.page.teaching.running)
    message = taught.page.training.message
    assert message.text.text() == "Training ended unexpectedly."
    assert "a/b.log" in message.hint.text()
    assert taught.page.training.stage.text() == "No model was made"
    message.action.click()
    taught.wait(lambda: len(taught.trainer.runs) == 2)
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_a_child_that_ends_without_a_word_is_said_too(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(PREPARED, None)
    taught.wait(lambda: not taught.page.teaching.running)
    assert "without a word" in taught.page.training.message.text.text()
    assert str(taught.trainer.log) in taught.page.training.message.hint.text()
    taught.settle()


def test_that_a_loss_that_is_no_number_is_said_and_the_run_goes_on(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    training = taught.page.training
    taught.trainer.feed(PREPARED, Epoch(1, 3, math.nan, math.nan, math.inf, math.nan, 1.0))
    taught.wait(lambda: "no longer a number" in training.notes.text())
    taught.trainer.feed(Epoch(2, 3, 0.5, 0.8, 0.6, 0.75, 1.0))
    taught.wait(lambda: len(training.accuracies) == 2)
    training._draw()
    assert training._accuracy_value.text().startswith("75")
    run.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_events_in_no_order_and_an_end_that_nobody_asked_for_do_no_harm(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(
        Epoch(7, 3, 0.5, 0.8, 0.6, 0.75, 1.0),
        Batch(9, 4, 0, 0.1, None),
        Stage("looking", "Looking", 5, 0, None),
        Exported("int8", 0.0, 1.0, "fast"),
        PREPARED,
        Cancelled("asked"),
        Epoch(8, 3, 0.5, 0.8, 0.6, 0.75, 1.0),
    )
    taught.wait(lambda: not taught.page.teaching.running)
    training = taught.page.training
    assert training.message.text.text() == "Training was cancelled"
    assert len(training.accuracies) == 1
    taught.page.teaching.cancel()
    assert not taught.opened.desk.jobs.running
    taught.settle()


def test_that_cancelling_before_the_run_has_begun_ends_it_too(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    taught.page.next.click()
    taught.page.teaching.cancel()
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    assert taught.trainer.runs[0].cancels
    assert taught.page.training.message.text.text() == "Training was cancelled"
    taught.settle()


def test_that_a_run_that_failed_at_once_shows_no_empty_charts(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(Failed("out_of_memory", "The memory was not enough.", "Choose Quick.", "a/b.log"))
    taught.wait(lambda: not taught.page.teaching.running)
    training = taught.page.training
    assert not training._charts.isVisible()
    assert not training.bar.isVisible()
    training.message.action.click()
    taught.wait(lambda: len(taught.trainer.runs) == 2)
    assert training._charts.isVisible()
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


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


def test_that_a_refused_start_is_said(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.trainer.refuses = TrainingBusy("Another training is under way.", "Wait for it.")
    taught.page.next.click()
    taught.page.next.click()
    taught.wait(taught.page.training.message.isVisible)
    taught.wait(lambda: not taught.page.teaching.running)
    assert taught.page.training.message.text.text() == "Another training is under way."
    taught.settle()


def test_that_closing_the_window_asks_once_and_ends_cleanly(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    assert not taught.opened.window.close()
    assert taught.page.message.isVisible()
    assert taught.page.teaching.running
    assert QApplication.activeModalWidget() is None
    taught.page.message.action.click()
    assert not taught.opened.window.isVisible()
    assert run.cancels
    assert not taught.page.teaching.running


# Result


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


def test_that_the_keyboard_alone_leads_through_the_whole_wizard(taught: Taught, photos: Path, tmp_path: Path) -> None:
    """Nothing but keys, from another page to a model in use; only what the trainer says is fed."""
    control, none = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
    window, page = taught.opened.window, taught.page

    def tab_to(widget: Any) -> None:
        passed = []
        for _ in range(60):
            if QApplication.focusWidget() is widget:
                return
            press(Qt.Key.Key_Tab)
            passed.append(str(QApplication.focusWidget()))
        raise AssertionError(f"{widget.accessibleName()} cannot be reached by Tab, only {passed}")

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = none) -> None:
        # The offscreen platform has no window manager: what was shown meanwhile may have taken the activation.
        window.activateWindow()
        taught.wait(window.isActiveWindow)
        taught.opened.qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)

    window.activateWindow()
    window.setFocus()
    taught.wait(lambda: QApplication.focusWidget() is window)
    press(Qt.Key.Key_1, control)
    assert not page.isVisible()
    press(Qt.Key.Key_2, control)
    assert page.isVisible()
    press(Qt.Key.Key_O, control)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    taught.wait(lambda: dialog.focusWidget() is not None)
    # Pasted, because Qt's dialog completes what is typed slowly into something else.
    QApplication.clipboard().setText(str(photos))
    field = dialog.focusWidget()
    taught.opened.qtbot.keyClick(field, Qt.Key.Key_V, control)
    taught.opened.qtbot.keyClick(field, Qt.Key.Key_Return)
    taught.wait(lambda: page.lesson.pictures == 16)
    taught.settle()
    tab_to(page.images.list)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_F2)
    editor = QApplication.focusWidget()
    assert editor is not page.images.list
    taught.opened.qtbot.keyClicks(editor, "hound")
    taught.opened.qtbot.keyClick(editor, Qt.Key.Key_Return)
    taught.wait(lambda: "hound" in page.lesson.classes)
    taught.settle()
    press(Qt.Key.Key_Z, control)
    taught.wait(lambda: page.lesson.classes == ["cat", "dog"])
    taught.settle()
    tab_to(page.next)
    press(Qt.Key.Key_Space)
    assert page.step == RECIPE
    tab_to(page.recipe.cards[Recipe.CNN])
    press(Qt.Key.Key_Space)
    assert page.recipe.recipe is Recipe.CNN
    press(Qt.Key.Key_Return, control)
    taught.wait(lambda: taught.trainer.runs and page.teaching.running)
    assert QApplication.focusWidget() is page.training.cancel
    taught.trainer.feed(PREPARED, finished(taught, photos, tmp_path))
    taught.wait(lambda: page.step == RESULT and not page.teaching.running)
    taught.settle()
    tab_to(page.result.views.chips[1])
    press(Qt.Key.Key_Space)
    tab_to(page.result.views.confusion)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    assert page.result.views.confusion.current == (1, 0)
    tab_to(page.result.views.cell.grid)
    press(Qt.Key.Key_C)
    taught.opened.qtbot.keyClicks(QApplication.focusWidget(), "cat")
    press(Qt.Key.Key_Return)
    taught.wait(lambda: page.lesson.labels[photos / "dog" / "0.png"] == "cat")
    taught.settle()
    assert page.result.again.text() == "Train again with my 1\u00a0fix"
    tab_to(page.result.use)
    press(Qt.Key.Key_Space)
    taught.wait(lambda: taught.opened.whisker.shelf.active.reference == "pets@1")
    taught.settle()


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


def test_that_a_single_epoch_is_seen_as_a_dash(taught: Taught) -> None:
    from gui.teach.curve_chart import CurveChart

    chart = CurveChart(taught.opened.desk.theme, "Loss", share=False)
    taught.opened.qtbot.addWidget(chart)
    chart.show_curves([0.4], [0.5], 1)
    x, y = chart._validation.getData()
    assert len(x) == 2
    assert set(y) == {0.5}
    chart.show_curves([0.4, 0.3], [0.5, 0.4], 2)
    assert list(chart._validation.getData()[0]) == [1, 2]
