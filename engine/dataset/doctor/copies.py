"""Findings about pictures that are there more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine import images
from engine.dataset.doctor.findings import Finding, Fix, Kind
from engine.dataset.layouts import Item
from engine.dataset.likeness import Pairs
from engine.dataset.survey import Look

Doubt = Callable[[int], float]
"""How little a picture's label is believed, 0 to 1; 0.5 where nothing is known."""
# Doubts must differ by this much before one of two labels is called the wrong one.
_CLEARLY = 0.4


def copies(items: Sequence[Item], looks: Sequence[Look], pairs: Pairs, doubt: Doubt) -> Iterator[Finding]:
    """One finding for each picture that is too many: it is a copy of another one, which is kept.

    Of copies the one with the most pixels is kept, then the largest file. Copies on both sides of a given split come
    first: there the one that is learnt from is too many. Then those with two labels, of which the less believable is.
    """
    similarity = {
        (int(a), int(b)): float(s) for a, b, s in zip(pairs.first, pairs.second, pairs.similarity, strict=True)
    }
    for group in _groups(pairs, len(items)):
        kept: list[int] = []
        for at in sorted(group, key=lambda at: _preference(items[at], looks[at], doubt(at))):
            partners = [(_alike(similarity, looks, at, other), other) for other in kept]
            best, other = max(partners, key=lambda partner: (partner[0], -partner[1]), default=(0.0, -1))
            if best > 0.0:
                yield _finding(items, looks, at, other, doubt)
            else:
                kept.append(at)


def _groups(pairs: Pairs, count: int) -> list[list[int]]:
    numbers = pairs.groups(count)
    members = np.unique(np.concatenate([pairs.first, pairs.second]))
    groups: dict[int, list[int]] = {}
    for at in members.tolist():
        groups.setdefault(int(numbers[at]), []).append(at)
    return list(groups.values())


def _preference(item: Item, look: Look, doubt: float) -> tuple[bool, bool, int, int, str]:
    """What sorts first is kept."""
    return item.split not in ("test", "val"), doubt > 0.5, -look.width * look.height, -look.size, str(item.path)


def _alike(similarity: dict[tuple[int, int], float], looks: Sequence[Look], a: int, b: int) -> float:
    if looks[a].content and looks[a].content == looks[b].content:
        return 1.0
    return similarity.get((min(a, b), max(a, b)), 0.0)


def _finding(items: Sequence[Item], looks: Sequence[Look], at: int, kept: int, doubt: Doubt) -> Finding:
    item, other = items[at], items[kept]
    name, other_name = _name(item, other), _name(other, item)
    same = looks[at].content == looks[kept].content
    what = "is the same file as" if same else "is nearly the same photo as"
    if item.label != other.label:
        message = f"{name} is called {item.label}, but it {what} {other_name}, which is called {other.label}."
        known = doubt(at) - doubt(kept) >= _CLEARLY
        if not known:
            message += " One of the labels is wrong."
        return Finding(Kind.CONFLICTING_LABELS, item.path, other.path, message, Fix.KEEP_ONE if known else Fix.NONE)
    if _side(item) != _side(other):
        message = f"{name} {what} {other_name}, on the other side of the split: a score would be too good."
        return Finding(Kind.SPLIT_LEAK, item.path, other.path, message, Fix.KEEP_ONE)
    kind = Kind.EXACT_DUPLICATE if same else Kind.NEAR_DUPLICATE
    return Finding(kind, item.path, other.path, f"{name} {what} {other_name}.", Fix.KEEP_ONE)


def _side(item: Item) -> str:
    return item.split or "train"


def _name(item: Item, other: Item) -> str:
    """The file's name, with its folder's where the names alone do not tell the two apart."""
    name = images.display_name(item.path)
    return name if item.path.name != other.path.name else f"{item.path.parent.name}/{name}"
