"""Tests for editing labels: what is asked happens in the files, and undo brings every byte back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.dataset.edit_journal import edits
from engine.dataset.labels import LabelEditor
from engine.dataset.layouts import read_labelled
from engine.errors import DatasetError, FolderError
from engine.paths import Home
from tests.conftest import MakeImage
from tests.engine.dataset.sorting import content

Make = Callable[[str], LabelEditor]


def labels(folder: Path) -> dict[str, str]:
    return {item.path.name: item.label for item in read_labelled(folder, one_class_will_do=True).items}


TABLE = 'file;label;taken\r\nsub\\a.png;cat;May\r\n"b.png";cat;"June; late"\r\nc.png;dog;\r\nd.png;dog;Mai\r\n'


@pytest.fixture
def make(tmp_path: Path, home: Path, make_image: MakeImage) -> Make:
    """make(layout) makes a folder 'my päts 🐈' with two cats and two dogs, and an editor for it."""

    def build(layout: str) -> LabelEditor:
        folder = tmp_path / "my päts 🐈"
        names = {
            "folders": ["cat/a.png", "cat/sub/b.png", "dog/c.png", "dog/d.png"],
            "names": ["cat.0.png", "cat.1.png", "dog.0.png", "dog.7.png"],
            "csv": ["sub/a.png", "b.png", "c.png", "d.png"],
            "split": ["train/cat/a.png", "train/dog/b.png", "test/cat/a.png", "test/dog/b.png"],
        }[layout]
        for seed, name in enumerate(names):
            make_image(folder / name, seed=seed)
        if layout == "csv":
            (folder / "labels.csv").write_bytes(TABLE.encode())
        return LabelEditor(folder, Home(home))

    return build


EVERY_LAYOUT = pytest.mark.parametrize("layout", ["folders", "names", "csv", "split"])


@EVERY_LAYOUT
def test_that_relabelling_changes_the_label_and_undo_every_byte_back(make: Make, layout: str):
    editor = make(layout)
    before = content(editor.folder)
    item = read_labelled(editor.folder).items[0]
    data = item.path.read_bytes()
    editor.relabel([item.path], "dog")
    now = [each for each in read_labelled(editor.folder).items if each.path.read_bytes() == data]
    assert [each.label for each in now] == ["dog"]
    assert [each.split for each in now] == [item.split]
    editor.undo()
    assert content(editor.folder) == before


@EVERY_LAYOUT
def test_that_quarantine_puts_aside_and_undo_puts_back(make: Make, layout: str, home: Path):
    editor = make(layout)
    before = content(editor.folder)
    item = read_labelled(editor.folder).items[0]
    data = item.path.read_bytes()
    editor.quarantine([item.path])
    after = read_labelled(editor.folder)
    assert item.path not in [each.path for each in after.items]
    assert len(after.items) == 3
    assert not [problem for problem in after.problems if "no file" in problem]
    aside = [path for path in Home(home).quarantine.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in aside] == [data]
    editor.undo()
    assert content(editor.folder) == before
    assert not list(Home(home).quarantine.rglob("*.png"))


@EVERY_LAYOUT
def test_that_a_class_gets_another_name_and_its_old_one_back(make: Make, layout: str):
    editor = make(layout)
    before = content(editor.folder)
    editor.rename_class("cat", "house cat")
    assert read_labelled(editor.folder).classes == ("dog", "house cat")
    editor.undo()
    assert content(editor.folder) == before


@EVERY_LAYOUT
def test_that_classes_are_merged_and_parted_again(make: Make, layout: str):
    editor = make(layout)
    before = content(editor.folder)
    editor.merge_classes(["cat", "dog"], "pet")
    merged = read_labelled(editor.folder, one_class_will_do=True)
    assert merged.classes == ("pet",)
    assert len(merged.items) == 4
    assert not merged.problems
    editor.undo()
    assert content(editor.folder) == before


def test_that_only_the_cell_in_the_table_changes(make: Make):
    editor = make("csv")
    editor.relabel([editor.folder / "b.png"], "dog")
    table = (editor.folder / "labels.csv").read_bytes().decode()
    assert table == TABLE.replace('"b.png";cat;"June; late"', 'b.png;dog;"June; late"')


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_that_a_table_keeps_its_encoding(make: Make, encoding: str):
    editor = make("csv")
    table = editor.folder / "labels.csv"
    table.write_bytes("file,label\nb.png,Käfer\nc.png,dog\n".encode(encoding))
    editor.relabel([editor.folder / "c.png"], "Käfer")
    assert table.read_bytes() == "file,label\nb.png,Käfer\nc.png,Käfer\n".encode(encoding)


def test_that_a_label_the_encoding_cannot_hold_is_written_all_the_same(make: Make):
    editor = make("csv")
    table = editor.folder / "labels.csv"
    table.write_bytes("file,label\nb.png,Käfer\nc.png,dog\n".encode("cp1252"))
    editor.relabel([editor.folder / "c.png"], "猫")
    assert labels(editor.folder) == {"b.png": "Käfer", "c.png": "猫"}


def test_that_a_renamed_picture_gets_a_free_number(make: Make):
    editor = make("names")
    editor.relabel([editor.folder / "cat.0.png", editor.folder / "cat.1.png"], "dog")
    assert sorted(path.name for path in editor.folder.iterdir()) == ["dog.0.png", "dog.1.png", "dog.7.png", "dog.8.png"]


def test_that_pictures_of_one_name_in_two_classes_do_not_overwrite_each_other(make: Make, make_image: MakeImage):
    editor = make("folders")
    make_image(editor.folder / "dog" / "a.png", seed=9)
    before = content(editor.folder)
    editor.relabel([editor.folder / "cat" / "a.png"], "dog")
    assert (editor.folder / "dog" / "a (2).png").read_bytes() == before["cat/a.png"]
    assert (editor.folder / "dog" / "a.png").read_bytes() == before["dog/a.png"]


def test_that_a_picture_may_get_a_label_that_is_new(make: Make):
    editor = make("folders")
    before = content(editor.folder)
    editor.relabel([editor.folder / "cat" / "a.png"], "lynx")
    assert labels(editor.folder)["a.png"] == "lynx"
    editor.undo()
    assert content(editor.folder) == before


def test_that_a_misnamed_picture_gets_the_right_suffix_in_the_table_too(make: Make):
    editor = make("csv")
    before = content(editor.folder)
    editor.rename_file(editor.folder / "b.png", ".jpg")
    assert labels(editor.folder)["b.jpg"] == "cat"
    editor.undo()
    assert content(editor.folder) == before


def test_that_edits_are_undone_one_by_one_from_the_last(make: Make):
    editor = make("folders")
    first = content(editor.folder)
    editor.relabel([editor.folder / "cat" / "a.png"], "dog")
    second = content(editor.folder)
    editor.quarantine([editor.folder / "dog" / "c.png"])
    edit = editor.last()
    assert edit is not None
    assert edit.title == "1 photo is put aside"
    editor.undo()
    assert content(editor.folder) == second
    editor.undo()
    assert content(editor.folder) == first
    assert editor.undo() is None


def test_that_another_folders_edits_are_not_undone(make: Make, home: Path, labelled_folder: Path):
    editor = make("folders")
    other = LabelEditor(labelled_folder, Home(home))
    editor.relabel([editor.folder / "cat" / "a.png"], "dog")
    other.relabel([labelled_folder / "cat" / "0.png"], "dog")
    after = content(labelled_folder)
    editor.undo()
    assert editor.last() is None
    assert other.last() is not None
    assert content(labelled_folder) == after


def test_that_undo_leaves_what_was_changed_since_and_says_so(make: Make):
    editor = make("folders")
    editor.relabel([editor.folder / "cat" / "a.png"], "dog")
    (editor.folder / "dog" / "a.png").write_bytes(b"painted over")
    undone = editor.undo()
    assert undone is not None
    assert undone.restored == 0
    assert undone.left == ((editor.folder / "dog" / "a.png", "it was changed since"),)
    assert (editor.folder / "dog" / "a.png").read_bytes() == b"painted over"


def test_that_undo_does_not_overwrite_a_table_that_was_edited_since(make: Make):
    editor = make("csv")
    editor.relabel([editor.folder / "b.png"], "dog")
    (editor.folder / "labels.csv").write_text("file,label\nb.png,cow\nc.png,dog\n")
    undone = editor.undo()
    assert undone is not None
    assert [reason for _, reason in undone.left] == ["it was changed since"]
    assert labels(editor.folder)["b.png"] == "cow"


def test_that_a_picture_that_is_not_there_changes_nothing(make: Make):
    editor = make("folders")
    before = content(editor.folder)
    with pytest.raises(DatasetError, match="is not a labelled photo"):
        editor.relabel([editor.folder / "cat" / "a.png", editor.folder / "cat" / "gone.png"], "dog")
    with pytest.raises(DatasetError, match="is not in"):
        editor.quarantine([editor.folder.parent / "elsewhere.png"])
    assert content(editor.folder) == before


@pytest.mark.parametrize("name", ["", "  ", "../dog", "a/b", "con", ".hidden"])
def test_that_names_that_no_folder_can_have_are_refused(make: Make, name: str):
    editor = make("folders")
    before = content(editor.folder)
    with pytest.raises(DatasetError, match="cannot be the name of a class"):
        editor.relabel([editor.folder / "cat" / "a.png"], name)
    with pytest.raises(DatasetError, match="cannot be the name of a class"):
        editor.rename_class("cat", name)
    assert content(editor.folder) == before


@pytest.mark.parametrize(
    ("name", "why"), [("a" * 120, "It is too long."), ("con", "Windows keeps this name for itself."), ("a/b", "Use")]
)
def test_that_it_is_said_why_a_name_is_refused(make: Make, name: str, why: str):
    with pytest.raises(DatasetError) as refused:
        make("folders").rename_class("cat", name)
    assert refused.value.hint.startswith(why)
    assert len(refused.value.message) < 90


def test_that_a_class_cannot_take_a_name_that_is_taken_or_be_one_that_is_not_there(make: Make):
    editor = make("folders")
    with pytest.raises(DatasetError, match="There is a class dog already"):
        editor.rename_class("cat", "dog")
    with pytest.raises(DatasetError, match="There is no class cow"):
        editor.merge_classes(["cow"], "dog")


def test_that_nothing_to_do_is_no_edit(make: Make):
    editor = make("folders")
    assert editor.relabel([editor.folder / "cat" / "a.png"], "cat") is None
    assert editor.quarantine([]) is None
    assert editor.last() is None


def test_that_a_file_that_may_not_be_moved_is_named(make: Make, monkeypatch: pytest.MonkeyPatch):
    editor = make("folders")
    before = content(editor.folder)

    def refused(source: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(source))

    monkeypatch.setattr("engine.dataset.transfer.move", refused)
    with pytest.raises(FolderError, match=r"a\.png could not be changed \(Permission denied\)"):
        editor.relabel([editor.folder / "cat" / "a.png"], "dog")
    editor.undo()
    assert content(editor.folder) == before


KILLED = """
import os, sys
from pathlib import Path
from engine.dataset import edit_journal, transfer
from engine.dataset.labels import LabelEditor
from engine.paths import Home
where, number = sys.argv[3], int(sys.argv[4])
module, name = {"before": (edit_journal.transfer, "move"), "table": (edit_journal, "_replace")}[where]
real, calls = getattr(module, name), []
def deadly(*arguments):
    calls.append(1)
    if len(calls) == number:
        os.kill(os.getpid(), 9)
    return real(*arguments)
setattr(module, name, deadly)
LabelEditor(Path(sys.argv[1]), Home(Path(sys.argv[2]))).quarantine(sorted(Path(sys.argv[1]).rglob("*.png"))[:3])
"""


@pytest.mark.parametrize(("where", "number"), [("before", 1), ("before", 2), ("table", 1)])
def test_that_an_edit_killed_in_its_midst_is_undone_to_the_byte(make: Make, home: Path, where: str, number: int):
    editor = make("csv")
    before = content(editor.folder)
    command = [sys.executable, "-c", KILLED, str(editor.folder), str(home), where, str(number)]
    killed = subprocess.run(command, cwd=Path(__file__).parents[3], check=False, timeout=60)
    assert killed.returncode != 0
    assert len(edits(Home(home).journals)) == 1
    editor.undo()
    assert content(editor.folder) == before
