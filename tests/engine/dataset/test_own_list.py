from __future__ import annotations

from pathlib import Path

import pytest

from engine.dataset.labels import LabelEditor
from engine.dataset.layouts import Item, read_labelled
from engine.dataset.own_list import new_list
from engine.errors import DatasetError
from engine.paths import Home
from tests.conftest import MakeImage


@pytest.fixture
def photos(tmp_path: Path, make_image: MakeImage) -> list[Path]:
    return [make_image(tmp_path / "mine" / f"{number}.png", seed=number) for number in range(5)]


@pytest.fixture
def listed(home: Path, photos: list[Path]) -> Path:
    items = [Item(path, "cat" if at < 3 else "dog", "test" if at == 4 else None) for at, path in enumerate(photos)]
    return new_list(Home(home), "pets", items)


def labels(folder: Path) -> dict[str, str]:
    return {item.path.name: item.label for item in read_labelled(folder, one_class_will_do=True).items}


def test_that_a_list_of_ours_names_pictures_elsewhere_and_remembers_their_split(
    listed: Path, photos: list[Path]
) -> None:
    found = read_labelled(listed)
    assert [item.path for item in found.items] == photos
    assert [item.split for item in found.items] == [None, None, None, None, "test"]
    assert not found.problems


def test_that_the_same_list_anywhere_else_is_refused(listed: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "labels.csv").write_bytes((listed / "labels.csv").read_bytes())
    with pytest.raises(DatasetError):
        read_labelled(stranger)


def test_that_editing_a_list_leaves_the_photos_alone_and_is_undone(
    home: Path, listed: Path, photos: list[Path], make_image: MakeImage, tmp_path: Path
) -> None:
    before = (listed / "labels.csv").read_bytes()
    editor = LabelEditor(listed, Home(home))
    editor.relabel([photos[0]], "dog")
    editor.quarantine([photos[1]])
    editor.rename_class("dog", "hound")
    editor.add([Item(make_image(tmp_path / "more" / "x.png"), "cat"), Item(photos[2], "hound")])
    assert labels(listed) == {"0.png": "hound", "2.png": "cat", "3.png": "hound", "4.png": "hound", "x.png": "cat"}
    assert all(path.is_file() for path in photos)
    for _ in range(4):
        editor.undo()
    assert (listed / "labels.csv").read_bytes() == before


def test_that_someones_own_photo_is_not_renamed(home: Path, listed: Path, photos: list[Path]) -> None:
    with pytest.raises(DatasetError, match="your own file"):
        LabelEditor(listed, Home(home)).rename_file(photos[0], ".jpg")


def test_that_two_lists_of_one_name_stand_side_by_side(home: Path, photos: list[Path]) -> None:
    first, second = (new_list(Home(home), "pets", [Item(photos[0], "cat")]) for _ in range(2))
    assert first != second
