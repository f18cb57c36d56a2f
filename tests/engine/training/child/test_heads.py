"""What is told while a head learns. TensorFlow is imported here, which takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.training.events import Epoch, Stage
from engine.training.plan import TrainingPlan
from engine.training.preparation import Pictures

pytestmark = [
    pytest.mark.slow,
    # TensorFlow's variables do not know NumPy 2's `copy` keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
PLAN = TrainingPlan(Path(), "clouds", epochs=20).checked()


class Listener:
    """A reporter that lets everything through."""

    cancelled = False

    def __init__(self) -> None:
        self.told: list[Any] = []

    def tell(self, event: Any) -> None:
        self.told.append(event)

    tell_sometimes = tell

    def check(self) -> None:
        return


@pytest.fixture
def noise() -> tuple[Pictures, np.ndarray]:
    """Sixty pictures with more features than pictures and labels by chance: all can be learnt, nothing be known."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 60)
    pictures = Pictures(("cat", "dog"), (Path(),) * 60, labels, (None,) * 60, (), (), ())
    return pictures, random.normal(size=(60, 1, 200)).astype(np.float32)


def test_that_the_curve_of_pictures_held_back_is_really_theirs(noise: tuple[Pictures, np.ndarray]) -> None:
    from engine.training.child.heads import teach_head

    pictures, variants = noise
    taught, held_back = np.arange(30), np.arange(30, 60)
    listener = Listener()
    head = teach_head(pictures, variants, taught, PLAN, listener, held_back=held_back)  # type: ignore[arg-type]
    assert all(isinstance(event, Epoch) for event in listener.told)
    last = listener.told[-1]
    right = head.logits(variants[held_back, 0]).argmax(axis=1) == pictures.labels[held_back]
    assert last.accuracy == 1.0
    assert last.val_accuracy == pytest.approx(right.mean())
    assert last.val_accuracy < 0.8, "what was learnt by rote is of no use for others"
    assert last.val_loss > last.loss


def test_that_the_last_epoch_is_told_however_fast_they_come(noise: tuple[Pictures, np.ndarray]) -> None:
    from engine.training.child.heads import teach_head

    pictures, variants = noise
    busy = Listener()
    busy.tell_sometimes = lambda _event: None  # type: ignore[method-assign]
    teach_head(pictures, variants, np.arange(30), PLAN, busy, held_back=np.arange(30, 60))  # type: ignore[arg-type]
    assert [event.number for event in busy.told] == [PLAN.epochs]


def test_that_a_head_without_pictures_held_back_has_no_curve(noise: tuple[Pictures, np.ndarray]) -> None:
    from engine.training.child.heads import teach_head

    pictures, variants = noise
    listener = Listener()
    teach_head(pictures, variants, np.arange(30), PLAN, listener)  # type: ignore[arg-type]
    assert {type(event) for event in listener.told} == {Stage}
