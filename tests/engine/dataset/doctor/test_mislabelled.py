"""Tests for the judge of labels."""

from __future__ import annotations

import threading

import numpy as np

from engine.dataset.doctor.mislabelled import FEWEST, judge


def clusters(classes: int, each: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """L2-normalised features in clusters, and the true labels."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 1, (classes, 40))
    labels = np.repeat(np.arange(classes), each)
    rows = centres[labels] + random.normal(0, spread, (len(labels), 40))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels


def flipped(labels: np.ndarray, share: float, classes: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(labels), int(share * len(labels)), replace=False))
    wrong = labels.copy()
    wrong[chosen] = (wrong[chosen] + random.integers(1, classes, len(chosen))) % classes
    return wrong, chosen


def test_that_flipped_labels_are_found_and_their_right_class_is_named():
    features, true = clusters(4, 100, 0.5)
    labels, chosen = flipped(true, 0.05, 4)
    opinion = judge(features, labels, np.arange(400))
    found = set(opinion.doubted.tolist())
    assert len(found & set(chosen.tolist())) >= 0.9 * len(chosen)
    assert len(found - set(chosen.tolist())) <= 0.1 * len(chosen)
    assert all(opinion.best[at] == true[at] for at in found & set(chosen.tolist()))


def test_that_right_labels_are_not_doubted_even_where_classes_overlap():
    features, labels = clusters(3, 150, 2.5)
    assert len(judge(features, labels, np.arange(450)).doubted) <= 0.03 * 450


def test_that_labels_of_no_meaning_raise_no_flood_of_doubts():
    features, labels = clusters(2, 100, 0.5)
    labels = np.random.default_rng(3).permutation(labels)
    assert len(judge(features, labels, np.arange(200)).doubted) <= 0.05 * 200


def test_that_copies_do_not_vouch_for_one_anothers_wrong_label():
    features, labels = clusters(2, 60, 0.5)
    rows = np.concatenate([features, np.repeat(features[:1], 5, axis=0)])
    marked = np.concatenate([labels, np.ones(5, dtype=labels.dtype)])
    marked[0] = 1
    groups = np.concatenate([np.arange(120), np.zeros(5, dtype=int)])
    doubted = judge(rows, marked, groups).doubted.tolist()
    assert {0, 120, 121, 122, 123, 124} <= set(doubted)


def test_that_too_small_classes_and_pictures_without_features_are_left_alone():
    features, labels = clusters(3, 40, 0.5)
    keep = np.concatenate([np.arange(80), np.arange(80, 80 + FEWEST - 1)])
    features, labels = features[keep], labels[keep]
    features[3] = 0
    opinion = judge(features, labels, np.arange(len(labels)))
    assert not opinion.known[3]
    assert not opinion.known[80:].any()
    assert opinion.own[80:].tolist() == [0.5] * (FEWEST - 1)
    assert opinion.known[:3].all()


def test_that_one_class_or_nothing_is_no_error():
    features, labels = clusters(1, 30, 0.5)
    assert not len(judge(features, labels, np.arange(30)).doubted)
    nothing = judge(np.zeros((0, 8), np.float32), np.zeros(0, np.intp), np.zeros(0, np.intp))
    assert not len(nothing.doubted)


def test_that_a_cancelled_judgement_doubts_nothing():
    features, true = clusters(2, 50, 0.5)
    labels, _ = flipped(true, 0.1, 2)
    cancel = threading.Event()
    cancel.set()
    assert not len(judge(features, labels, np.arange(100), cancel).doubted)


def test_that_more_dimensions_than_pictures_are_no_trouble():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], 12)
    rows = random.normal(0, 1, (24, 1280)).astype(np.float32)
    rows[:, 0] += labels * 200
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert not len(judge(rows, labels, np.arange(24)).doubted)
