"""When one set of answers counts as better than another."""

import numpy as np

from engine.training.child.paired import Scored

LABELS = np.zeros(60, np.int64)


def answers(right: float, mistaken: tuple[int, ...] = (), wrong: float = 0.001) -> np.ndarray:
    """Probabilities of two classes: of the right one `right`, for the `mistaken` pictures `wrong`."""
    chosen = np.full(len(LABELS), right, np.float32)
    chosen[list(mistaken)] = wrong
    return np.stack([chosen, 1 - chosen], axis=1)


def test_that_answers_that_are_surer_of_what_is_right_are_better() -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, len(LABELS)).astype(np.float32)
    before = answers(0.7)
    before[:, 0] += noise
    before[:, 1] -= noise
    assert Scored.of(answers(0.9), LABELS).better_than(Scored.of(before, LABELS))


def test_that_nothing_is_better_than_itself() -> None:
    same = Scored.of(answers(0.8, (3, 9)), LABELS)
    assert not same.better_than(same)


def test_that_fewer_right_are_not_better_however_sure() -> None:
    surer_but_wrong_once = Scored.of(answers(0.99, (5,), wrong=0.45), LABELS)
    assert not surer_but_wrong_once.better_than(Scored.of(answers(0.6), LABELS))


def test_that_one_lucky_picture_does_not_decide() -> None:
    before, after = answers(0.9, (7,)), answers(0.9)
    assert not Scored.of(after, LABELS).better_than(Scored.of(before, LABELS))


def test_that_one_bad_mistake_does_not_outweigh_all_others() -> None:
    before, after = answers(0.7, (7,), wrong=0.2), answers(0.95, (7,), wrong=1e-7)
    assert Scored.of(after, LABELS).better_than(Scored.of(before, LABELS))
