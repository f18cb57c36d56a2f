from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from gui.predict.many_view import ManyView
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import CONTROL, SHIFT, click, names, press


def test_that_arrows_move_through_the_grid_and_shift_selects(many: ManyView) -> None:
    click(many, "cat 1.png")
    press(many, Qt.Key.Key_Right)
    assert many.grid.current is not None
    assert many.grid.current.name == "cat 2.png"
    press(many, Qt.Key.Key_Right, SHIFT)
    assert [picture.name for picture in many.grid.selected()] == ["cat 2.png", "cat 10.png"]
    press(many, Qt.Key.Key_End)
    assert many.grid.current.name == "gone.jpg"
    press(many, Qt.Key.Key_Home)
    press(many, Qt.Key.Key_Down)
    assert many.grid.currentIndex().row() in (many.grid.tiles().columns, 7, 0)
    press(many, Qt.Key.Key_A, CONTROL)
    assert len(many.grid.selected()) == 8


def test_that_a_shift_click_selects_all_from_one_to_the_other(many: ManyView) -> None:
    click(many, "cat 2.png")
    click(many, "dusk.png", SHIFT)
    assert [picture.name for picture in many.grid.selected()] == names(many)[1:6]


def test_that_a_screen_reader_finds_a_list_of_tiles_that_speak(many: ManyView) -> None:
    tree = QAccessible.queryAccessibleInterface(many.grid)
    assert tree.role() == QAccessible.Role.List
    assert tree.childCount() == 8
    spoken = tree.child(0).text(QAccessible.Text.Name).replace("\u00a0", " ")
    assert spoken == "cat 1.png: cat, 100 %"


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
