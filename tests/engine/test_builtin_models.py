"""What ships: the two built-in bundles answer the sample photos, and refuse what they should."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine import images, paths
from engine.card import KERAS, ONNX, Card, file_sha256
from engine.predictor import Predictor

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

from nothing import pictures_of_nothing

NAMES = ("cats-dogs", "everyday")


@cache
def predictor(name: str) -> Predictor:
    return Predictor(paths.builtin_models() / name)


def share_unknown(name: str, pictures: list[np.ndarray]) -> float:
    model = predictor(name)
    answers = model.run(np.stack(pictures))
    assert answers.familiarity is not None
    assert model.card.unknown_threshold is not None
    return float((answers.familiarity < model.card.unknown_threshold).mean())


@pytest.mark.parametrize("name", NAMES)
def test_that_the_files_are_those_the_card_was_written_for(name: str) -> None:
    bundle = paths.builtin_models() / name
    card = Card.read(bundle)
    assert {file: file_sha256(bundle / file) for file in (ONNX, KERAS)} == card.sha256


@pytest.mark.parametrize("name", NAMES)
def test_that_int8_is_what_ships(name: str) -> None:
    assert predictor(name).card.precision == "int8"


def test_that_the_card_of_cats_and_dogs_carries_measured_figures() -> None:
    metrics = predictor("cats-dogs").card.metrics
    assert metrics is not None
    assert metrics["images"] == 500
    assert metrics["accuracy"] >= 0.99
    assert metrics["accuracy_interval"][0] < metrics["accuracy"] < metrics["accuracy_interval"][1]


def test_that_no_figures_are_made_up_for_everyday_things() -> None:
    assert predictor("everyday").card.metrics is None


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("cat.jpg", {"Egyptian cat", "tabby cat", "tiger cat"}),
        ("coffee.jpg", {"espresso", "cup", "coffee mug"}),
    ],
)
def test_that_everyday_gets_the_samples_right(file: str, expected: set[str]) -> None:
    answer = predictor("everyday").predict(paths.samples() / file)
    assert answer.predicted_class in expected
    assert not answer.unknown


def test_that_everyday_has_the_rocket_among_its_first_guesses() -> None:
    answer = predictor("everyday").predict(paths.samples() / "rocket.jpg")
    assert {name for name, _ in answer.top(5)} & {"missile", "projectile", "space shuttle"}


def test_that_the_cat_is_known_and_called_a_cat() -> None:
    answer = predictor("cats-dogs").predict(paths.samples() / "cat.jpg")
    assert (answer.predicted_class, answer.unknown) == ("cat", False)
    assert answer.confidence > 0.95


@pytest.mark.parametrize("file", ["coffee.jpg", "rocket.jpg", "astronaut.jpg"])
def test_that_what_is_neither_cat_nor_dog_is_unknown(file: str) -> None:
    assert predictor("cats-dogs").predict(paths.samples() / file).unknown


@pytest.mark.parametrize("name", NAMES)
def test_that_pictures_of_nothing_are_unknown(name: str) -> None:
    size = predictor(name).card.input
    pictures = [images.fit(picture, size.width, size.height) for _, picture in pictures_of_nothing(4, seed=99)]
    assert share_unknown(name, pictures) >= 0.97


@pytest.mark.parametrize(("label", "least", "most"), [("cat", 0.0, 0.1), ("cup", 0.97, 1.0)])
def test_that_cut_outs_are_told_apart_too(label: str, least: float, most: float) -> None:
    files = sorted((paths.program_folder() / "data" / "sample-set" / label).iterdir())
    size = predictor("cats-dogs").card.input
    share = share_unknown("cats-dogs", [images.load(file, size.width, size.height) for file in files])
    assert least <= share <= most


def test_that_the_thousand_classes_have_a_thousand_names() -> None:
    names = predictor("everyday").classes
    assert len({name.lower() for name in names}) == 1000
    assert {"golden retriever", "coffee mug", "crane (bird)", "crane (machine)"} <= set(names)
