"""The light edition as the terminal sees it: this one, with TensorFlow out of reach."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.bundles import RED, solid
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def light(builtin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # After the tiny models are made, which takes onnx.
    for library in ("tensorflow", "keras", "tf2onnx", "onnx"):
        monkeypatch.setitem(sys.modules, library, None)


@pytest.fixture
def builtin(builtin: Path, tmp_path: Path) -> Path:
    """Built-in models as the light edition brings them: for answering alone."""
    light = shutil.copytree(builtin, tmp_path / "light")
    for twin in light.rglob("model.keras"):
        twin.unlink()
    return light


def test_that_training_needs_the_full_edition(command: Command, labelled_folder: Path, home: Path) -> None:
    ran = command("train", labelled_folder)
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "Training needs the full edition of Whisker. Install it; your models and settings will be there."
    ]
    assert not list(home.rglob("*.log")), "no child was started"


def test_that_nothing_is_fetched_for_a_training_that_cannot_be(command: Command, labelled_folder: Path) -> None:
    ran = command("train", labelled_folder, "--recipe", "vgg16")
    assert "full edition" in ran.err
    assert "weights" not in ran.err


def test_that_pictures_are_answered(command: Command, tmp_path: Path) -> None:
    ran = command("predict", solid(tmp_path / "a.png", RED))
    assert (ran.code, len(ran.out)) == (0, 1)
    assert "cat" in ran.out[0]


@pytest.mark.parametrize("form", ["keras", "tflite"])
def test_that_a_format_only_the_full_edition_makes_is_said(command: Command, tmp_path: Path, form: str) -> None:
    ran = command("models", "export", "cats-dogs", tmp_path / "out", "--format", form)
    assert ran.code == 1
    assert "full edition" in ran.err
    assert not (tmp_path / "out").exists()
