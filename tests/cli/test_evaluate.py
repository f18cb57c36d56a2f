from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.evaluate import match_classes
from engine.errors import DatasetError
from tests.bundles import BLUE, RED, solid
from tests.cli.conftest import Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine of ten pictures are what their folder says: one red one lies among the dogs."""
    folder = tmp_path / "labelled"
    for i in range(5):
        solid(folder / "cat" / f"{i}.png", RED)
        solid(folder / "dog" / f"{i}.png", BLUE if i else RED)
    return folder


def test_that_the_measurements_read_as_plain_words(command: Command, folder: Path) -> None:
    ran = command("evaluate", folder)
    assert ran.code == 0
    assert ran.out[0] == "9 of 10 right: 90.0 % (95 % sure: 59.6 % to 98.2 %)"
    assert "  1 x dog taken for cat" in ran.out
    assert any(line.split()[:2] == ["cat", "5"] for line in ran.out)


def test_that_json_holds_the_public_metrics(command: Command, folder: Path) -> None:
    (line,) = command("evaluate", folder, "--json").out
    metrics = json.loads(line)
    assert metrics["accuracy"] == 0.9
    assert metrics["images"] == 10
    assert metrics["confusion_matrix"] == {"classes": ["cat", "dog"], "matrix": [[5, 0], [1, 4]]}
    assert metrics["per_class"]["dog"]["recall"] == 0.8
    assert {"accuracy_interval", "precision", "recall", "f1", "ece"} <= set(metrics)
    assert metrics["model"] == "cats-dogs"


def test_that_of_a_split_folder_the_test_pictures_count(command: Command, tmp_path: Path) -> None:
    for split, colour in (("train", RED), ("test", BLUE)):
        solid(tmp_path / split / "cat" / "1.png", RED)
        solid(tmp_path / split / "dog" / "2.png", colour)
    ran = command("evaluate", tmp_path)
    assert ran.out[0].startswith("2 of 2 right")
    assert "2 photos under test/" in ran.err


def test_that_a_damaged_picture_is_named_and_the_others_are_measured(command: Command, folder: Path) -> None:
    (folder / "cat" / "x.jpg").write_bytes(b"nothing")
    ran = command("evaluate", folder, "--json")
    assert ran.code == 1
    assert "x.jpg" in ran.err
    assert (json.loads(ran.out[0])["images"], json.loads(ran.out[0])["failed"]) == (10, 1)


def test_that_measuring_leaves_no_trace_in_the_history(command: Command, folder: Path, home: Path) -> None:
    command("evaluate", folder)
    assert not (home / "whisker.db").exists()


def test_that_a_folder_that_is_not_there_is_a_sentence(command: Command, tmp_path: Path) -> None:
    ran = command("evaluate", tmp_path / "gone")
    assert ran.code == 1
    assert "is not there" in ran.err


def test_that_labels_match_classes_whatever_their_case_and_number() -> None:
    assert match_classes(["Cats", "DOG"], ["cat", "dog"]) == {"Cats": 0, "DOG": 1}
    assert match_classes(["Cat"], ["cat", "Cat"]) == {"Cat": 1}
    with pytest.raises(DatasetError, match="does not know bird: its classes are cat, dog"):
        match_classes(["cat", "bird"], ["cat", "dog"])
