"""Pictures whose label is probably wrong, by confident learning (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068).

A simple classifier on the pictures' features is taught with four fifths of them and asked about the rest, five times
over, so that each picture is judged by one that never saw it. A label is doubted when another class is as probable
as it usually is for pictures that bear that class's label, while its own is nearly excluded. It is done twice: the
second time without the pictures that the first doubted, because wrong labels blur the judge.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

FOLDS = 5
FEWEST = 10
"""Classes with fewer pictures are neither doubted nor suggested."""
EXCLUDED = 0.03
"""A label is doubted when its own class has less than this probability."""
_RIDGE = 1.0
_CONFIDENT = 0.9
_ROUNDS = 2
_BLOCK = 256
_TEMPERATURES = np.geomspace(0.5, 60.0, 40)


@dataclass(frozen=True, eq=False)
class Opinion:
    """What the judge says of n pictures.

    Attributes:
        known: bool [n], whether it says anything.
        own: float32 [n], the probability of the label that the picture bears; 0.5 where nothing is known.
        best: intp [n], the class it would give.
        best_probability: float32 [n].
        doubted: intp, the positions of the pictures that are probably mislabelled.
    """

    known: npt.NDArray[np.bool_]
    own: Floats
    best: Indices
    best_probability: Floats
    doubted: Indices


def judge(features: Floats, labels: Indices, groups: Indices, cancel: threading.Event | None = None) -> Opinion:
    """Judge each label by the pictures of the other folds.

    Args:
        features: float32 [n, d], L2-normalised; rows of zeros for pictures without.
        labels: intp [n], 0 to classes - 1.
        groups: intp [n]; copies, which have one number, are in one fold, or a wrong label would vouch for its like.
        cancel: Ends it early; then nothing is doubted.
    """
    count = len(labels)
    opinion = Opinion(
        known=np.zeros(count, dtype=bool),
        own=np.full(count, 0.5, dtype=np.float32),
        best=labels.copy(),
        best_probability=np.full(count, 0.5, dtype=np.float32),
        doubted=np.zeros(0, dtype=np.intp),
    )
    usable = np.flatnonzero(np.abs(features).max(axis=1, initial=0.0) > 0) if count else np.zeros(0, np.intp)
    sizes = np.bincount(labels[usable], minlength=1)
    large = np.flatnonzero(sizes >= FEWEST)
    rows = usable[np.isin(labels[usable], large)]
    if len(large) < 2:
        return opinion
    own_label = np.searchsorted(large, labels[rows])
    fold = _folds(own_label, groups[rows])
    trusted = np.ones(len(rows), dtype=bool)
    for _ in range(_ROUNDS):
        scores = _out_of_fold(features[rows], own_label, fold, trusted, cancel)
        if scores is None:
            return opinion
        probabilities = _calibrated(scores, own_label, trusted)
        doubted = _doubted(probabilities, own_label, trusted)
        trusted = np.ones(len(rows), dtype=bool)
        trusted[doubted] = False
    each = np.arange(len(rows))
    best = probabilities.argmax(axis=1)
    opinion.known[rows] = True
    opinion.own[rows] = probabilities[each, own_label]
    opinion.best[rows] = large[best]
    opinion.best_probability[rows] = probabilities[each, best]
    sure = doubted[probabilities[doubted, own_label[doubted]] < EXCLUDED]
    return Opinion(opinion.known, opinion.own, opinion.best, opinion.best_probability, rows[sure])


def _folds(labels: Indices, groups: Indices) -> Indices:
    """intp [n]: groups dealt out in turn, class by class, in an order that is the same each time."""
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(0).permutation(len(first))
    order = shuffled[np.argsort(labels[first[shuffled]], kind="stable")]
    fold_of_group = np.empty(len(first), dtype=np.intp)
    fold_of_group[order] = np.arange(len(first)) % FOLDS
    return fold_of_group[number]


def _out_of_fold(
    features: Floats, labels: Indices, fold: Indices, trusted: npt.NDArray[np.bool_], cancel: threading.Event | None
) -> Floats | None:
    """float32 [n, classes]: scores of ridge regression on one-hot labels, each row by the other folds."""
    targets = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]
    scores = np.empty_like(targets)
    size = features.shape[1]
    parts = [np.flatnonzero((fold == number) & trusted) for number in range(FOLDS)]
    # One pass over the pictures for the sums of all folds; a fold's judge is taught with the total less its own.
    ones = [np.concatenate([features[part], np.ones((len(part), 1), np.float32)], axis=1) for part in parts]
    grams = [part.T @ part for part in ones]
    products = [part.T @ targets[rows] for part, rows in zip(ones, parts, strict=True)]
    gram, product = sum(grams), sum(products)
    penalty = np.full(size + 1, _RIDGE)
    penalty[-1] = 1e-3  # the constant is not to be small
    for number in range(FOLDS):
        if cancel is not None and cancel.is_set():
            return None
        system = (gram - grams[number]).astype(np.float64) + np.diag(penalty)
        weights = np.linalg.solve(system, product - products[number]).astype(np.float32)
        rows = np.flatnonzero(fold == number)
        scores[rows] = features[rows] @ weights[:-1] + weights[-1]
    return scores


def _calibrated(scores: Floats, labels: Indices, trusted: npt.NDArray[np.bool_]) -> Floats:
    """Softmax of the scores times the factor that makes the trusted labels likeliest (Guo et al. 2017)."""
    rows = np.flatnonzero(trusted)
    factor = _TEMPERATURES[_lowest(lambda at: _loss(scores, labels, rows, _TEMPERATURES[at]), len(_TEMPERATURES))]
    shares = np.empty_like(scores)
    for part in _blocks(np.arange(len(scores))):
        shares[part] = _softmax(scores[part] * factor)
    return shares


def _lowest(value: Callable[[int], float], count: int) -> int:
    """Where a function of 0 to `count` - 1 that falls and then rises is lowest."""
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if value(middle) <= value(middle + 1) else (middle + 1, high)
    return low


def _loss(scores: Floats, labels: Indices, rows: Indices, factor: float) -> float:
    """Mean negative log-likelihood of the labels of these rows: convex in the factor."""
    total = 0.0
    for part in _blocks(rows):
        logits = scores[part] * np.float32(factor)
        logits -= logits.max(axis=1, keepdims=True)
        own = logits[np.arange(len(part)), labels[part]]
        total += float((np.log(np.exp(logits).sum(axis=1)) - own).sum(dtype=np.float64))
    return total / len(rows)


def _blocks(rows: Indices) -> Iterator[Indices]:
    """So few rows at a time that what is computed of them stays in the processor's cache."""
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _softmax(scores: npt.NDArray[np.floating]) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _doubted(probabilities: Floats, labels: Indices, trusted: npt.NDArray[np.bool_]) -> Indices:
    """Where another class reaches its usual confidence: the off-diagonal of the confident joint."""
    classes = probabilities.shape[1]
    usual = np.array([_usual(probabilities, labels, trusted, label) for label in range(classes)], dtype=np.float32)
    doubted = []
    for part in _blocks(np.arange(len(labels))):
        confident = np.where(probabilities[part] >= usual, probabilities[part], -1.0)
        doubted.append((confident.max(axis=1) > 0) & (confident.argmax(axis=1) != labels[part]))
    return np.flatnonzero(np.concatenate(doubted))


def _usual(probabilities: Floats, labels: Indices, trusted: npt.NDArray[np.bool_], label: int) -> float:
    own = probabilities[(labels == label) & trusted, label]
    # Where classes are told apart almost perfectly, half of the wrong labels would miss the mean by a hair.
    return min(float(own.mean()), _CONFIDENT) if len(own) else 2.0
