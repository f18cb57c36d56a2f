from __future__ import annotations

from pathlib import Path

import pytest

from tests.bundles import BLUE, GREY, PURPLE, RED, solid
from tests.cli.conftest import Command


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A cat, a dog, one that is unsure, and one that is unknown."""
    folder = tmp_path / "photos"
    for name, colour in (("a", RED), ("b", BLUE), ("c", PURPLE), ("d", GREY)):
        solid(folder / f"{name}.png", colour)
    return folder


def names(folder: Path) -> list[str]:
    """All files below a folder, relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_that_pictures_are_copied_into_a_folder_per_class(command: Command, photos: Path, tmp_path: Path) -> None:
    ran = command("sort", photos, tmp_path / "sorted")
    assert ran.code == 0
    assert names(tmp_path / "sorted") == ["cat/a.png", "dog/b.png", "unsure/c.png", "unsure/d.png"]
    assert names(photos) == ["a.png", "b.png", "c.png", "d.png"]
    assert f"{tmp_path / 'sorted' / 'unsure'}: 2 photos" in ran.out
    assert "Copied 4 photos. `sort --undo` takes it back." in ran.err


def test_that_moving_and_undoing_leaves_everything_as_it_was(command: Command, photos: Path, tmp_path: Path) -> None:
    assert command("sort", photos, tmp_path / "sorted", "--move").code == 0
    assert names(photos) == []
    assert command("sort", "--undo").out == ["4 photos put back."]
    assert names(photos) == ["a.png", "b.png", "c.png", "d.png"]
    assert not (tmp_path / "sorted").exists()


def test_that_a_dry_run_says_all_and_does_nothing(command: Command, photos: Path, tmp_path: Path) -> None:
    ran = command("sort", photos, tmp_path / "sorted", "--dry-run")
    assert f"{photos / 'a.png'} -> {tmp_path / 'sorted' / 'cat' / 'a.png'}" in ran.out
    assert not (tmp_path / "sorted").exists()
    assert command("sort", "--undo").code == 1


def test_that_the_smallest_share_can_be_chosen(command: Command, photos: Path, tmp_path: Path) -> None:
    command("sort", photos, tmp_path / "sorted", "--min-confidence", "0.6")
    assert "cat/c.png" in names(tmp_path / "sorted")
    assert command("sort", photos, tmp_path / "other", "--min-confidence", "60").code == 2


def test_that_a_damaged_picture_is_named_and_stays(command: Command, photos: Path, tmp_path: Path) -> None:
    (photos / "x.jpg").write_bytes(b"nothing")
    ran = command("sort", photos, tmp_path / "sorted", "--move")
    assert ran.code == 1
    assert "x.jpg" in ran.err
    assert names(photos) == ["x.jpg"]


def test_that_what_was_changed_since_is_left_and_named(command: Command, photos: Path, tmp_path: Path) -> None:
    command("sort", photos, tmp_path / "sorted", "--move")
    (tmp_path / "sorted" / "cat" / "a.png").write_bytes(b"painted over")
    ran = command("sort", "--undo")
    assert (ran.code, ran.out) == (1, ["3 photos put back."])
    assert "a.png: it was changed since" in ran.err
    assert names(tmp_path / "sorted") == ["cat/a.png"]


def test_that_nothing_to_undo_is_a_sentence(command: Command) -> None:
    ran = command("sort", "--undo")
    assert ran.code == 1
    assert "no sorting to undo" in ran.err


@pytest.mark.parametrize("arguments", [[], ["photos"], ["photos", "sorted", "--undo"], ["--undo", "--move"]])
def test_that_wrong_usage_ends_with_2(command: Command, arguments: list[str]) -> None:
    assert command("sort", *arguments).code == 2
