from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl

from engine.errors import TrainingCancelled
from gui.problems import Toast
from tests.bundles import make_bundle
from tests.gui.models.conftest import Shelved
from tests.gui.names import nameless

UNDO = (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


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


def test_that_ctrl_z_brings_back_one_removed_model_after_the_other_when_the_toast_is_gone(shelved: Shelved) -> None:
    shelved.show()
    for reference in ("pets@1", "pets@2"):
        shelved.choose(shelved.row(reference), "Remove")
        shelved.opened.wait(lambda gone=reference: shelved.page.row(gone) is None)
        shelved.opened.settle()
    toast = shelved.opened.window.findChild(Toast)
    assert toast is not None
    toast.hide()
    for reference, words in (("pets@2", "Pets v2"), ("pets@1", "Pets v1")):
        shelved.opened.key(*UNDO)
        shelved.opened.wait(lambda back=reference: shelved.page.row(back) is not None)
        shelved.opened.settle()
        assert shelved.toast == f"{words} is back on the shelf"
        assert not toast.undo.isVisible()
    shelved.opened.key(*UNDO)
    shelved.opened.settle()
    assert not shelved.page.message.isVisible()
    assert shelved.page.row("cats-dogs@1") is not None


def test_that_ctrl_z_takes_back_what_the_toast_offers_and_what_was_done_before_it(shelved: Shelved) -> None:
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    shelved.click(shelved.page.compare.use)
    shelved.opened.wait(lambda: shelved.row("pets@2").entry.active)
    shelved.choose(shelved.row("pets@1"), "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    shelved.page.actions_of_shelf.retitle("pets", "Friends")
    shelved.opened.wait(lambda: shelved.page.cards[0].title.text() == "Friends")
    shelved.opened.settle()
    shelved.opened.key(*UNDO)
    shelved.opened.wait(lambda: shelved.page.cards[0].title.text() == "Pets")
    shelved.opened.settle()
    assert shelved.toast == "Renamed back to Pets"
    shelved.opened.key(*UNDO)
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is not None)
    shelved.opened.settle()
    shelved.opened.key(*UNDO)
    shelved.opened.wait(lambda: shelved.active == "cats-dogs@1")
    shelved.opened.settle()
    assert shelved.toast == "Cats dogs v1 answers again"


def test_that_ctrl_z_does_not_overrule_a_model_that_was_chosen_since(shelved: Shelved) -> None:
    shelved.show()
    shelved.click(shelved.row("pets@2").use)
    shelved.click(shelved.page.compare.use)
    shelved.opened.wait(lambda: shelved.row("pets@2").entry.active)
    shelved.whisker.shelf.activate("things@1")
    shelved.opened.wait(lambda: shelved.row("things@1").entry.active)
    shelved.opened.key(*UNDO)
    shelved.opened.settle()
    assert shelved.active == "things@1"
    assert shelved.page.message.text.text() == "Pets v2 answers no longer."
    shelved.choose(shelved.row("pets@1"), "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    assert not shelved.page.message.isVisible()


def test_that_when_the_one_that_answers_is_removed_it_is_said_which_answers_instead(shelved: Shelved) -> None:
    shelved.show()
    shelved.whisker.shelf.activate("pets@1")
    shelved.opened.wait(shelved.page.roll_back.isEnabled)
    shelved.choose(shelved.row("pets@1"), "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    assert shelved.active == "cats-dogs@1"
    assert shelved.toast.startswith("Pets v1 was removed; ")
    assert shelved.toast.endswith(" v1 answers now")
    shelved.undo()
    shelved.opened.wait(lambda: shelved.active == "pets@1")
    shelved.opened.settle()


def test_that_the_page_has_the_keyboard_when_the_row_that_had_it_is_gone(shelved: Shelved) -> None:
    shelved.show()
    row = shelved.row("pets@1")
    row.use.setFocus()
    shelved.choose(row, "Remove")
    shelved.opened.wait(lambda: shelved.page.row("pets@1") is None)
    shelved.opened.settle()
    assert shelved.opened.window.focusWidget() is shelved.page


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


def test_that_a_dropped_tensorflow_lite_model_is_called_what_it_is(shelved: Shelved, tmp_path: Path) -> None:
    (tmp_path / "birds.tflite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(64))
    shelved.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "birds.tflite"))])
    assert shelved.opened.drop(mime)
    shelved.opened.settle()
    assert shelved.page.message.text.text().startswith("birds.tflite is a TensorFlow Lite file")
    assert "Export it as ONNX" in shelved.page.message.hint.text()


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


def test_that_a_copy_of_a_model_that_came_with_whisker_is_said_to_be_there_already(
    shelved: Shelved, tmp_path: Path
) -> None:
    shelved.show()
    shelved.page.import_models([make_bundle(tmp_path / "cats-dogs")])
    shelved.opened.settle()
    assert shelved.page.message.text.text() == "cats-dogs came with Whisker and stays as it is."
    assert shelved.page.message.hint.text().startswith("It is on the shelf already.")
    assert len(shelved.page.cards) == 3


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
