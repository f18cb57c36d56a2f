from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ImageEmpty
from engine.prediction import Failure, Prediction
from gui.predict.many.picture import BEST_SHARES, Kept, Picture, State, keep, natural


def _prediction(shares: list[float], *, unknown: bool = False, path: Path | None = None) -> Prediction:
    classes = tuple(f"class {place}" for place in range(len(shares)))
    return Prediction("a.jpg", classes, np.array(shares, np.float32), 0.9, unknown, "model", 3, 12.0, path)


def _answered(shares: list[float], *, unknown: bool = False) -> Picture:
    picture = Picture("/photos/a.jpg")
    picture.take(keep(7, _prediction(shares, unknown=unknown)), 0.8)
    return picture


@pytest.mark.parametrize(
    ("first", "second"),
    [("photo 9.jpg", "photo 10.jpg"), ("IMG_2.jpg", "img_10.jpg"), ("a007.jpg", "a8.jpg"), ("a.jpg", "b 1.jpg")],
)
def test_that_names_are_ordered_as_a_person_would(first: str, second: str) -> None:
    assert natural(first) < natural(second)


def test_that_an_answer_comes_back_whole_when_there_are_few_classes() -> None:
    kept = keep(7, _prediction([0.1, 0.7, 0.2]))
    assert isinstance(kept, Kept)
    again = kept.prediction(Path("/photos/a.jpg"))
    assert again.probabilities.tolist() == pytest.approx([0.1, 0.7, 0.2])
    assert (again.predicted_class, again.path, again.model_version) == ("class 1", Path("/photos/a.jpg"), 3)


def test_that_of_very_many_classes_the_best_shares_are_kept_and_no_more() -> None:
    shares = [0.0] * 1000
    shares[500], shares[3], shares[999] = 0.6, 0.3, 0.1
    kept = keep(None, _prediction(shares))
    assert isinstance(kept, Kept)
    assert kept.shares.nbytes <= 4 * BEST_SHARES
    top = kept.prediction(Path("a.jpg")).top(3)
    assert [name for name, _ in top] == ["class 500", "class 3", "class 999"]


def test_that_what_is_kept_does_not_hold_the_batch_it_came_in() -> None:
    batch = np.zeros((64, 3), np.float32)
    prediction = Prediction("a.jpg", ("a", "b", "c"), batch[5], None, False, "model", 1, 1.0)
    kept = keep(None, prediction)
    assert isinstance(kept, Kept)
    assert kept.shares.base is None


def test_that_a_failure_is_kept_without_the_frames_it_happened_in() -> None:
    try:
        raise ImageEmpty("a.jpg is empty.", "Copy it again.")
    except ImageEmpty as error:
        kept = keep(None, Failure("a.jpg", error))
    assert isinstance(kept, ImageEmpty)
    assert kept.__traceback__ is None
    assert str(kept) == "a.jpg is empty. Copy it again."


def test_that_a_picture_counts_as_its_class_only_when_the_model_is_sure() -> None:
    assert _answered([0.1, 0.9]).group == "class 1"
    assert _answered([0.4, 0.6]).group is State.UNSURE
    assert _answered([0.1, 0.9], unknown=True).group is State.UNKNOWN
    assert Picture("/photos/a.jpg").group is State.WAITING


def test_that_what_a_person_said_outweighs_the_model() -> None:
    picture = _answered([0.4, 0.6], unknown=True)
    picture.correction = "class 0"
    assert picture.group == "class 0"
    sorted_as = picture.as_corrected()
    assert isinstance(sorted_as, Prediction)
    assert (sorted_as.predicted_class, sorted_as.confidence, sorted_as.unknown) == ("class 0", 1.0, False)


def test_that_a_class_the_model_does_not_know_can_be_said() -> None:
    picture = _answered([0.4, 0.6])
    picture.correction = "fox"
    sorted_as = picture.as_corrected()
    assert isinstance(sorted_as, Prediction)
    assert sorted_as.predicted_class == "fox"


def test_that_a_correction_leaves_the_exported_answer_as_the_model_gave_it() -> None:
    picture = _answered([0.1, 0.9])
    picture.correction = "class 0"
    outcome = picture.outcome()
    assert isinstance(outcome, Prediction)
    assert outcome.predicted_class == "class 1"
