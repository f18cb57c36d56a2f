from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.training.plan import Recipe
from gui.teach.page import IMAGES, RECIPE, RESULT
from tests.gui.teach.conftest import PREPARED, Taught, finished


def test_that_the_light_edition_says_that_it_cannot_teach(taught: Taught, photos: Path) -> None:
    taught.trainer.there = False
    taught.page.started()
    taught.wait(lambda: not taught.page.available)
    assert taught.page.images.empty.title.text() == "Training needs the full edition"
    assert not taught.page.images.empty.browse.isVisible()


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


def test_that_a_recipe_without_a_card_stays_in_sight_with_its_time(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    taught.settle()
    recipe = taught.page.recipe
    assert recipe.fold.text() == "Expert settings  ▸"
    recipe.fold.click()
    choice = recipe.expert.recipe
    choice.setFocus()
    # As by hand: the list of recipes is stepped through with the arrows.
    while choice.currentData() is not Recipe.VGG16:
        taught.opened.qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert recipe.recipe is Recipe.VGG16
    for end in ("▾", "▸"):
        assert recipe.fold.text().startswith("Expert settings · VGG16 · about ")
        assert recipe.fold.text().endswith(f" on this computer  {end}")
        recipe.fold.click()
    assert recipe.fold.accessibleName().startswith("Expert settings, VGG16, about ")
    assert "VGG16: About " in recipe.fold.toolTip()
    recipe.cards[Recipe.QUICK].click()
    assert recipe.fold.text() == "Expert settings  ▾"
    taught.settle()


def test_that_a_model_without_a_name_is_not_started(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    taught.page.recipe.name.clear()
    taught.page.recipe.name.textEdited.emit("")
    assert not taught.page.next.isEnabled()
    assert taught.page.recipe.wrong.isVisible()
    taught.settle()


def test_that_a_recipe_whose_weights_are_not_here_asks_for_the_download_before_start(
    taught: Taught, photos: Path
) -> None:
    taught.open(photos)
    taught.page.next.click()
    recipe = taught.page.recipe
    recipe.fold.click()
    recipe.expert.recipe.setFocus()
    while recipe.recipe is not Recipe.VGG16:
        taught.opened.qtbot.keyClick(recipe.expert.recipe, Qt.Key.Key_Down)
    taught.wait(recipe.lacking.isVisible)
    assert "59 MB" in recipe.lacking.text()
    assert "Tick the download" in recipe.lacking.text()
    assert not recipe.wrong.isVisible()
    assert not taught.page.next.isEnabled()
    recipe.expert.fetch.setFocus()
    taught.opened.qtbot.keyClick(recipe.expert.fetch, Qt.Key.Key_Space)
    assert not recipe.lacking.isVisible()
    assert taught.page.next.isEnabled()
    taught.opened.qtbot.keyClick(recipe.expert.fetch, Qt.Key.Key_Space)
    assert recipe.lacking.isVisible()
    recipe.cards[Recipe.QUICK].click()
    assert not recipe.lacking.isVisible()
    assert taught.page.next.isEnabled()
    taught.settle()


@pytest.mark.parametrize("name", ["cats-dogs", "Cats-Dogs", " cats-dogs "])
def test_that_the_name_of_a_model_that_came_with_whisker_is_refused_under_it(
    taught: Taught, photos: Path, name: str
) -> None:
    taught.open(photos)
    taught.page.next.click()
    recipe = taught.page.recipe
    recipe.name.selectAll()
    taught.opened.qtbot.keyClicks(recipe.name, name)
    taught.wait(recipe.wrong.isVisible)
    assert recipe.wrong.text() == "cats-dogs came with Whisker and stays as it is. Choose another name."
    below = recipe.wrong.mapTo(recipe, recipe.wrong.rect().topLeft()).y()
    assert below < recipe.cards[Recipe.QUICK].mapTo(recipe, recipe.wrong.rect().topLeft()).y()
    assert not taught.page.next.isEnabled()
    taught.opened.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not taught.trainer.plans
    taught.opened.qtbot.keyClicks(recipe.name, "2")
    assert not recipe.wrong.isVisible()
    assert taught.page.next.isEnabled()
    taught.settle()


@pytest.mark.parametrize("enter", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_that_each_enter_key_leads_on_with_ctrl(taught: Taught, photos: Path, enter: Qt.Key) -> None:
    taught.open(photos)
    assert taught.page.next.toolTip() == "Go on (Ctrl+Enter)"
    taught.opened.key(enter, Qt.KeyboardModifier.ControlModifier)
    assert taught.page.step == RECIPE
    taught.settle()


def test_that_closing_the_window_asks_once_and_ends_cleanly(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    assert not taught.opened.window.close()
    assert taught.page.message.action.hasFocus()
    assert taught.page.message.isVisible()
    assert taught.page.teaching.running
    assert QApplication.activeModalWidget() is None
    taught.page.message.action.click()
    assert not taught.opened.window.isVisible()
    assert run.cancels
    assert not taught.page.teaching.running


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
