from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine import review
from engine.predictor import Predictor
from tests.bundles import BLUE, GREEN, PURPLE, RED, make_bundle, solid

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shares", "unknown", "expected"),
    [
        ((1.0, 0.0), False, 0.0),
        ((0.5, 0.5), False, 1.0),
        ((0.7, 0.2), False, 0.5),
        ((1.0,), False, 0.0),
        ((1.0,), True, 1.0),
    ],
)
def test_that_uncertainty_is_one_minus_the_margin_and_whole_for_the_unknown(
    shares: tuple[float, ...], unknown: bool, expected: float
) -> None:
    assert review.uncertainty(shares, unknown) == pytest.approx(expected)


def test_that_the_least_sure_comes_first_and_its_copies_wait() -> None:
    vectors = np.array([[0, 0], [0, 0], [0, 0.01], [1, 1], [0, 1]], dtype=np.float32)
    order = review.worth_asking([0.9, 1.0, 0.95, 0.5, 0.6], vectors)
    assert order[0] == 1
    assert set(order[1:3]) == {3, 4}
    assert sorted(order) == list(range(5))


def test_that_a_limit_keeps_one_of_each_kind_rather_than_many_of_one() -> None:
    kinds = np.repeat(np.eye(4, dtype=np.float32), 25, axis=0)
    order = review.worth_asking([0.8] * 100, kinds, limit=4)
    assert {index // 25 for index in order} == {0, 1, 2, 3}


def test_that_a_picture_nothing_is_known_of_is_asked_about_and_hides_no_other() -> None:
    vectors = np.array([[0, 0], [np.nan, np.nan], [1, 0]], dtype=np.float32)
    assert sorted(review.worth_asking([0.1, 1.0, 0.2], vectors)) == [0, 1, 2]
    assert review.worth_asking([0.1, 1.0, 0.2], vectors)[0] == 1


def test_that_nothing_and_one_and_all_alike_are_ordered_too() -> None:
    assert review.worth_asking([], np.zeros((0, 3), dtype=np.float32)) == []
    assert review.worth_asking([0.5], np.zeros((1, 3), dtype=np.float32)) == [0]
    assert sorted(review.worth_asking([0.5] * 6, np.zeros((6, 2), dtype=np.float32))) == list(range(6))


def test_that_five_thousand_are_ordered_in_a_second_or_so() -> None:
    chance = np.random.default_rng(0)
    order = review.worth_asking(list(chance.random(5000)), chance.random((5000, 16), dtype=np.float32))
    assert sorted(order) == list(range(5000))


def test_that_vectors_tell_classes_apart_and_times() -> None:
    answers = [[("cat", 0.9), ("dog", 0.1)], [("dog", 0.8)], [("cat", 0.9), ("dog", 0.1)]]
    vectors = review.answer_vectors(answers, [NOON, NOON + timedelta(seconds=1), NOON + timedelta(days=300)])
    assert vectors.shape == (3, 3)
    assert np.linalg.norm(vectors[0] - vectors[1]) > np.linalg.norm(vectors[0] - vectors[2]) > 0


def test_that_features_come_for_each_file_and_none_for_one_that_is_gone(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "m", ("cat", "dog", "frog")))
    files = [
        solid(tmp_path / "a.png", RED),
        tmp_path / "gone.png",
        solid(tmp_path / "b.png", BLUE),
        solid(tmp_path / "c.png", GREEN),
    ]
    seen = dict(review.features(predictor, files))
    assert seen[1] is None
    assert [index for index, vector in seen.items() if vector is not None] == [0, 2, 3]
    assert np.linalg.norm(seen[0]) == pytest.approx(1.0)
    assert np.argmax(seen[0]) == 0


def test_that_features_end_when_cancelled(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "m"))
    stop = threading.Event()
    stop.set()
    assert list(review.features(predictor, [solid(tmp_path / "a.png", PURPLE)], stop)) == []
