"""Which pictures are learnt from, which steer the learning, and which only judge."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]

TEST = 0.2
VALIDATION = 0.1
_TRAIN, _VALIDATION, _TEST = 0, 1, 2
# With fewer pictures than this a class gives none to steer by; judging comes first.
_ENOUGH_TO_VALIDATE = 4


@dataclass(frozen=True)
class Split:
    """A split of n pictures.

    Attributes:
        train, validation, test: intp positions, each sorted; together every picture once.
        kept_together: How many pictures are copies of another, and stand on the same side as it for that reason.
        leaked: Positions in `test` (given as such by the folder) that have a copy outside it: they flatter a score.
        notes: Sentences for the person.
    """

    train: Indices
    validation: Indices
    test: Indices
    kept_together: int
    leaked: Indices
    notes: tuple[str, ...]


def split(
    labels: Sequence[int] | Indices,
    groups: Sequence[int] | Indices | None = None,
    given: Sequence[str | None] | None = None,
    *,
    classes: Sequence[str],
    test: float = TEST,
    validation: float = VALIDATION,
    seed: int = 0,
    contents: Sequence[str] | None = None,
) -> Split:
    """Split pictures so that every class is on each side in the same share, and copies are on one side.

    Where the folder has a test part (or else a val part, which then judges), that is the test; pictures to validate
    with are taken from the rest unless there are both. A class of two or three gives one to the test, a class of one
    is only learnt from.

    Args:
        labels: int [n], the class of each picture, an index into `classes`.
        groups: int [n], pictures of one number are copies of one another (`Pairs.groups`); None: there are none.
        given: "train", "test", "val" or None for each picture: the part of the folder that it lies in.
        test, validation: Shares, 0 to 1, of each class.
        seed: The same seed, pictures and shares give the same split.
        contents: What names each picture, wherever it lies in the list. Then a picture stays on its side when others
            come, go or are relabelled, but for a few at the border: the next model is judged by what this one was.
    """
    target = np.asarray(labels, dtype=np.intp)
    count = len(target)
    together = np.arange(count) if groups is None else np.asarray(groups, dtype=np.intp)
    side, fixed = _given_sides(given, count)
    has_test, has_validation = bool((side == _TEST).any()), bool((side == _VALIDATION).any())
    wanted = _wanted(
        target, side, fixed, len(classes), 0.0 if has_test else test, 0.0 if has_validation else validation
    )
    _assign(side, fixed, target, together, wanted, seed, contents)
    sizes = np.bincount(together, minlength=1)
    leaked = _leaked(side, together) if has_test else np.zeros(0, dtype=np.intp)
    kept = 0 if has_test and has_validation else int((sizes[together[~fixed]] > 1).sum())
    return Split(
        train=np.flatnonzero(side == _TRAIN),
        validation=np.flatnonzero(side == _VALIDATION),
        test=np.flatnonzero(side == _TEST),
        kept_together=kept,
        leaked=leaked,
        notes=tuple(_notes(side, target, together, classes, kept, leaked, has_test)),
    )


def naive_split(
    labels: Sequence[int] | Indices,
    given: Sequence[str | None] | None = None,
    *,
    classes: Sequence[str],
    test: float = TEST,
    validation: float = VALIDATION,
    seed: int = 0,
) -> Split:
    """The split that knows nothing of copies, in the same shares: what its score is too high by is worth telling."""
    return split(labels, None, given, classes=classes, test=test, validation=validation, seed=seed)


def _given_sides(given: Sequence[str | None] | None, count: int) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """The side of each picture (train unless told) and whether it has to stay there."""
    side = np.zeros(count, dtype=np.intp)
    if given is None:
        return side, np.zeros(count, dtype=bool)
    parts = np.array([part or "train" for part in given])
    if (parts == "test").any():
        side[parts == "test"] = _TEST
        side[parts == "val"] = _VALIDATION
    else:
        side[parts == "val"] = _TEST
    return side, side != _TRAIN


def _wanted(
    target: Indices, side: Indices, fixed: npt.NDArray[np.bool_], classes: int, test: float, validation: float
) -> Indices:
    """intp [3, classes]: how many pictures of each class still go to each side."""
    free = np.bincount(target[~fixed], minlength=classes)
    wanted = np.zeros((3, classes), dtype=np.intp)
    if test:
        # np.round is half-to-even; a class of 2 or 3 still has one to judge by.
        wanted[_TEST] = np.where(free >= 2, np.maximum(1, np.round(free * test)), 0)
        wanted[_TEST] = np.minimum(wanted[_TEST], np.maximum(free - 1, 0))
    if validation:
        left = free - wanted[_TEST]
        enough = free >= _ENOUGH_TO_VALIDATE
        wanted[_VALIDATION] = np.where(enough, np.maximum(1, np.round(free * validation)), 0)
        wanted[_VALIDATION] = np.minimum(wanted[_VALIDATION], np.maximum(left - 1, 0))
    return wanted


def _assign(
    side: Indices,
    fixed: npt.NDArray[np.bool_],
    target: Indices,
    together: Indices,
    wanted: Indices,
    seed: int,
    contents: Sequence[str] | None,
) -> None:
    """Move whole groups, in random order, to the sides where they still fit; `side` is changed in place."""
    free = np.flatnonzero(~fixed)
    if not len(free):
        return
    order = free[np.argsort(together[free], kind="stable")]
    members = np.split(order, np.flatnonzero(np.diff(together[order])) + 1)
    for number in _shuffled(members, seed, contents):
        group = members[number]
        held = np.bincount(target[group], minlength=wanted.shape[1])
        for part in (_TEST, _VALIDATION):
            if (held <= wanted[part]).all():
                side[group] = part
                wanted[part] -= held
                break
    _lend_a_group(side, target, members, wanted)


def _shuffled(members: list[Indices], seed: int, contents: Sequence[str] | None) -> Sequence[int] | Indices:
    """The groups in an order that looks random; with `contents`, a group's place depends on nothing but itself."""
    if contents is None:
        return np.random.default_rng(seed).permutation(len(members))
    drawn = [hashlib.sha256(f"{seed} {min(contents[at] for at in group)}".encode()).digest() for group in members]
    return sorted(range(len(members)), key=drawn.__getitem__)


def _lend_a_group(side: Indices, target: Indices, members: list[Indices], wanted: Indices) -> None:
    """A class whose groups are all larger than its share of the test still gives its smallest one."""
    judged = np.bincount(target[side == _TEST], minlength=wanted.shape[1])
    for label in np.flatnonzero((wanted[_TEST] > 0) & (judged == 0)):
        holding = [group for group in members if (target[group] == label).any() and (side[group] == _TRAIN).all()]
        if len(holding) >= 2:
            side[min(holding, key=len)] = _TEST


def _leaked(side: Indices, together: Indices) -> Indices:
    outside = np.unique(together[side != _TEST])
    return np.flatnonzero((side == _TEST) & np.isin(together, outside))


def _notes(
    side: Indices,
    target: Indices,
    together: Indices,
    classes: Sequence[str],
    kept: int,
    leaked: Indices,
    has_test: bool,
) -> list[str]:
    notes = []
    if kept:
        copies = "1 near copy was" if kept == 1 else f"{kept:,} near copies were"
        notes.append(f"{copies} kept together, to learn from or to judge by, so that the score is honest.")
    if len(leaked):
        total = int((side == _TEST).sum())
        copies = "is a copy of one that is" if len(leaked) == 1 else "are copies of some that are"
        notes.append(
            f"{len(leaked)} of the {total} test photos {copies} learnt from as well; "
            "they make the score look better than it is."
        )
    learnt = np.bincount(target[side == _TRAIN], minlength=len(classes))
    judged = np.bincount(target[side == _TEST], minlength=len(classes))
    unjudged = [name for label, name in enumerate(classes) if learnt[label] and not judged[label]]
    if unjudged and (has_test or judged.any() or len(unjudged) == len(classes)):
        notes.append(f"{_listed(unjudged)} {_be(unjudged)} learnt but cannot be judged: too few different photos.")
    unlearnt = [name for label, name in enumerate(classes) if judged[label] and not learnt[label]]
    if unlearnt:
        notes.append(f"{_listed(unlearnt)} {_be(unlearnt)} only in the test part and cannot be learnt.")
    return notes


def _listed(names: Sequence[str]) -> str:
    if len(names) <= 3:
        return " and ".join(names) if len(names) < 3 else f"{names[0]}, {names[1]} and {names[2]}"
    return f"{names[0]}, {names[1]} and {len(names) - 2} more classes"


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
