from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from engine.prediction import Outcome
from gui.predict.many.order import Order
from gui.predict.many.picture import State
from gui.predict.many.run import Phase
from gui.predict.many_view import ManyView
from tests.bundles import BLUE, GREY, PURPLE, RED, solid
from tests.gui.conftest import MANY_CLASSES, Opened

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three cats, two dogs, one neither, one unknown, and one that is no picture."""
    folder = tmp_path / "album"
    for number in (1, 2, 10):
        solid(folder / f"cat {number}.png", RED)
    for number in (1, 2):
        solid(folder / "dogs" / f"dog {number}.png", BLUE)
    solid(folder / "dusk.png", PURPLE)
    solid(folder / "fog.png", GREY)
    (folder / "gone.jpg").write_bytes(b"")
    return folder


@pytest.fixture
def many(opened: Opened, album: Path) -> ManyView:
    """The grid with the album in it, all answered."""
    _drop(opened, album)
    view = opened.page.many
    opened.wait(lambda: view.run.phase is Phase.DONE)
    opened.settle()
    view.chips.show_counts()
    return view


def _drop(opened: Opened, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert opened.drop(mime)


def _names(many: ManyView) -> list[str]:
    return [picture.name for picture in many.model.shown]


def _press(many: ManyView, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """As the keyboard does: to whatever has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    assert many.isAncestorOf(focus) or focus is many
    QTest.keyClick(focus, key, held)


def _click(many: ManyView, name: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    index = many.model.index(_names(many).index(name))
    many.grid.scrollTo(index)
    QTest.mouseClick(many.grid.viewport(), Qt.MouseButton.LeftButton, held, many.grid.visualRect(index).center())


def _chip(many: ManyView, group: str | State) -> QAbstractButton:
    chip = many.chips.chip(group)
    assert chip is not None
    assert chip.isVisible()
    return chip


def test_that_a_folder_dropped_on_the_window_becomes_a_grid_in_natural_order(many: ManyView) -> None:
    assert _names(many) == [
        "cat 1.png",
        "cat 2.png",
        "cat 10.png",
        "dog 1.png",
        "dog 2.png",
        "dusk.png",
        "fog.png",
        "gone.jpg",
    ]
    assert many.toolbar.title.text().replace("\u00a0", " ") == "8 photos"
    assert not many.progress.isVisible()


def test_that_every_answer_is_in_the_history_once(many: ManyView, opened: Opened) -> None:
    assert opened.whisker.history.count() == 7
    _click(many, "cat 1.png")
    opened.settle()
    assert opened.whisker.history.count() == 7


def test_that_chips_count_and_a_pressed_one_shows_only_those(many: ManyView) -> None:
    texts = [_chip(many, group).text() for group in ("cat", "dog", State.UNSURE, State.UNKNOWN, State.FAILED)]
    assert texts == ["cat  3", "dog  2", "not sure  1", "unknown  1", "failed  1"]
    _chip(many, "dog").click()
    assert _names(many) == ["dog 1.png", "dog 2.png"]
    _chip(many, "dog").click()
    assert len(_names(many)) == 8


def test_that_the_failed_are_a_list_of_sentences(many: ManyView) -> None:
    _chip(many, State.FAILED).click()
    assert many.grid.tiles().lines
    (picture,) = many.model.shown
    assert str(picture.error).startswith("gone.jpg is empty.")
    many.chips.all.click()
    assert not many.grid.tiles().lines


@pytest.mark.parametrize(
    ("order", "first"),
    [(Order.LEAST_SURE, "fog.png"), (Order.CLASS, "cat 1.png"), (Order.MOST_SURE, "cat 1.png")],
)
def test_that_the_menu_sorts(many: ManyView, order: Order, first: str) -> None:
    menu = many.toolbar.order.menu()
    next(action for action in menu.actions() if action.data() is order).trigger()
    assert _names(many)[0] == first
    assert many.toolbar.order.text() == order.value


def test_that_names_are_searched_from_the_keyboard_and_escape_ends_it(many: ManyView) -> None:
    _press(many, Qt.Key.Key_F, _CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), "DOG")
    assert _names(many) == ["dog 1.png", "dog 2.png"]
    _press(many, Qt.Key.Key_Escape)
    assert len(_names(many)) == 8
    assert many.grid.hasFocus()


def test_that_digits_typed_into_the_search_correct_nothing(many: ManyView, opened: Opened) -> None:
    _click(many, "cat 1.png")
    many.toolbar.search.setFocus()
    QTest.keyClicks(many.toolbar.search, "2")
    assert many.toolbar.search.text() == "2"
    assert many.model.corrected == 0


def test_that_a_search_without_a_result_says_so_and_offers_the_way_back(many: ManyView) -> None:
    many.toolbar.search.setText("zebra")
    assert many.nothing.isVisible()
    assert "zebra" in many.nothing.hint.text()
    many.nothing.action.click()
    assert many.grid.isVisible()
    assert len(_names(many)) == 8


def test_that_a_click_opens_the_photo_beside_the_grid_with_its_answer(many: ManyView, opened: Opened) -> None:
    assert not many.beside.isVisible()
    _click(many, "dog 1.png")
    single = many.beside.single
    opened.wait(lambda: single.answer is not None and single.answer.name == "dog 1.png")
    assert many.beside.isVisible()
    assert single.panel.headline.text() == "Dog"
    many.beside.close_button.click()
    assert not many.beside.isVisible()


def test_that_a_failed_picture_beside_the_grid_says_why(many: ManyView, opened: Opened) -> None:
    _click(many, "gone.jpg")
    opened.wait(lambda: many.beside.stack.currentWidget() is many.beside.without)
    assert "gone.jpg is empty." in many.beside.without.why.text()


def test_that_the_splitter_is_remembered(many: ManyView, opened: Opened) -> None:
    _click(many, "dog 1.png")
    left, right = many.splitter.sizes()
    many.splitter.setSizes([left - 100, right + 100])
    many.splitter.splitterMoved.emit(left - 100, 1)
    share = many.splitter.sizes()[1] / sum(many.splitter.sizes())
    opened.wait(lambda: abs(float(opened.whisker.settings["many_split"]) - share) < 0.01)


def test_that_arrows_move_through_the_grid_and_shift_selects(many: ManyView) -> None:
    _click(many, "cat 1.png")
    _press(many, Qt.Key.Key_Right)
    assert many.grid.current is not None
    assert many.grid.current.name == "cat 2.png"
    _press(many, Qt.Key.Key_Right, _SHIFT)
    assert [picture.name for picture in many.grid.selected()] == ["cat 2.png", "cat 10.png"]
    _press(many, Qt.Key.Key_End)
    assert many.grid.current.name == "gone.jpg"
    _press(many, Qt.Key.Key_Home)
    _press(many, Qt.Key.Key_Down)
    assert many.grid.currentIndex().row() in (many.grid.tiles().columns, 7, 0)
    _press(many, Qt.Key.Key_A, _CONTROL)
    assert len(many.grid.selected()) == 8


def test_that_a_shift_click_selects_all_from_one_to_the_other(many: ManyView) -> None:
    _click(many, "cat 2.png")
    _click(many, "dusk.png", _SHIFT)
    assert [picture.name for picture in many.grid.selected()] == _names(many)[1:6]


def test_that_space_zooms_arrows_go_on_and_space_comes_back(many: ManyView, opened: Opened) -> None:
    _click(many, "cat 1.png")
    _press(many, Qt.Key.Key_Space)
    assert many.zoomed
    assert not many.grid.isVisible()
    assert not many.beside.single.panel.isVisible()
    _press(many, Qt.Key.Key_Right)
    opened.wait(lambda: many.beside.single.answer is not None and many.beside.single.answer.name == "cat 2.png")
    assert "cat 2.png" in many.beside.place.text()
    _press(many, Qt.Key.Key_Space)
    assert many.grid.isVisible()
    assert many.grid.hasFocus()


def test_that_h_shows_what_the_model_looked_at(many: ManyView, opened: Opened) -> None:
    _click(many, "cat 1.png")
    opened.wait(lambda: many.beside.single.answer is not None)
    opened.settle()
    _press(many, Qt.Key.Key_H)
    opened.wait(lambda: many.beside.single.photo.has_heat)


def test_that_a_number_corrects_what_is_selected_and_ctrl_z_takes_it_back(many: ManyView, opened: Opened) -> None:
    _click(many, "dusk.png")
    _click(many, "fog.png", _CONTROL)
    _press(many, Qt.Key.Key_2)
    assert {picture.name for picture in many.model.pictures if picture.correction == "dog"} == {"dusk.png", "fog.png"}
    opened.wait(lambda: len(opened.whisker.history.corrections()) == 2)
    many.chips.show_counts()
    assert _chip(many, "dog").text() == "dog  4"
    assert many.chips.corrected.isVisible()
    _press(many, Qt.Key.Key_Z, _CONTROL)
    opened.wait(lambda: not opened.whisker.history.corrections())
    assert many.model.corrected == 0
    assert many.model.counts["dog"] == 2


def test_that_a_correction_from_elsewhere_shows_on_its_tile(many: ManyView, opened: Opened) -> None:
    picture = next(picture for picture in many.model.pictures if picture.name == "fog.png")
    assert picture.row is not None
    opened.whisker.correct(picture.row, "cat")
    opened.wait(lambda: picture.correction == "cat")


def test_that_a_correction_beside_the_grid_shows_on_the_tile_and_has_the_same_undo(
    many: ManyView, opened: Opened
) -> None:
    _click(many, "dusk.png")
    opened.wait(lambda: many.beside.single.answer is not None and many.beside.single.answer.name == "dusk.png")
    many.beside.single.panel.corrections.choices[1].click()
    assert many.model.corrected == 1
    opened.wait(lambda: len(opened.whisker.history.corrections()) == 1)
    many.undo()
    opened.wait(lambda: not opened.whisker.history.corrections())


def test_that_one_of_many_classes_is_found_by_typing(opened: Opened, album: Path) -> None:
    opened.desk.model.activate("things")
    opened.wait(lambda: opened.desk.model.card is not None and opened.desk.model.card.name == "things")
    _drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.DONE)
    _click(many, "cat 1.png")
    _press(many, Qt.Key.Key_C)
    assert many.picker.isVisible()
    QTest.keyClicks(many.picker.search, MANY_CLASSES[16])
    QTest.keyClick(many.picker.search, Qt.Key.Key_Return)
    assert many.grid.current is not None
    assert many.grid.current.correction == MANY_CLASSES[16]
    opened.settle()


def test_that_escape_takes_one_step_back_at_a_time_and_at_last_home(many: ManyView, opened: Opened) -> None:
    _chip(many, "cat").click()
    many.grid.setFocus()
    _click(many, "cat 1.png")
    _press(many, Qt.Key.Key_Escape)
    assert not many.grid.selected()
    _press(many, Qt.Key.Key_Escape)
    assert len(_names(many)) == 8
    _press(many, Qt.Key.Key_Escape)
    assert opened.page.stack.currentWidget() is opened.page.empty
    assert not many.model.pictures
    assert many.thumbnails.bytes == 0


def test_that_a_second_drop_adds_to_the_list_and_asks_nothing(
    many: ManyView, opened: Opened, tmp_path: Path, album: Path
) -> None:
    _drop(opened, solid(tmp_path / "late.png", BLUE))
    opened.wait(lambda: "late.png" in _names(many) and many.run.phase is Phase.DONE)
    _drop(opened, album)
    opened.wait(lambda: not many.run.busy)
    opened.settle()
    assert len(_names(many)) == 9


def test_that_a_folder_without_photos_says_so(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    _drop(opened, tmp_path / "bare")
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.nothing.isVisible()
    assert many.nothing.text.text() == "There are no photos in there"
    many.nothing.action.click()
    assert opened.page.stack.currentWidget() is opened.page.empty


class _Held:
    """Classifying that goes on only when it is let."""

    def __init__(self, real: Callable[..., Iterator[tuple[int | None, Outcome]]]) -> None:
        self._real = real
        self.go = threading.Event()

    def __call__(
        self, files: Sequence[Path], *, origin: str, cancel: threading.Event
    ) -> Iterator[tuple[int | None, Outcome]]:
        for number, file in enumerate(files):
            yield from self._real([file], origin=origin, cancel=cancel)
            while number >= 2 and not self.go.wait(0.005):
                if cancel.is_set():
                    return


@pytest.fixture
def held(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> _Held:
    holding = _Held(opened.whisker.classify_many)
    monkeypatch.setattr(opened.whisker, "classify_many", holding)
    return holding


def test_that_cancel_stops_keeps_what_is_answered_and_continue_does_the_rest(
    opened: Opened, album: Path, held: _Held
) -> None:
    _drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING and many.progress.cancel.isVisible())
    assert opened.desk.jobs.running
    many.progress.cancel.click()
    opened.wait(lambda: many.run.phase is Phase.STOPPED)
    assert not opened.desk.jobs.running
    assert len(_names(many)) == 8
    done = many.run.done
    assert many.model.counts[State.WAITING] == 8 - done
    assert many.progress.text.text() == f"Stopped at {done} of 8"
    held.go.set()
    many.progress.resume.click()
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.run.done == 8
    assert many.model.counts[State.WAITING] == 0
    assert opened.whisker.history.count() == 7


def test_that_pictures_dropped_while_others_are_answered_wait_their_turn(
    opened: Opened, album: Path, held: _Held, tmp_path: Path
) -> None:
    _drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING)
    _drop(opened, solid(tmp_path / "late.png", BLUE))
    opened.wait(lambda: "late.png" in _names(many))
    assert many.run.busy
    held.go.set()
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.model.counts["dog"] == 3


def test_that_going_home_in_the_midst_of_it_leaves_nothing_running(opened: Opened, album: Path, held: _Held) -> None:
    _drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING)
    many.toolbar.back.click()
    assert opened.page.stack.currentWidget() is opened.page.empty
    opened.settle()
    assert not opened.desk.jobs.running
    assert not many.model.pictures


def test_that_the_table_holds_what_is_shown_with_the_command_lines_columns(
    many: ManyView, opened: Opened, tmp_path: Path
) -> None:
    _chip(many, "cat").click()
    table = tmp_path / "answers.csv"
    many.filing.export_to(table)
    opened.settle()
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["path", "predicted_class", "confidence", "unknown", "error", "cat", "dog"]
    assert [Path(row[0]).name for row in rows[1:]] == ["cat 1.png", "cat 2.png", "cat 10.png"]


def test_that_sorting_shows_what_it_would_do_does_it_and_takes_it_back(
    many: ManyView, opened: Opened, tmp_path: Path, album: Path
) -> None:
    _click(many, "fog.png")
    _press(many, Qt.Key.Key_1)
    opened.settle()
    many.toolbar.sort.click()
    panel = many.sorting
    panel.destination.setText(str(tmp_path / "sorted"))
    opened.wait(panel.apply.isEnabled)
    assert panel.summary.text() == "4 to cat, 2 to dog, 1 to unsure  ·  1 cannot be sorted"
    assert panel.apply.text().replace("\u00a0", " ") == "Copy 7 photos"
    panel.move_them.click()
    opened.wait(lambda: panel.apply.isEnabled() and panel.apply.text().startswith("Move"))
    panel.apply.click()
    opened.wait(lambda: (tmp_path / "sorted" / "cat" / "fog.png").exists() and not panel.isVisible())
    assert not (album / "fog.png").exists()
    moved = next(picture for picture in many.model.pictures if picture.name == "fog.png")
    assert moved.path == str(tmp_path / "sorted" / "cat" / "fog.png")
    _press(many, Qt.Key.Key_Z, _CONTROL)
    opened.wait(lambda: (album / "fog.png").exists() and moved.path == str(album / "fog.png"))
    assert not (tmp_path / "sorted" / "cat").exists()


def test_that_a_file_where_the_folder_should_be_is_refused_in_the_panel(many: ManyView, opened: Opened) -> None:
    many.toolbar.sort.click()
    many.sorting.destination.setText(many.model.pictures[0].path)
    opened.wait(lambda: "is a file, not a folder" in many.sorting.summary.text())
    assert not many.sorting.apply.isEnabled()


def test_that_thumbnails_are_made_for_what_is_seen_and_forgotten_when_there_is_no_room(
    many: ManyView, opened: Opened
) -> None:
    opened.wait(lambda: not many.thumbnails.busy and many.thumbnails.bytes > 0)
    seen = many.model.pictures[0]
    image = many.thumbnails.get(seen)
    assert image is not None
    assert image.width() == image.height() >= many.grid.tiles().tile_width
    many.thumbnails._room = image.sizeInBytes() * 2
    many.thumbnails._keep(seen.number, image)
    assert many.thumbnails.bytes <= image.sizeInBytes() * 2


def test_that_a_screen_reader_finds_a_list_of_tiles_that_speak(many: ManyView) -> None:
    tree = QAccessible.queryAccessibleInterface(many.grid)
    assert tree.role() == QAccessible.Role.List
    assert tree.childCount() == 8
    spoken = tree.child(0).text(QAccessible.Text.Name).replace("\u00a0", " ")
    assert spoken == "cat 1.png: cat, 100 %"


def test_that_every_control_has_a_name_and_a_tip(many: ManyView) -> None:
    many.toolbar.sort.click()
    _click(many, "cat 1.png")
    for button in many.findChildren(QAbstractButton):
        if button.isVisible() and not button.objectName().startswith("qt_"):
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button.text() or button.accessibleName()


def test_that_words_fit_where_they_stand_in_the_smallest_window(many: ManyView, opened: Opened) -> None:
    opened.window.resize(opened.window.minimumSize())
    opened.settle()
    for button in many.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            assert button.width() >= button.minimumSizeHint().width(), button.text()
    for label in (many.toolbar.title, many.toolbar.line):
        assert isinstance(label, QLabel)
        assert label.width() >= label.sizeHint().width(), label.text()


def test_that_a_double_click_zooms_the_picture_that_was_clicked(many: ManyView) -> None:
    index = many.model.index(1)
    where: QPoint = many.grid.visualRect(index).center()
    QTest.mouseClick(many.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    QTest.mouseDClick(many.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert many.zoomed
    assert many.grid.current is not None
    assert many.grid.current.name == "cat 2.png"
