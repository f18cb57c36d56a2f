from __future__ import annotations

import math

import numpy as np
import pytest

from engine.training.intervals import f1_interval, mean_intervals, wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.490162, 0.943318), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0), (1, 1, 0.206549, 1.0), (0, 0, 0, 1)],
)
def test_that_wilsons_interval_is_the_published_one(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-6)


def test_that_wilsons_interval_holds_the_truth_as_often_as_it_says() -> None:
    for true_share in (0.1, 0.5, 0.97):
        held = np.array([low <= true_share <= high for low, high in (wilson_interval(s, 60) for s in range(61))])
        chance = np.array([math.comb(60, s) * true_share**s * (1 - true_share) ** (60 - s) for s in range(61)])
        assert chance[held].sum() == pytest.approx(0.95, abs=0.025)


def test_that_the_interval_of_f1_holds_it_and_narrows_with_more_pictures() -> None:
    few, many = f1_interval(8, 10, 11), f1_interval(800, 1000, 1100)
    assert few[0] < many[0] < 2 * 8 / 21 < many[1] < few[1]
    assert f1_interval(0, 0, 0) == (0.0, 1.0)


def test_that_a_class_without_a_mistake_is_not_taken_to_be_infallible() -> None:
    intervals = mean_intervals(np.diag([5, 5]))
    assert all(0.5 < low < 0.95 and high <= 1.0 for low, high in intervals.values())


def test_that_the_means_lie_in_their_intervals_in_most_of_many_trials() -> None:
    """Three classes of sixty pictures, with answers whose true shares are known."""
    shares = np.array([[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.02, 0.03, 0.95]])
    recall = shares.diagonal()
    called = shares.sum(axis=0)
    truth = {"precision": (recall / called).mean(), "recall": recall.mean(), "f1": (2 * recall / (1 + called)).mean()}
    random = np.random.default_rng(1)
    held = dict.fromkeys(truth, 0)
    for trial in range(200):
        matrix = np.stack([random.multinomial(60, row) for row in shares])
        intervals = mean_intervals(matrix, trial)
        for name, value in truth.items():
            low, high = intervals[f"{name}_interval"]
            held[name] += low <= value <= high
    assert all(180 <= times <= 198 for times in held.values()), held


def test_that_three_hundred_classes_and_one_class_have_intervals_too() -> None:
    assert set(mean_intervals(np.diag(np.full(300, 3)))) == {"precision_interval", "recall_interval", "f1_interval"}
    assert mean_intervals(np.array([[4]]))["recall_interval"] == pytest.approx([1.0, 1.0])
