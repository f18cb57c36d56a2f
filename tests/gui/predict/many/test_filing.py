from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import Qt

from gui.predict.many_view import ManyView
from gui.problems import Toast
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import CONTROL, chip, click, press


def test_that_the_table_holds_what_is_shown_with_the_command_lines_columns(
    many: ManyView, opened: Opened, tmp_path: Path
) -> None:
    chip(many, "cat").click()
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
    click(many, "fog.png")
    press(many, Qt.Key.Key_1)
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
    press(many, Qt.Key.Key_Z, CONTROL)
    opened.wait(lambda: (album / "fog.png").exists() and moved.path == str(album / "fog.png"))
    assert not (tmp_path / "sorted" / "cat").exists()


def test_that_taking_copies_back_says_that_they_are_removed(many: ManyView, opened: Opened, tmp_path: Path) -> None:
    many.toolbar.sort.click()
    many.sorting.destination.setText(str(tmp_path / "sorted"))
    opened.wait(many.sorting.apply.isEnabled)
    many.sorting.apply.click()
    toast = opened.window.findChild(Toast)
    opened.wait(toast.undo.isVisible)
    toast.undo.click()
    opened.wait(lambda: toast.text.text() == "7\u00a0copies removed")
    assert not (tmp_path / "sorted").exists()
    opened.settle()


def test_that_a_file_where_the_folder_should_be_is_refused_in_the_panel(many: ManyView, opened: Opened) -> None:
    many.toolbar.sort.click()
    many.sorting.destination.setText(many.model.pictures[0].path)
    opened.wait(lambda: "is a file, not a folder" in many.sorting.summary.text())
    assert not many.sorting.apply.isEnabled()
