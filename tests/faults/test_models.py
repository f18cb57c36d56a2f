"""A model's files are damaged behind the program's back: it is refused, another one answers, and that is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from engine.bulletin import News, ShelfChanged
from engine.card import CARD, ONNX
from engine.errors import ModelBroken
from engine.paths import Home
from engine.whisker import Whisker
from server.app import create_app
from tests.bundles import RED, make_bundle, solid
from tests.cli.conftest import Command, builtin, command
from tests.engine.bundle_edits import edit_model
from tests.faults.conftest import Tried
from tests.faults.window import look

__all__ = ["builtin", "command"]


def cut_in_half(bundle: Path) -> None:
    content = (bundle / ONNX).read_bytes()
    (bundle / ONNX).write_bytes(content[: len(content) // 2])


def emptied(bundle: Path) -> None:
    (bundle / ONNX).write_bytes(b"")


def one_byte_changed(bundle: Path) -> None:
    content = bytearray((bundle / ONNX).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / ONNX).write_bytes(content)


def swapped(bundle: Path) -> None:
    """Another sound model's file, of other classes."""
    other = make_bundle(bundle.parents[2] / "other", ("ruby", "sky"))
    shutil.copyfile(other / ONNX, bundle / ONNX)


def turned_about(bundle: Path) -> None:
    """Only the golden answers can tell: shapes and classes fit, and even the card's hash was made to."""

    def change(model: Any) -> None:
        (bias,) = (each for each in model.graph.initializer if each.name == "bias")
        answers_dog = onnx.numpy_helper.to_array(bias) - np.array([9, 0], dtype=np.float32)
        bias.CopyFrom(onnx.numpy_helper.from_array(answers_dog, "bias"))

    edit_model(bundle, change)


def unlinked(bundle: Path) -> None:
    (bundle / ONNX).unlink()


def card_cut(bundle: Path) -> None:
    (bundle / CARD).write_text('{"format": 1, "name": "pe', encoding="utf-8")


def gone(bundle: Path) -> None:
    shutil.rmtree(bundle)


DAMAGES = (cut_in_half, emptied, one_byte_changed, swapped, turned_about, unlinked, card_cut, gone)
Pets = Callable[[], Whisker]


@pytest.fixture
def pets(home: Path, tmp_path: Path, builtin: Path) -> Pets:
    """pets() opens the engine anew over a home where pets@1 and then pets@2 were chosen."""
    whisker = Whisker(Home(home), builtin)
    for _ in range(2):
        staged = whisker.shelf.stage()
        entry = whisker.shelf.publish(make_bundle(staged, name="pets", title="Pets"), "pets")
        whisker.shelf.activate(entry.reference)
    whisker.close()
    return lambda: Whisker(Home(home), builtin)


@pytest.mark.parametrize("damage", DAMAGES)
def test_that_a_damaged_model_is_refused_and_the_version_before_answers(
    pets: Pets, home: Path, tmp_path: Path, tried: Tried, damage: Callable[[Path], None]
) -> None:
    damage(home / "models" / "pets" / "2")
    whisker = pets()
    _, answer = whisker.classify(solid(tmp_path / "a.png", RED), origin="cli")
    assert (answer.predicted_class, answer.model, answer.model_version) == ("cat", "pets", 1)
    assert whisker.shelf.active.reference == "pets@1"
    assert whisker.substitution is not None
    assert whisker.substitution.endswith("Pets, version 1, answers in its place.")
    whisker.close()
    tried("a model's file damaged or swapped")


def test_that_with_every_version_damaged_the_built_in_model_answers(
    pets: Pets, home: Path, tmp_path: Path, tried: Tried
) -> None:
    one_byte_changed(home / "models" / "pets" / "1")
    cut_in_half(home / "models" / "pets" / "2")
    whisker = pets()
    _, answer = whisker.classify(solid(tmp_path / "a.png", RED), origin="cli")
    assert answer.model == "cats-dogs"
    assert "Cats and dogs, version 1, answers in its place" in str(whisker.substitution)
    whisker.close()
    tried("a model's file damaged or swapped", 2)


def test_that_with_no_sound_model_at_all_the_chosen_ones_damage_is_named(home: Path, tmp_path: Path) -> None:
    cut_in_half(make_bundle(tmp_path / "builtin" / "cats-dogs"))
    whisker = Whisker(Home(home), tmp_path / "builtin")
    with pytest.raises(ModelBroken, match="was altered"):
        _ = whisker.predictor
    whisker.close()


def test_that_the_choice_stands_and_answers_again_once_the_file_is_mended(
    pets: Pets, home: Path, tmp_path: Path
) -> None:
    file = home / "models" / "pets" / "2" / ONNX
    sound = file.read_bytes()
    file.write_bytes(b"")
    whisker = pets()
    heard: list[News] = []
    whisker.bulletin.listen(heard.append)
    assert whisker.predictor.card.version == 1
    assert ShelfChanged() in heard
    with pytest.raises(ModelBroken):
        whisker.shelf.activate("pets@2")
    file.write_bytes(sound)
    whisker.shelf.activate("pets@2")
    assert (whisker.predictor.card.version, whisker.substitution) == (2, None)
    whisker.close()
    again = pets()
    assert (again.predictor.card.version, again.substitution) == (2, None)
    again.close()


def test_that_the_api_answers_and_its_health_says_that_another_model_does(pets: Pets, home: Path) -> None:
    cut_in_half(home / "models" / "pets" / "2")
    whisker = pets()
    client = create_app(whisker).test_client()
    health = client.get("/api/health")
    assert (health.status_code, health.get_json()["model_version"]) == (200, 1)
    assert "Pets, version 1, answers in its place" in health.get_json()["problem"]
    whisker.close()


def test_that_the_terminal_answers_and_says_that_another_model_does(
    pets: Pets, home: Path, tmp_path: Path, command: Command
) -> None:
    cut_in_half(home / "models" / "pets" / "2")
    ran = command("predict", solid(tmp_path / "a.png", RED))
    assert ran.code == 0
    assert "Pets, version 1, answers in its place." in ran.err
    assert len(ran.out) == 1


def test_that_the_window_answers_and_says_that_another_model_does(pets: Pets, home: Path, builtin: Path) -> None:
    cut_in_half(home / "models" / "pets" / "2")
    seen = look(home, builtin)
    assert (seen["answer"], seen["status"], seen["code"]) == ("cat", "pets v1", 0)
    assert "Pets, version 1, answers in its place." in seen["notice"]


def test_that_a_note_of_the_choice_that_cannot_be_read_is_said(pets: Pets, home: Path) -> None:
    (home / "models" / "active.json").write_text('{"active": "pets@', encoding="utf-8")
    whisker = pets()
    assert whisker.predictor.card.name == "cats-dogs"
    assert "Choose yours again" in str(whisker.substitution)
    whisker.shelf.activate("pets@2")
    assert (whisker.predictor.card.name, whisker.substitution) == ("pets", None)
    whisker.close()
