"""Familiarity, on invented features: no network is needed to judge the rule itself."""

from __future__ import annotations

import numpy as np
import pytest

from engine.unknown import HEAD_CLASSES, MAX_PROTOTYPES, Evidence, Familiarity, fit_familiarity

WIDTH = 64


@pytest.fixture
def head() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.normal(size=(WIDTH, HEAD_CLASSES)).astype(np.float32), np.zeros(HEAD_CLASSES, np.float32)


def around(centre: np.ndarray, count: int, seed: int, spread: float = 0.15) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(scale=spread, size=(count, WIDTH))
    return np.maximum(centre + noise, 0).astype(np.float32)


@pytest.fixture
def taught(head: tuple[np.ndarray, np.ndarray]) -> tuple[Familiarity, float, np.ndarray]:
    centre = np.abs(np.random.default_rng(1).normal(size=WIDTH))
    familiarity, threshold = fit_familiarity(around(centre, 400, 2), *head)
    return familiarity, threshold, centre


def test_that_pictures_like_those_taught_are_known(taught: tuple[Familiarity, float, np.ndarray]) -> None:
    familiarity, threshold, centre = taught
    assert (familiarity.score(around(centre, 300, 3)) < threshold).mean() <= 0.05


def test_that_other_things_are_unknown(taught: tuple[Familiarity, float, np.ndarray]) -> None:
    familiarity, threshold, _ = taught
    elsewhere = np.abs(np.random.default_rng(9).normal(size=WIDTH))
    assert (familiarity.score(around(elsewhere, 300, 4)) < threshold).all()


def test_that_altered_copies_which_look_less_familiar_lower_the_threshold(
    head: tuple[np.ndarray, np.ndarray], taught: tuple[Familiarity, float, np.ndarray]
) -> None:
    _, threshold, centre = taught
    pictures = around(centre, 400, 2)
    altered = np.maximum(pictures + np.random.default_rng(5).normal(scale=0.5, size=pictures.shape), 0)
    _, lower = fit_familiarity(pictures, *head, altered.astype(np.float32), np.arange(400))
    assert lower < threshold


def test_that_centres_are_few_however_many_pictures_there_are(head: tuple[np.ndarray, np.ndarray]) -> None:
    centre = np.abs(np.random.default_rng(1).normal(size=WIDTH))
    many, _ = fit_familiarity(around(centre, 600, 2), *head)
    few, _ = fit_familiarity(around(centre, 20, 2), *head)
    assert many.prototypes.shape == (MAX_PROTOTYPES, WIDTH)
    assert few.prototypes.shape == (20, WIDTH)
    assert np.allclose(np.linalg.norm(many.prototypes, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_that_very_few_pictures_still_give_a_threshold(head: tuple[np.ndarray, np.ndarray], count: int) -> None:
    familiarity, threshold = fit_familiarity(around(np.ones(WIDTH), count, 0), *head)
    assert np.isfinite(threshold)
    assert np.isfinite(familiarity.score(around(np.ones(WIDTH), 5, 1))).all()


def test_that_evidence_is_refused_for_pictures_of_nothing_and_for_weak_answers() -> None:
    nothing = np.eye(WIDTH, dtype=np.float32)[:1]
    evidence = Evidence(nothing, smallest_logit=5.0, largest_likeness=0.6)
    features = np.stack([nothing[0], np.ones(WIDTH, np.float32), np.ones(WIDTH, np.float32)])
    logits = np.zeros((3, 10), np.float32)
    logits[:, 0] = [9.0, 9.0, 4.0]
    assert (evidence.score(features, logits) < 0).tolist() == [True, False, True]
