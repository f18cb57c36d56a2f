from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DatasetError, FolderError
from gui.teach.gathering import gather, pictures_of
from tests.conftest import MakeImage, lock


def labels(paths: list[Path]) -> dict[str, str]:
    return {item.path.name: item.label for item in gather(paths).items}


def test_that_one_labelled_folder_keeps_its_labels_and_its_split(tmp_path: Path, make_image: MakeImage) -> None:
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            make_image(tmp_path / "pets" / part / label / f"{part}-{label}.png")
    gathered = gather([tmp_path / "pets"])
    assert gathered.name == "pets"
    assert {(item.label, item.split) for item in gathered.items} == {
        ("cat", "train"),
        ("dog", "train"),
        ("cat", "test"),
        ("dog", "test"),
    }


def test_that_several_folders_are_a_class_each_whatever_lies_below(tmp_path: Path, make_image: MakeImage) -> None:
    make_image(tmp_path / "cat" / "indoor" / "a.png")
    make_image(tmp_path / "cat" / "outdoor" / "b.png")
    make_image(tmp_path / "dog" / "c.png")
    assert labels([tmp_path / "cat", tmp_path / "dog"]) == {"a.png": "cat", "b.png": "cat", "c.png": "dog"}


def test_that_one_folder_of_pictures_is_one_class(tmp_path: Path, make_image: MakeImage) -> None:
    make_image(tmp_path / "birds" / "a.png")
    assert labels([tmp_path / "birds"]) == {"a.png": "birds"}


def test_that_train_and_test_dropped_together_are_a_split(tmp_path: Path, make_image: MakeImage) -> None:
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            make_image(tmp_path / "pets" / part / label / f"{part}-{label}.png")
    gathered = gather([tmp_path / "pets" / "train", tmp_path / "pets" / "test"])
    assert {item.split for item in gathered.items} == {"train", "test"}


def test_that_loose_files_are_named_by_their_names_else_by_their_folder(tmp_path: Path, make_image: MakeImage) -> None:
    named = [make_image(tmp_path / name) for name in ("cat.1.png", "dog.1.png")]
    plain = [make_image(tmp_path / "owls" / name) for name in ("x.png", "y.png")]
    (tmp_path / "notes.txt").write_text("no picture")
    assert labels(named) == {"cat.1.png": "cat", "dog.1.png": "dog"}
    assert labels(plain) == {"x.png": "owls", "y.png": "owls"}
    assert "notes.txt" in gather([*plain, tmp_path / "notes.txt"]).problems[0]


def test_that_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no photos"):
        gather([tmp_path])
    with pytest.raises(DatasetError, match="no photos"):
        pictures_of([tmp_path], "cat")


def test_that_a_folder_that_may_not_be_read_is_said_to_be_left_out(
    tmp_path: Path, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cats/a.png", "cats/private/b.png", "dogs/c.png"):
        make_image(tmp_path / name)
    lock(monkeypatch, tmp_path / "cats" / "private")
    said = "Left out: private, which may not be read."
    assert gather([tmp_path / "cats", tmp_path / "dogs"]).problems == (said,)
    assert pictures_of([tmp_path / "cats"], "cat").problems == (said,)
    lock(monkeypatch, tmp_path / "dogs")
    with pytest.raises(FolderError, match="may not be read"):
        pictures_of([tmp_path / "dogs"], "dog")
