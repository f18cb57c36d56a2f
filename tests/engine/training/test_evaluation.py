from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import DatasetError
from engine.training.evaluation import (
    calibration_error,
    evaluate_predictions,
    paired_comparison,
    reliability_curve,
)

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
CLASSES = ("cat", "dog", "fox")


def answers(predicted: list[int], confidence: float = 0.8, k: int = 3) -> Floats:
    probabilities = np.full((len(predicted), k), (1 - confidence) / (k - 1), dtype=np.float32)
    probabilities[np.arange(len(predicted)), predicted] = confidence
    return probabilities


@pytest.fixture
def metrics() -> dict[str, Any]:
    """Six cats (one taken for a dog, one for a fox), three dogs (one taken for a cat), one fox."""
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 2])
    return evaluate_predictions(answers([0, 0, 0, 0, 1, 2, 1, 1, 0, 2]), labels, CLASSES)


def test_that_the_metrics_are_those_worked_out_by_hand(metrics: dict[str, Any]) -> None:
    cat, dog, fox = (metrics["per_class"][name] for name in CLASSES)
    assert metrics["accuracy"] == pytest.approx(0.7)
    assert (cat["precision"], cat["recall"], cat["support"]) == pytest.approx((4 / 5, 4 / 6, 6))
    assert (dog["precision"], dog["recall"], dog["support"]) == pytest.approx((2 / 3, 2 / 3, 3))
    assert (fox["precision"], fox["recall"], fox["support"]) == pytest.approx((1 / 2, 1, 1))
    assert [cat["f1"], dog["f1"], fox["f1"]] == pytest.approx([8 / 11, 2 / 3, 2 / 3])
    assert metrics["precision"] == pytest.approx((4 / 5 + 2 / 3 + 1 / 2) / 3)
    assert metrics["recall"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert metrics["f1"] == pytest.approx((8 / 11 + 2 / 3 + 2 / 3) / 3)
    assert metrics["ece"] == pytest.approx(0.1)


def test_that_rows_of_the_confusion_matrix_are_the_true_classes(metrics: dict[str, Any]) -> None:
    matrix = [[4, 1, 1], [1, 2, 0], [0, 0, 1]]
    assert metrics["confusion_matrix"] == {"classes": ["cat", "dog", "fox"], "matrix": matrix}


def test_that_the_metrics_have_the_public_shape_and_go_through_json(metrics: dict[str, Any]) -> None:
    expected = {
        "accuracy", "accuracy_interval", "precision", "recall", "f1", "per_class", "confusion_matrix", "ece", "images"
    }  # fmt: skip
    intervals = {"precision_interval", "recall_interval", "f1_interval"}
    assert set(metrics) == expected | intervals
    assert all(0 <= metrics[name][0] <= metrics[name][1] <= 1 for name in intervals)
    assert metrics["images"] == 10
    assert metrics["accuracy_interval"] == pytest.approx([0.39677, 0.89221], abs=1e-5)
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_that_a_class_without_pictures_has_no_support_and_no_say_in_the_means() -> None:
    metrics = evaluate_predictions(answers([0, 1, 2, 1]), np.array([0, 1, 1, 1]), CLASSES)
    fox = metrics["per_class"]["fox"]
    assert (fox["precision"], fox["recall"], fox["f1"], fox["support"]) == (0, 0, 0, 0)
    assert fox["recall_interval"] == [0, 1]
    assert metrics["recall"] == pytest.approx((1 + 2 / 3) / 2)
    assert metrics["precision"] == 1


def test_that_a_class_never_predicted_has_no_precision() -> None:
    metrics = evaluate_predictions(answers([0, 0]), np.array([0, 1]), CLASSES)
    assert metrics["per_class"]["dog"]["precision"] == 0
    assert metrics["per_class"]["dog"]["precision_interval"] == [0, 1]
    assert metrics["precision"] == pytest.approx(0.25)


def test_that_no_pictures_are_no_measurement() -> None:
    with pytest.raises(DatasetError, match="no photos"):
        evaluate_predictions(np.zeros((0, 3), np.float32), np.zeros(0, np.int64), CLASSES)


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [(answers([0, 1]), [0]), (answers([0], k=2), [0]), (answers([0]), [3]), (answers([0]), [-1])],
)
def test_that_labels_that_do_not_belong_are_a_mistake(probabilities: Floats, labels: list[int]) -> None:
    with pytest.raises(ValueError, match="labels"):
        evaluate_predictions(probabilities, np.array(labels), CLASSES)


def test_that_honest_confidence_has_no_calibration_error() -> None:
    labels = np.array([0] * 8 + [1] * 2)
    assert calibration_error(answers([0] * 10, 0.8), labels) == pytest.approx(0, abs=1e-6)
    assert calibration_error(answers([0] * 10, 0.99), labels) == pytest.approx(0.19, abs=1e-6)


def test_that_each_answer_falls_into_one_bin_edges_into_the_lower() -> None:
    probabilities = np.array([[1.0, 0.0], [0.5, 0.5], [0.75, 0.25], [0.76, 0.24]])
    curve = reliability_curve(probabilities, np.array([0, 0, 1, 0]), bins=4)
    assert [part.count for part in curve] == [0, 1, 1, 2]
    assert [part.accuracy for part in curve] == [None, 1, 0, 1]
    assert [part.confidence for part in curve] == pytest.approx([0.125, 0.5, 0.75, 0.88])
    assert (curve[0].low, curve[-1].high) == (0, 1)


def test_that_certainty_a_rounding_error_above_one_is_counted() -> None:
    curve = reliability_curve(np.array([[1.0000001, 0.0], [0.0, 0.0]], np.float32), np.array([0, 0]))
    assert (curve[-1].count, curve[0].count) == (1, 1)


def pair(only_first: int, only_second: int, both: int = 5) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    first = np.array([True] * only_first + [False] * only_second + [True] * both, dtype=np.bool_)
    second = np.array([False] * only_first + [True] * only_second + [True] * both, dtype=np.bool_)
    return first, second


@pytest.mark.parametrize(
    ("only_first", "only_second", "verdict", "p"),
    [
        (0, 0, "no difference", 1.0),
        (5, 5, "no difference", 1.0),
        (2, 8, "no difference", 112 / 1024),
        (1, 9, "better", 22 / 1024),
        (9, 1, "worse", 22 / 1024),
        (0, 900, "better", 2.0**-899),
        (0, 5, "no difference", 1 / 16),
    ],
)
def test_that_two_models_are_told_apart_only_when_chance_does_not_do(
    only_first: int, only_second: int, verdict: str, p: float
) -> None:
    comparison = paired_comparison(*pair(only_first, only_second))
    assert comparison.verdict == verdict
    assert comparison.p == pytest.approx(p, rel=1e-9)
    assert (comparison.only_first, comparison.only_second) == (only_first, only_second)


@pytest.mark.parametrize("apart", [0, 2, 30, 60, 100, 200])
def test_that_the_approximation_for_many_disagreements_joins_the_exact_test(
    monkeypatch: pytest.MonkeyPatch, apart: int
) -> None:
    answered = pair(500 - apart // 2, 500 + apart // 2)
    exact = paired_comparison(*answered).p
    monkeypatch.setattr("engine.training.evaluation.EXACT_UP_TO", 999)
    assert paired_comparison(*answered).p == pytest.approx(exact, abs=0.001)


def test_that_thousands_of_disagreements_are_judged_too() -> None:
    assert paired_comparison(*pair(600, 600)).p == 1
    assert paired_comparison(*pair(10_000, 20_000)).verdict == "better"


def test_that_answers_to_different_pictures_are_not_compared() -> None:
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_comparison(np.array([True]), np.array([True, False]))
