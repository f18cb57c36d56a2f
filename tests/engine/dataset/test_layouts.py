from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.dataset.layouts import Item, read_labelled
from engine.dataset.picture_files import natural_key
from engine.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def put(root: Path, *names: str) -> None:
    """Layouts are read from names alone, so that empty files do."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def found(root: Path) -> dict[str, tuple[str, str | None]]:
    labelled = read_labelled(root)
    return {item.path.relative_to(root).as_posix(): (item.label, item.split) for item in labelled.items}


def test_that_each_sub_folder_is_a_class_with_nested_pictures(root: Path) -> None:
    put(root, "cat/1.jpg", "cat/black/old/2.PNG", "dog/1.JPEG", "dog/notes.txt")
    labelled = read_labelled(root)
    assert (labelled.classes, labelled.layout, labelled.problems) == (("cat", "dog"), "folders", [])
    assert [item.label for item in labelled.items] == ["cat", "cat", "dog"]
    assert not labelled.has_split
    assert labelled.of(None) == labelled.items


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_that_a_class_whose_name_is_of_an_old_disk_is_read_as_text(root: Path) -> None:
    for name in (b"caf\xe9", b"na\xc3\xafve \x80"):
        put(root, os.fsdecode(name) + "/1.jpg")
    put(root, "dog/1.jpg")
    labelled = read_labelled(root)
    assert labelled.classes == ("café", "dog", "naïve €")
    assert all(item.path.exists() for item in labelled.items)


def test_that_real_pictures_of_a_labelled_folder_are_found(labelled_folder: Path) -> None:
    assert Counter(item.label for item in read_labelled(labelled_folder).items) == {"cat": 4, "dog": 4}


def test_that_flat_files_are_labelled_by_their_names(root: Path) -> None:
    put(root, "cat.0.jpg", "cat.10.jpg", "cat.9.jpg", "st. bernard.1.PNG", "holiday.jpg")
    labelled = read_labelled(root)
    assert (labelled.classes, labelled.layout) == (("cat", "st. bernard"), "names")
    assert [item.path.name for item in labelled.items] == ["cat.0.jpg", "cat.9.jpg", "cat.10.jpg", "st. bernard.1.PNG"]
    assert labelled.problems == ["Left out: 1 photo without a class in the name (holiday.jpg)."]


@pytest.mark.parametrize(
    ("names", "split"),
    [
        (("train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg"), "test"),
        (("Train/cat.1.jpg", "Train/dog.1.jpg", "Val/cat.2.jpg", "Val/dog.2.jpg"), "val"),
        (("train/cat/1.jpg", "train/dog/1.jpg", "valid/cat.2.jpg", "valid/dog.2.jpg"), "val"),
        (("training/cat.1.jpg", "training/dog.1.jpg", "validation/cat/2.jpg", "validation/dog/2.jpg"), "val"),
    ],
)
def test_that_train_and_test_folders_are_the_split(root: Path, names: tuple[str, ...], split: str) -> None:
    put(root, *names)
    labelled = read_labelled(root)
    assert labelled.classes == ("cat", "dog")
    assert labelled.has_split
    assert [(item.label, item.split) for item in labelled.items] == [
        ("cat", "train"), ("dog", "train"), ("cat", split), ("dog", split)
    ]  # fmt: skip
    assert labelled.problems == []


def test_that_a_table_may_stand_in_train_and_test(root: Path) -> None:
    put(root, "train/1.jpg", "train/2.jpg", "test/1.jpg")
    (root / "train" / "labels.csv").write_text("file,label\n1.jpg,cat\n2.jpg,dog\n")
    (root / "test" / "labels.csv").write_text("file,label\n1.jpg,cat\n")
    assert found(root) == {
        "train/1.jpg": ("cat", "train"), "train/2.jpg": ("dog", "train"), "test/1.jpg": ("cat", "test")
    }  # fmt: skip


def test_that_a_table_beside_train_and_test_divides_as_they_do(root: Path) -> None:
    put(root, "train/1.jpg", "test/2.jpg", "3.jpg")
    (root / "labels.csv").write_text("file,label\ntrain/1.jpg,cat\ntest/2.jpg,dog\n3.jpg,dog\n")
    assert found(root) == {"train/1.jpg": ("cat", "train"), "test/2.jpg": ("dog", "test"), "3.jpg": ("dog", None)}


def test_that_a_lone_train_folder_is_a_split_without_a_test(root: Path) -> None:
    put(root, "train/cat/1.jpg", "train/dog/1.jpg")
    assert found(root) == {"train/cat/1.jpg": ("cat", "train"), "train/dog/1.jpg": ("dog", "train")}


def test_that_train_may_be_a_class_among_others(root: Path) -> None:
    put(root, "train/steam/1.jpg", "train/diesel/1.jpg", "bus/1.jpg", "car/1.jpg")
    assert read_labelled(root).classes == ("bus", "car", "train")


def test_that_nameless_test_pictures_do_not_become_a_class(root: Path) -> None:
    put(root, "train/cat.0.jpg", "train/dog.0.jpg", "test/1.jpg", "test/2.jpg")
    labelled = read_labelled(root)
    assert labelled.classes == ("cat", "dog")
    assert labelled.problems == [f"Left out: 2 photos under {root / 'test'}, whose classes nothing says."]


def test_that_train_and_test_without_any_labels_are_not_two_classes(root: Path) -> None:
    put(root, "train/1.jpg", "test/2.jpg")
    with pytest.raises(DatasetError, match="Nothing says which classes the 2 photos"):
        read_labelled(root)


def test_that_what_stands_beside_the_split_is_said(root: Path) -> None:
    put(root, "train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", "more/1.jpg", "loose.jpg", "empty/readme.txt")
    labelled = read_labelled(root)
    assert len(labelled.items) == 3
    assert any(str(root / "more") in problem for problem in labelled.problems)
    assert any("loose.jpg" in problem for problem in labelled.problems)
    assert len(labelled.problems) == 2


def test_that_a_class_that_is_only_tested_is_said(root: Path) -> None:
    put(root, "train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", "test/fox/1.jpg")
    labelled = read_labelled(root)
    assert labelled.classes == ("cat", "dog", "fox")
    assert labelled.problems == ["The class fox has no photos under train/."]


def test_that_hidden_files_and_litter_are_skipped(root: Path) -> None:
    put(root, "cat/1.jpg", "cat/._1.jpg", "dog/1.jpg", "dog/.thumbs/1.jpg", ".git/1.jpg", "__MACOSX/cat/1.jpg")
    put(root, "cat/@eaDir/1.jpg", ".hidden.jpg")
    labelled = read_labelled(root)
    assert (len(labelled.items), labelled.classes, labelled.problems) == (2, ("cat", "dog"), [])


def test_that_loose_pictures_and_empty_folders_beside_classes_are_said(root: Path) -> None:
    put(root, "cat/1.jpg", "dog/1.jpg", "a.jpg", "b.jpg", "c.jpg", "d.jpg", "fox/notes.txt")
    assert read_labelled(root).problems == [
        f"Left out: the folder {root / 'fox'}, which holds no photos.",
        f"Left out: 4 photos beside the class folders in {root} (a.jpg, b.jpg, c.jpg and others).",
    ]


def test_that_one_folder_beside_named_pictures_is_no_class(root: Path) -> None:
    put(root, "cat.0.jpg", "dog.0.jpg", "extras/1.jpg")
    labelled = read_labelled(root)
    assert (labelled.classes, labelled.layout) == (("cat", "dog"), "names")
    assert str(root / "extras") in labelled.problems[0]


def test_that_classes_come_in_the_order_people_count(root: Path) -> None:
    put(root, "class 10/1.jpg", "Class 2/1.jpg", "class 1/1.jpg")
    assert read_labelled(root).classes == ("class 1", "Class 2", "class 10")
    assert sorted(["10", "a1", "9", "", "a"], key=natural_key) == ["", "9", "10", "a", "a1"]


def test_that_a_name_spelt_two_ways_in_unicode_is_one_class(root: Path) -> None:
    put(root, "train/caf\u00e9/1.jpg", "train/tea/1.jpg", "test/cafe\u0301/2.jpg")
    assert read_labelled(root).classes == ("caf\u00e9", "tea")


def test_that_classes_differing_in_capitals_are_said(root: Path) -> None:
    put(root, "Cat.1.jpg", "cat.2.jpg", "dog.3.jpg")
    assert "differ only in capital letters" in read_labelled(root).problems[0]


def test_that_a_folder_linked_in_is_read_as_the_class(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/1.jpg", "pictures/dog/1.jpg")
    (root / "cat").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / "dog" / "loop").symlink_to(root, target_is_directory=True)
    (root / "dog" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    assert found(root)["cat/1.jpg"] == ("cat", None)


def test_that_one_class_is_refused_for_training_and_accepted_for_an_evaluation(root: Path) -> None:
    put(root, "cat/1.jpg", "cat/2.jpg")
    with pytest.raises(DatasetError, match="all of one class, cat") as refused:
        read_labelled(root)
    assert "another class" in refused.value.hint
    assert read_labelled(root, one_class_will_do=True).items[0] == Item(root / "cat" / "1.jpg", "cat", None)


def test_that_a_folder_in_a_folder_is_pointed_to(root: Path) -> None:
    put(root, "animals/cat/1.jpg", "animals/dog/1.jpg")
    with pytest.raises(DatasetError) as refused:
        read_labelled(root)
    assert str(root / "animals") in refused.value.hint


def test_that_loose_pictures_without_labels_are_refused_with_the_ways_to_label(root: Path) -> None:
    put(root, "1.jpg", "2.jpg")
    with pytest.raises(DatasetError, match="Nothing says which classes the 2 photos") as refused:
        read_labelled(root)
    assert "labels.csv" in refused.value.hint
    assert "cat.0.jpg" in refused.value.hint


def test_that_a_folder_without_pictures_is_refused(root: Path) -> None:
    put(root, "cat/notes.txt", ".hidden/1.jpg")
    with pytest.raises(DatasetError, match="There are no photos in"):
        read_labelled(root)


def test_that_a_file_or_a_missing_folder_is_refused(root: Path) -> None:
    put(root, "a.jpg")
    with pytest.raises(DatasetError, match="is a file, not a folder"):
        read_labelled(root / "a.jpg")
    with pytest.raises(DatasetError, match="is not there"):
        read_labelled(root / "nowhere")


def test_that_a_table_of_which_nothing_is_left_says_why(root: Path) -> None:
    put(root, "1.jpg")
    (root / "labels.csv").write_text("file,label\n2.jpg,cat\n")
    with pytest.raises(DatasetError, match=r"Nothing says.*line 2: there is no file 2\.jpg"):
        read_labelled(root)
