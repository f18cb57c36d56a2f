from __future__ import annotations

import socket
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from engine.errors import HistoryError
from tests.bundles import BLUE, GREY, PURPLE, RED, solid
from tests.gui.conftest import Opened


def _urls(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_that_the_empty_page_has_one_sentence_one_button_and_no_other(opened: Opened) -> None:
    page = opened.page
    assert page.stack.currentWidget() is page.empty
    assert page.empty.browse.isVisible()
    assert not page.browse_button.isVisible()
    assert not page.recent.isVisible()


def test_that_a_sure_answer_stands_in_words_pill_and_bars(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    panel = opened.page.single.panel
    assert panel.name.full_text == "tom.png"
    assert panel.headline.text() == "Cat"
    assert panel.pill.text().startswith("Sure")
    assert panel.pill.property("verdict") == "sure"
    assert [bar.text() for bar in panel.bars.bars if bar.isVisible()] == ["cat", "dog"]
    assert "cats-dogs v1" in panel.footer.text()
    assert "nothing left this computer" in panel.footer.text()
    assert not panel.neighbours.isVisible()
    assert opened.page.single.photo.has_photo


def test_that_an_unsure_answer_asks_rather_than_says(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "dusk.png", PURPLE))
    panel = opened.page.single.panel
    assert panel.headline.text() == "Cat?"
    assert panel.pill.text().startswith("Not sure")
    assert panel.pill.property("verdict") == "unsure"


def test_that_the_unknown_is_not_given_a_name(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "fog.png", GREY))
    panel = opened.page.single.panel
    assert panel.headline.text() == "Not sure"
    assert panel.line.text().startswith("Unlike anything this model was shown (nearest: ")
    assert panel.pill.property("verdict") == "unknown"


def test_that_a_damaged_file_is_named_in_its_place_and_the_answer_before_it_stands(
    opened: Opened, tmp_path: Path
) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(solid(tmp_path / "whole.jpg", RED).read_bytes()[:200])
    assert opened.drop(_urls(broken))
    opened.wait(opened.page.message.isVisible)
    opened.settle()
    assert "broken.jpg" in opened.page.message.text.text()
    assert opened.page.message.hint.text()
    assert QApplication.activeModalWidget() is None
    assert opened.page.single.panel.name.full_text == "tom.png"
    assert opened.page.single.photo.has_photo


def test_that_a_first_file_that_cannot_be_read_leaves_the_start_with_the_reason(opened: Opened, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    assert opened.drop(_urls(text))
    opened.wait(opened.page.message.isVisible)
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert "notes.txt" in opened.page.message.text.text()


def test_that_a_file_that_is_gone_is_said_to_be_gone(opened: Opened, tmp_path: Path) -> None:
    opened.page.open([tmp_path / "gone.jpg"])
    opened.wait(opened.page.message.isVisible)
    assert "gone.jpg" in opened.page.message.text.text()


def test_that_an_address_is_never_fetched_and_the_page_says_so(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    mime = QMimeData()
    mime.setUrls([QUrl("https://pictures.example/cat.jpg")])
    assert opened.drop(mime)
    opened.settle()
    assert "pictures.example" in opened.page.message.text.text()
    assert opened.page.single.answer is None


def test_that_a_picture_dragged_out_of_a_browser_is_kept_and_answered(opened: Opened, home: Path) -> None:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("blue"))
    mime = QMimeData()
    mime.setImageData(image)
    assert opened.drop(mime)
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.settle()
    answer = opened.page.single.answer
    assert answer is not None
    assert (answer.name, answer.predicted_class) == ("Pasted photo", "dog")
    assert answer.path is not None
    assert answer.path.parent == home / "pasted"


def test_that_a_path_pasted_as_text_is_opened(opened: Opened, tmp_path: Path) -> None:
    QGuiApplication.clipboard().setText(str(solid(tmp_path / "tom.png", RED)))
    opened.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.settle()
    assert opened.page.single.panel.headline.text() == "Cat"


def test_that_a_paste_without_a_photo_says_what_can_be_pasted(opened: Opened) -> None:
    QGuiApplication.clipboard().setText("hello")
    opened.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "no photo" in opened.page.message.text.text()


def test_that_a_paste_from_an_empty_clipboard_says_the_same(opened: Opened) -> None:
    QGuiApplication.clipboard().clear()
    opened.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert opened.page.message.text.text() == "There is no photo in that."


def test_that_several_files_and_folders_are_shown_as_many(opened: Opened, tmp_path: Path) -> None:
    for number in range(3):
        solid(tmp_path / "trip" / f"{number}.png", (RED, BLUE, GREY)[number])
    assert opened.drop(_urls(tmp_path / "trip"))
    opened.wait(lambda: opened.page.stack.currentWidget() is opened.page.many)
    opened.wait(lambda: opened.whisker.history.count() == 3)
    opened.settle()
    assert opened.window.windowTitle() == "Whisker - trip"


def test_that_a_key_corrects_and_undo_takes_it_back(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    page = opened.page
    opened.key(Qt.Key.Key_2)
    opened.wait(lambda: page.single.answer is not None and page.single.answer.correction == "dog")
    opened.settle()
    row = opened.whisker.history.recent(1)[0]
    assert row.correction == "dog"
    assert page.single.panel.corrections.line.text() == "You corrected this to dog."
    assert page.single.panel.corrections.choices[1].isChecked()
    opened.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.wait(lambda: page.single.answer is not None and page.single.answer.correction is None)
    assert opened.whisker.history.recent(1)[0].correction is None
    opened.settle()


def test_that_the_button_corrects_and_the_toast_undoes(opened: Opened, tmp_path: Path) -> None:
    from gui.problems import Toast

    opened.show(solid(tmp_path / "tom.png", RED))
    opened.qtbot.mouseClick(opened.page.single.panel.corrections.choices[1], Qt.MouseButton.LeftButton)
    toast = opened.window.findChild(Toast)
    assert toast is not None
    opened.wait(toast.isVisible)
    assert toast.text.text() == "Corrected to dog"
    opened.qtbot.mouseClick(toast.undo, Qt.MouseButton.LeftButton)
    opened.wait(lambda: opened.whisker.history.recent(1)[0].correction is None)
    opened.settle()


def test_that_quick_keys_are_kept_in_the_order_they_were_pressed(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    for key in (Qt.Key.Key_2, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_1):
        opened.key(key)
    opened.settle()
    assert opened.whisker.history.recent(1)[0].correction == "cat"
    assert opened.page.single.panel.corrections.line.text() == "You confirmed: cat."


def test_that_h_lays_what_the_model_looked_at_over_the_photo(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    single = opened.page.single
    assert not single.photo.has_heat
    opened.key(Qt.Key.Key_H)
    assert single.photo.has_heat
    assert single.panel.bars.bars[0].isChecked()
    assert opened.whisker.settings["show_heat_map"] is True
    opened.qtbot.mouseClick(single.panel.bars.bars[1], Qt.MouseButton.LeftButton)
    opened.wait(lambda: single.panel.bars.bars[1].isChecked() and not single.panel.bars.bars[0].isChecked())
    opened.settle()
    opened.key(Qt.Key.Key_H)
    assert not single.photo.has_heat


def test_that_the_answer_can_be_copied(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("tom.png: cat (")


def test_that_a_recent_prediction_is_shown_as_it_was_given_and_not_asked_again(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.show(solid(tmp_path / "rex.png", BLUE))
    page = opened.page
    opened.wait(lambda: page.recent._model.rowCount() == 2)
    listed = page.recent.list
    place = listed.visualRect(page.recent._model.index(1, 0)).center()
    opened.qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    opened.wait(lambda: page.single.answer is not None and page.single.answer.name == "tom.png")
    opened.settle()
    assert page.single.photo.has_photo
    assert opened.whisker.history.count() == 2


def test_that_a_recent_picture_that_is_gone_still_shows_its_answer(opened: Opened, tmp_path: Path) -> None:
    path = solid(tmp_path / "tom.png", RED)
    opened.show(path)
    row = opened.whisker.history.recent(1)[0]
    opened.page.go_home()
    path.unlink()
    opened.page.recent.chosen.emit(row)
    opened.settle()
    assert opened.page.single.panel.headline.text() == "Cat"
    assert not opened.page.single.photo.has_photo
    assert not opened.page.single.panel.why.isEnabled()


def test_that_escape_leads_back_to_the_start(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.key(Qt.Key.Key_Escape)
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert opened.window.windowTitle() == "Whisker"


def test_that_one_of_many_classes_is_found_by_typing(opened: Opened, tmp_path: Path) -> None:
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.desk.model.card is not None and opened.desk.model.card.name == "things")
    opened.show(solid(tmp_path / "tom.png", RED))
    single = opened.page.single
    assert single.panel.corrections.more.isVisible()
    opened.key(Qt.Key.Key_C)
    picker = single.picker
    assert picker.isVisible()
    opened.qtbot.keyClicks(picker.search, "thing 17")
    assert picker.list.model().rowCount() == 1
    opened.qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    opened.wait(lambda: opened.whisker.history.recent(1)[0].correction == "thing 17")
    opened.settle()
    assert not picker.isVisible()


def test_that_escape_leaves_only_the_question_and_keys_are_not_those_of_the_photo_below(
    opened: Opened, tmp_path: Path
) -> None:
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.desk.model.card is not None and opened.desk.model.card.name == "things")
    opened.show(solid(tmp_path / "tom.png", RED))
    picker = opened.page.single.picker
    opened.key(Qt.Key.Key_C)
    opened.qtbot.keyClick(picker.search, Qt.Key.Key_Tab)
    assert picker.list.hasFocus()
    opened.qtbot.keyClick(picker.list, Qt.Key.Key_1)
    opened.settle()
    assert opened.page.single.answer is not None
    assert opened.page.single.answer.correction is None
    opened.qtbot.keyClick(picker.list, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert opened.page.stack.currentWidget() is opened.page.single


def test_that_an_undo_that_failed_can_be_tried_again(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tom.png", "kit.png"):
        opened.show(solid(tmp_path / name, RED))
        opened.key(Qt.Key.Key_2)
        opened.settle()

    def refuse(row: int, label: str | None) -> None:
        raise HistoryError("The history is in use by another program.", "Try again.")

    with monkeypatch.context() as busy:
        busy.setattr(opened.whisker, "correct", refuse)
        opened.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        opened.settle()
    for left in (["tom.png"], []):
        opened.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        opened.settle()
        assert [row.name for row in opened.whisker.history.recent(2) if row.correction] == left


def test_that_what_was_forgotten_does_not_stand_in_the_way_of_other_undos(opened: Opened, tmp_path: Path) -> None:
    rows = []
    for name in ("tom.png", "kit.png"):
        opened.show(solid(tmp_path / name, RED))
        opened.key(Qt.Key.Key_2)
        opened.settle()
        rows.append(opened.whisker.history.recent(1)[0].id)
    opened.whisker.forget(opened.whisker.traces([rows[1]]))
    opened.wait(lambda: opened.page.stack.currentWidget() is opened.page.empty)
    opened.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert not opened.whisker.history.corrections()


def test_that_a_number_takes_the_shown_class_where_there_are_many(opened: Opened, tmp_path: Path) -> None:
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.desk.model.card is not None and opened.desk.model.card.name == "things")
    opened.show(solid(tmp_path / "tom.png", RED))
    shown = [bar.text() for bar in opened.page.single.panel.bars.bars]
    opened.key(Qt.Key.Key_3)
    opened.wait(lambda: opened.whisker.history.recent(1)[0].correction == shown[2])
    opened.settle()


def test_that_another_model_answers_the_shown_photo_anew(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.page.single.answer is not None and opened.page.single.answer.model == "things")
    opened.settle()


def test_that_a_broken_model_is_told_with_a_way_out(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "nothing-here"))
    opened.whisker._in_use.let_go()
    opened.desk.model.load()
    page = opened.page
    opened.wait(lambda: page.stack.currentWidget() is page.no_model)
    assert "nothing-here" in page.no_model.why.text()
    assert opened.window.status.model.text() == "No model"
    monkeypatch.delenv("MODEL_PATH")
    opened.qtbot.mouseClick(page.no_model.retry, Qt.MouseButton.LeftButton)
    opened.wait(lambda: page.stack.currentWidget() is page.empty)


def test_that_at_1920_recent_predictions_become_a_column(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    opened.window.resize(1920, 1080)
    opened.wait(lambda: opened.page.recent.x() > opened.page.single.geometry().right())
    assert opened.page.recent.width() < 300
    opened.window.resize(1280, 800)
    opened.wait(lambda: opened.page.recent.y() > opened.page.stack.y())
    opened.window.resize(960, 640)
    opened.wait(lambda: not opened.page.recent.isVisible())


def test_that_a_small_picture_is_not_blown_up_beyond_sense(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "icon.png", RED, (300, 200)))
    assert opened.page.single.photo.photo_rect().width() <= 600
