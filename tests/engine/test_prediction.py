from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import ImageTruncated
from engine.prediction import Failure, Prediction, Verdict


def prediction(*probabilities: float, unknown: bool = False) -> Prediction:
    classes = ("ant", "bee", "cat", "dog")[: len(probabilities)]
    values = np.array(probabilities, dtype=np.float32)
    return Prediction("a.png", classes, values, 1.0, unknown, "pets", 3, 1.5)


def test_that_the_best_class_is_the_one_with_the_largest_probability() -> None:
    answer = prediction(0.2, 0.7, 0.1)
    assert answer.predicted_class == "bee"
    assert answer.confidence == pytest.approx(0.7)


def test_that_the_top_classes_come_best_first_and_ties_in_the_models_order() -> None:
    assert [name for name, _ in prediction(0.25, 0.25, 0.1, 0.4).top(3)] == ["dog", "ant", "bee"]
    assert len(prediction(0.5, 0.5).top(9)) == 2


@pytest.mark.parametrize(
    ("best", "unknown", "verdict"),
    [(0.9, False, Verdict.SURE), (0.7, False, Verdict.UNSURE), (0.9, True, Verdict.UNKNOWN)],
)
def test_that_a_verdict_weighs_confidence_only_for_known_pictures(best: float, unknown: bool, verdict: Verdict) -> None:
    assert prediction(best, 1 - best, unknown=unknown).verdict(sure_above=0.8) is verdict


def test_that_the_public_shape_is_plain_json() -> None:
    shape = json.loads(json.dumps(prediction(0.2, 0.7, 0.1).as_json()))
    assert shape == {
        "predicted_class": "bee",
        "confidence": 0.7,
        "probabilities": {"bee": 0.7, "ant": 0.2, "cat": 0.1},
        "unknown": False,
    }
    assert list(prediction(0.2, 0.7, 0.1).as_json(top=2)["probabilities"]) == ["bee", "ant"]


def test_that_a_failure_tells_its_code_and_its_sentence() -> None:
    failure = Failure("a.png", ImageTruncated("a.png ends too early.", "Copy it again."))
    expected = {"code": "image_truncated", "message": "a.png ends too early. Copy it again."}
    assert failure.as_json() == {"error": expected}
