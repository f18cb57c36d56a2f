from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QFileDialog

from engine.errors import HistoryError
from tests.bundles import GREY, PURPLE, RED, solid
from tests.gui.review.conftest import Reviewing, classify

CTRL = Qt.KeyboardModifier.ControlModifier
HALF_A_SECOND = 150
"""So many pictures take about that long."""


def test_that_an_empty_history_says_what_to_do_and_a_folder_can_be_chosen(reviewing: Reviewing) -> None:
    reviewing.show()
    pause = reviewing.page.pause
    assert pause.title.text() == "Nothing to look at yet"
    assert pause.folder.isVisible()
    assert not pause.cancel.isVisible()


def test_that_an_unreadable_history_is_said_and_can_be_tried_again(
    reviewing: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HistoryError("The history is damaged.", "Start Whisker again.")

    with monkeypatch.context() as patched:
        patched.setattr(reviewing.opened.whisker.history, "least_sure", refuse)
        reviewing.show()
    pause = reviewing.page.pause
    assert pause.line.text() == "The history is damaged. Start Whisker again."
    reviewing.opened.qtbot.mouseClick(pause.more, Qt.MouseButton.LeftButton)
    reviewing.opened.settle()
    assert pause.title.text() == "Nothing to look at yet"


def test_that_a_dropped_folder_is_asked_about_and_looked_through(reviewing: Reviewing, tmp_path: Path) -> None:
    for name, colour in {"red": RED, "purple": PURPLE, "grey": GREY}.items():
        solid(tmp_path / "trip" / f"{name}.png", colour)
    (tmp_path / "trip" / "broken.png").write_bytes(b"no picture")
    reviewing.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "trip"))])
    assert reviewing.opened.drop(mime)
    reviewing.wait_for_a_photo()
    assert reviewing.opened.window.pages.currentWidget() is reviewing.page
    assert len(reviewing.page.queue) == 3
    assert reviewing.page.queue.all()[0].name == "grey.png"
    assert reviewing.page.look.guess.text() == "Not sure"
    assert "sure of, in trip" in reviewing.page.header.line.text()
    for _ in range(3):
        reviewing.wait_for_a_photo()
        reviewing.press(Qt.Key.Key_Return)
    assert "could not be opened" in reviewing.page.pause.line.text()
    # It had said that it does not know the grey one: that it is right about that makes it no cat and no dog.
    assert sorted(reviewing.labels) == ["purple.png", "red.png"]
    assert not reviewing.opened.desk.jobs.running


def test_that_a_folder_without_photos_says_so(reviewing: Reviewing, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    reviewing.show()
    reviewing.page.begin_folder([tmp_path / "empty"])
    reviewing.opened.settle()
    assert "no photo in empty" in reviewing.page.pause.line.text()
    reviewing.page.begin_folder([tmp_path / "not there"])
    reviewing.opened.settle()
    assert "is not there" in reviewing.page.pause.line.text()


def test_that_back_from_a_folder_that_failed_the_header_says_that_recent_photos_are_looked_through(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    page, window = reviewing.page, reviewing.opened.window
    reviewing.show()
    page.begin_folder([tmp_path / "trip"])
    reviewing.opened.settle()
    assert "is not there" in page.pause.line.text()
    window.show_page("predict")
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    assert page.header.line.text().endswith("was least sure of lately")


def test_that_a_folder_that_failed_can_be_tried_again(reviewing: Reviewing, tmp_path: Path) -> None:
    page = reviewing.page
    reviewing.show()
    page.begin_folder([tmp_path / "trip"])
    reviewing.opened.settle()
    solid(tmp_path / "trip" / "purple.png", PURPLE)
    reviewing.opened.qtbot.mouseClick(page.pause.more, Qt.MouseButton.LeftButton)
    reviewing.wait_for_a_photo()
    assert page.header.line.text().endswith("sure of, in trip")


def test_that_a_folder_dropped_while_the_model_loads_is_looked_through_once_it_has(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    solid(tmp_path / "trip" / "purple.png", PURPLE)
    classify(reviewing.opened, tmp_path, grey=GREY)
    reviewing.show()
    model = reviewing.opened.desk.model
    card, model.card = model.card, None
    model.changed.emit()
    reviewing.page.begin_folder([tmp_path / "trip"])
    assert reviewing.page.pause.title.text() == "Looking for photos"
    model.card = card
    model.changed.emit()
    reviewing.wait_for_a_photo()
    assert reviewing.page.header.line.text().endswith("sure of, in trip")


def test_that_the_looking_can_be_cancelled_and_what_was_answered_is_looked_through(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    for number in range(HALF_A_SECOND):
        solid(tmp_path / "big" / f"{number}.png", (number % 256, 0, 128), (700, 700))
    reviewing.show()
    reviewing.page.begin_folder([tmp_path / "big"])
    assert reviewing.opened.desk.jobs.running
    reviewing.opened.wait(
        lambda: reviewing.page.pause.bar.maximum() == HALF_A_SECOND and reviewing.page.pause.bar.value() > 0
    )
    reviewing.opened.qtbot.mouseClick(reviewing.page.pause.cancel, Qt.MouseButton.LeftButton)
    reviewing.opened.settle()
    assert not reviewing.opened.desk.jobs.running
    assert 0 < len(reviewing.page.queue) <= HALF_A_SECOND


def test_that_another_model_brings_another_queue(reviewing: Reviewing, tmp_path: Path) -> None:
    classify(reviewing.opened, tmp_path, doubt=PURPLE)
    reviewing.show()
    reviewing.wait_for_a_photo()
    reviewing.opened.desk.model.activate("things")
    reviewing.opened.wait(lambda: not reviewing.looking)
    reviewing.opened.settle()
    assert reviewing.page.pause.title.text() == "Nothing to look at yet"
    assert len(reviewing.page.queue) == 0


def test_that_a_folder_can_be_chosen_by_keyboard(reviewing: Reviewing) -> None:
    reviewing.show()
    reviewing.press(Qt.Key.Key_O, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = reviewing.page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.reject()
