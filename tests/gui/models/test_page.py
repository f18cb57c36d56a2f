from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu

from engine.errors import FolderError, TrainingCancelled
from engine.model_shelf import Entry
from gui.models.page import ModelsPage
from gui.models.version_row import VersionRow
from gui.problems import Toast
from tests.bundles import BLUE, GREY, RED, make_bundle, solid
from tests.gui.conftest import Opened


def nameless(page: ModelsPage) -> list[QAbstractButton]:
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisible()]
    return [button for button in buttons if not button.accessibleName() or not button.toolTip()]


LEFT = Qt.MouseButton.LeftButton


class Shelved:
    """The Models page under test, with `pets` in two versions; the second takes red for a dog and blue for a cat."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.whisker = opened.whisker
        self.page: ModelsPage = opened.window.page("models")  # type: ignore[assignment]
        self.first = self.publish(("cat", "dog"))
        self.second = self.publish(("dog", "cat"))

    def publish(self, classes: tuple[str, ...]) -> Entry:
        shelf = self.whisker.shelf
        return shelf.publish(make_bundle(shelf.stage(), classes, name="pets", title="Pets"), "pets")

    def show(self) -> None:
        self.opened.window.show_page("models")
        self.opened.wait(lambda: self.page.cards and all(card.isVisible() for card in self.page.cards))
        self.opened.settle()

    def row(self, reference: str) -> VersionRow:
        found = self.page.row(reference)
        assert found is not None
        return found

    def choose(self, row: VersionRow, *words: str) -> None:
        """Press these in its menu, one in the other."""
        menu = row.menu()
        for word in words:
            action = next(action for action in menu.actions() if action.text().startswith(word))
            inner = action.menu()
            if isinstance(inner, QMenu):
                menu = inner
            else:
                action.trigger()

    def click(self, button: object) -> None:
        self.opened.qtbot.mouseClick(button, LEFT)
        self.opened.settle()

    def undo(self) -> None:
        toast = self.opened.window.findChild(Toast)
        assert toast is not None
        self.click(toast.undo)

    @property
    def toast(self) -> str:
        toast = self.opened.window.findChild(Toast)
        assert toast is not None
        return toast.text.text() if toast.isVisible() else ""

    @property
    def active(self) -> str:
        return self.whisker.shelf.active.reference

    def answer_dialog(self, chosen: list[Path]) -> None:
        dialog = self.page.findChild(QFileDialog)
        assert dialog is not None
        dialog.filesSelected.emit([str(path) for path in chosen])
        dialog.reject()
        self.opened.settle()


@pytest.fixture
def shelved(opened: Opened) -> Iterator[Shelved]:
    under_test = Shelved(opened)
    yield under_test
    opened.settle()


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


def test_that_using_a_model_shows_first_what_would_change_and_can_be_undone(shelved: Shelved, tmp_path: Path) -> None:
    for name, colour in {"red": RED, "blue": BLUE, "grey": GREY}.items():
        shelved.whisker.classify(solid(tmp_path / f"{name}.png", colour), origin="window")
    shelved.whisker.correct(shelved.whisker.history.recent(3)[2].id, "cat")
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    view = shelved.page.compare
    assert shelved.page.stack.currentWidget() is view
    assert view.replay.headline.text() == "2 of 3 answers would change"
    assert view.replay.line.text() == "Of 1\u00a0photo you labelled, 1 right before and 0 after."
    assert "Too close to tell" in view.verdict.text()
    assert view.use.text() == "Use Pets v2"
    assert shelved.active == "cats-dogs@1"
    shelved.click(view.use)
    assert shelved.active == "pets@2"
    assert shelved.toast == "Pets v2 answers now"
    shelved.opened.wait(lambda: shelved.row("pets@2").entry.active)
    shelved.undo()
    assert shelved.active == "cats-dogs@1"


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


def test_that_rolling_back_is_offered_once_there_is_an_earlier_one(shelved: Shelved) -> None:
    shelved.show()
    assert not shelved.page.roll_back.isEnabled()
    shelved.whisker.shelf.activate("pets@1")
    shelved.opened.wait(shelved.page.roll_back.isEnabled)
    shelved.click(shelved.page.roll_back)
    assert shelved.active == "cats-dogs@1"
    shelved.opened.wait(lambda: not shelved.page.roll_back.isEnabled())


def test_that_removing_can_be_undone_and_built_in_ones_offer_no_removing(shelved: Shelved) -> None:
    shelved.show()
    words = [action.text() for action in shelved.row("cats-dogs@1").menu().actions()]
    assert "Remove" not in words
    assert "Built in: it stays" in words
    shelved.choose(shelved.row("pets@1"), "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    assert shelved.toast == "Pets v1 was removed"
    shelved.undo()
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is not None)


def test_that_the_page_has_the_keyboard_when_the_row_that_had_it_is_gone(shelved: Shelved) -> None:
    shelved.show()
    row = shelved.row("pets@1")
    row.use.setFocus()
    shelved.choose(row, "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    assert shelved.opened.window.focusWidget() is shelved.page


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


def test_that_an_export_lands_in_the_chosen_folder_and_a_second_one_overwrites_nothing(
    shelved: Shelved, tmp_path: Path
) -> None:
    shelved.show()
    for _ in range(2):
        shelved.choose(shelved.row("pets@1"), "Export as", "Keras")
        shelved.answer_dialog([tmp_path])
    assert (tmp_path / "pets-1.keras").is_file()
    assert "is there already" in shelved.page.message.text.text()
    assert not shelved.opened.desk.jobs.running


def test_that_an_export_that_takes_long_is_shown_and_can_be_cancelled_on_the_page(
    shelved: Shelved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = threading.Event()

    def convert(reference: str, folder: Path, form: str, *, cancel: threading.Event) -> Path:
        assert cancel.wait(10)
        cancelled.set()
        raise TrainingCancelled("Cancelled.")

    shelved.show()
    monkeypatch.setattr(shelved.whisker.shelf, "export", convert)
    shelved.page.actions_of_shelf.export(shelved.first, tmp_path, "tflite")
    busy = shelved.page.busy
    assert busy.isVisible()
    assert busy.said.full_text == "Exporting Pets v1…"
    assert shelved.opened.window.status.jobs.text() == "Exporting Pets v1"
    assert nameless(shelved.page) == []
    shelved.click(busy.cancel)
    assert cancelled.is_set()
    assert not busy.isVisible()
    assert not shelved.opened.desk.jobs.running
    assert shelved.toast == "Exporting Pets v1: cancelled"
    assert not shelved.page.message.isVisible()


def test_that_an_onnx_kit_is_a_folder_of_its_own(shelved: Shelved, tmp_path: Path) -> None:
    shelved.show()
    shelved.choose(shelved.row("pets@2"), "Export as", "ONNX kit")
    shelved.answer_dialog([tmp_path])
    assert (tmp_path / "pets-2" / "model.onnx").is_file()
    assert shelved.toast == f"Saved pets-2 in {tmp_path.name}"


def test_that_a_lone_onnx_file_of_another_program_is_answered_with_what_it_takes(
    shelved: Shelved, tmp_path: Path
) -> None:
    (tmp_path / "resnet.onnx").write_bytes(b"from elsewhere")
    shelved.show()
    shelved.page.import_models([tmp_path / "resnet.onnx"])
    shelved.opened.settle()
    assert "names its classes, one a line" in shelved.page.message.hint.text()


def test_that_a_dropped_bundle_is_imported_and_undo_takes_it_off_again(shelved: Shelved, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "birds", ("robin", "wren"), title="Birds")
    shelved.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(bundle))])
    assert shelved.opened.drop(mime)
    shelved.opened.wait(lambda: shelved.page.row("birds@1") is not None)
    shelved.opened.settle()
    assert shelved.toast == "Birds v1 is on the shelf"
    shelved.undo()
    shelved.opened.wait(lambda: shelved.page.row("birds@1") is None)


@pytest.mark.parametrize(
    "spoil", [lambda folder: (folder / "card.json").unlink(), lambda folder: shutil.rmtree(folder)]
)
def test_that_a_broken_import_is_said_and_leaves_the_shelf_as_it_was(
    shelved: Shelved, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    bundle = make_bundle(tmp_path / "birds")
    (bundle / "model.onnx").write_bytes(b"no model")
    spoil(bundle)
    shelved.show()
    shelved.page.import_models([bundle])
    shelved.opened.settle()
    assert shelved.page.message.isVisible()
    assert len(shelved.page.cards) == 3


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


def test_that_two_columns_stand_side_by_side_where_there_is_room(shelved: Shelved) -> None:
    shelved.show()
    shelved.opened.window.resize(1920, 1080)
    shelved.opened.wait(lambda: shelved.page.cards[1].x() > shelved.page.cards[0].x())
    shelved.opened.window.resize(960, 640)
    shelved.opened.wait(lambda: shelved.page.cards[1].x() == shelved.page.cards[0].x())
    assert shelved.page.cards[0].width() <= shelved.page.area.viewport().width()
