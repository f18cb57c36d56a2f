from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.dataset.folder_names import FreeNames, folder_name, folder_names, numbered


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("cat", "cat"),
        ("St. Bernard, old", "St. Bernard, old"),
        ("caf\u00e9", "caf\u00e9"),
        ("cafe\u0301", "caf\u00e9"),
        ("cats/dogs", "cats_dogs"),
        ("../../etc", "_._.._etc"),
        ("..", "_"),
        ("", "_"),
        ("  ", "_"),
        (".hidden", "_hidden"),
        ("dots...", "dots"),
        ('a<b>c:"d"|e?f*g\\h', "a_b_c__d__e_f_g_h"),
        ("line\nbreak\x00", "line_break_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1", "_COM1"),
        ("console", "console"),
        ("bad \udcff byte", "bad _ byte"),
        ("\u732b" * 50, "\u732b" * 33),
    ],
)
def test_that_any_class_name_becomes_a_folder_on_any_system(label: str, name: str) -> None:
    assert folder_name(label) == name


def test_that_two_classes_never_share_a_folder() -> None:
    names = folder_names(["a/b", "a:b", "A_B", "unsure", "cat"], reserved=["unsure"])
    assert names == {"A_B": "A_B", "a/b": "a_b (2)", "a:b": "a_b (3)", "unsure": "unsure (2)", "cat": "cat"}
    assert folder_names(reversed(list(names)), reserved=["unsure"]) == names


def test_that_a_numbered_name_still_fits_the_file_system() -> None:
    assert numbered(Path("a/tom.jpg"), 1) == Path("a/tom.jpg")
    assert numbered(Path("a/tom.jpg"), 2) == Path("a/tom (2).jpg")
    assert numbered(Path("a/tom"), 3) == Path("a/tom (3)")
    long = numbered(Path("a") / ("\u732b" * 83 + ".jpg"), 12)
    assert long.name.endswith("\u732b (12).jpg")
    assert len(os.fsencode(long.name)) <= 255


def test_that_names_on_the_disk_and_given_before_are_not_free(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere")
    names = FreeNames()
    taken = [names.take(tmp_path / name).name for name in ("a.jpg", "a.jpg", "A.JPG", "b.jpg", "dangling.jpg")]
    assert taken == ["a (2).jpg", "a (3).jpg", "A (4).JPG", "b.jpg", "dangling (2).jpg"]
    assert not names.claim(tmp_path / "B.jpg")
