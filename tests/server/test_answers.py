"""Answers put together from pieces: to the byte what the ordinary way says."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from engine.errors import ImageEmpty
from engine.prediction import Failure, Prediction
from server.answers import answer, answers
from server.replies import encoded


def prediction(shares: Sequence[float], classes: Sequence[str] | None = None) -> Prediction:
    names = tuple(classes or (f"class {number}" for number in range(len(shares))))
    return Prediction("a.jpg", names, np.array(shares, dtype=np.float32), 0.5, False, "some-model", 3, 1.2345)


def by_the_book(what: Prediction, top: int | None, timestamp: str) -> bytes:
    around = {"timestamp": timestamp, "model": "some-model", "model_version": 3, "elapsed_ms": 1.23}
    return encoded({**what.as_json(top), **around})


@pytest.mark.parametrize("top", [None, 1, 3, 5000])
@pytest.mark.parametrize(
    "shares",
    [
        [1.0],
        [0.5, 0.5],
        [0.0, 1.0, 0.0],
        [0.0040955, 0.0040965, 0.9918079],
        [1e-7, 4e-7, 5e-7, 6e-7, 1e-6, 0.9999974],
        [0.25] * 4,
    ],
)
def test_that_an_answer_says_what_the_prediction_says(shares: list[float], top: int | None) -> None:
    what = prediction(shares)
    said = answer(what, top)
    assert said == by_the_book(what, top, json.loads(said)["timestamp"])


@pytest.mark.parametrize("sharpness", [0.01, 0.1, 1.0, 100.0])
def test_that_a_thousand_classes_come_out_the_same(sharpness: float) -> None:
    chance = np.random.default_rng(7)
    for _ in range(20):
        what = prediction(chance.dirichlet(np.full(1000, sharpness)).tolist())
        said = answer(what)
        assert said == by_the_book(what, None, json.loads(said)["timestamp"])


def test_that_names_of_every_kind_come_out_whole() -> None:
    names = ['"quoted"', "back\\slash", "Öl 猫 🐱", "line\nbreak", "a,b:{}", "\ud800"]
    what = prediction([0.3, 0.2, 0.2, 0.1, 0.1, 0.1], names)
    said = answer(what)
    assert said == by_the_book(what, None, json.loads(said)["timestamp"])


def test_that_what_is_no_share_does_not_bring_the_answer_down() -> None:
    what = prediction([float("nan"), 0.5, 0.5])
    said = answer(what)
    assert said == by_the_book(what, None, json.loads(said)["timestamp"])


def test_that_many_answers_are_named_and_say_what_went_wrong() -> None:
    what, failed = prediction([0.5, 0.5]), Failure("b.jpg", ImageEmpty("b.jpg is empty.", "Copy it again."))
    said = json.loads(answers([("a.jpg", what), ("b.jpg", failed), ("c.jpg", None)], None))["predictions"]
    assert [item["name"] for item in said] == ["a.jpg", "b.jpg", "c.jpg"]
    assert said[0] == {"name": "a.jpg"} | json.loads(answer(what)) | {"timestamp": said[0]["timestamp"]}
    assert said[1]["error"]["code"] == "image_empty"
    assert said[2]["error"]["code"] == "too_late"
