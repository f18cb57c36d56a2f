"""Whether what a model is shown lately is still like what it was judged on.

A score holds for pictures like those it was measured on. Two things can be watched without knowing any right answer
(Lipton, Wang and Smola, "Detecting and correcting for label shift with black box predictors", ICML 2018; Rabanser,
Günnemann and Lipton, "Failing loudly", NeurIPS 2019, where tests on a classifier's own answers did best):

- *the mix*: how often each class is answered, against how often it was on the pictures the model was judged by, by the
  chi-square test of homogeneity;
- *the distance*: how many pictures are farther from the training pictures than nine in ten were when it was judged, by
  the exact (beta-binomial) chance of so many. A card without that figure has a threshold for the unknown, which was
  set so that at most one in thirty is beyond it.

False alarms are kept few in three ways, since this is looked at again and again. A notice needs a difference that
chance gives less than once in 2,000 looks *and* that is a fifth of all answers, so that neither few pictures nor
trifles raise it; it looks at the latest 200 pictures, of which there must be 100, each file counted once; and it looks
anew only after every fiftieth prediction.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.card import Card
    from engine.history_rows import Glance

LATEST = 200
FEWEST = 100
LOOK_EVERY = 50
LOOKED_AT = LATEST + LOOK_EVERY
"""Rows that are needed for both the mix as it is and the notice as it was at the last look."""
CHANCE = 1 / 2000
LARGE = 0.2
FAR = 0.1
"""The share of the pictures a model was judged by that `far_below` on its card leaves behind."""
REFUSED = 1 / 30
EXPECTED_IN_A_CELL = 5


@dataclass(frozen=True)
class Sign:
    """Something that departs from what was seen when the model was judged.

    Attributes:
        kind: What departs.
        share, expected: Of the class, or of pictures that are far from what was taught; 0 to 1.
        pictures: How many pictures `share` is of.
        class_name: The class that differs most, for the mix.
        chance: How probable so much is by chance alone.
    """

    kind: Literal["class_mix", "distance"]
    share: float
    expected: float
    pictures: int
    chance: float
    class_name: str | None = None


@dataclass(frozen=True)
class Outlook:
    """The latest answers of a model.

    Attributes:
        pictures: How many different pictures they are about, LATEST at most.
        mix: How often each class was answered, most often first; the unknown ones not counted.
        unknown: How many were unknown.
        expected: The share of each class among the answers on the pictures the model was judged by; None if it was not.
        signs: What departs from then; empty when nothing does, or when there is too little to tell.
    """

    pictures: int
    mix: dict[str, int]
    unknown: int
    expected: dict[str, float] | None
    signs: tuple[Sign, ...]


def outlook(card: Card, latest: Sequence[Glance]) -> Outlook:
    """What the latest answers of the card's model say, newest first, LOOKED_AT of them if there are as many."""
    judged = judged_answers(card)
    now = _different(latest)
    mix = Counter(glance.predicted_class for glance in now if not glance.unknown)
    looked = latest[0].row // LOOK_EVERY * LOOK_EVERY if latest else 0
    then = _different([glance for glance in latest if glance.row <= looked])
    signs = [_mix_sign(then, judged), _distance_sign(then, card)]
    return Outlook(
        pictures=len(now),
        mix=dict(mix.most_common()),
        unknown=sum(glance.unknown for glance in now),
        expected={name: count / sum(judged.values()) for name, count in judged.items()} if judged else None,
        signs=tuple(sign for sign in signs if sign is not None),
    )


def judged_answers(card: Card) -> dict[str, int]:
    """How often each class was answered on the pictures the model was judged by; empty if it was not."""
    matrix = (card.metrics or {}).get("confusion_matrix")
    if not matrix:
        return {}
    counts = {name: sum(row[at] for row in matrix["matrix"]) for at, name in enumerate(matrix["classes"])}
    return counts if sum(counts.values()) else {}


def _different(latest: Sequence[Glance]) -> list[Glance]:
    """The newest answer about each file, LATEST at most: one photo looked at again and again is one photo."""
    seen: dict[object, Glance] = {}
    for glance in latest:
        seen.setdefault(glance.picture, glance)
    return list(seen.values())[:LATEST]


def _mix_sign(latest: Sequence[Glance], judged: Mapping[str, int]) -> Sign | None:
    counts = Counter(glance.predicted_class for glance in latest if not glance.unknown)
    pictures = sum(counts.values())
    if pictures < FEWEST or not judged:
        return None
    of = sum(judged.values())
    names = sorted({*counts, *judged})
    differences = {name: counts[name] / pictures - judged.get(name, 0) / of for name in names}
    chance = homogeneity([counts[name] for name in names], [judged.get(name, 0) for name in names])
    if chance >= CHANCE or sum(map(abs, differences.values())) / 2 < LARGE:
        return None
    most = max(names, key=lambda name: abs(differences[name]))
    return Sign("class_mix", counts[most] / pictures, judged.get(most, 0) / of, pictures, chance, most)


def _distance_sign(latest: Sequence[Glance], card: Card) -> Sign | None:
    pictures = len(latest)
    if pictures < FEWEST or card.unknown_threshold is None:
        return None
    known = card.training.get("familiarity") or {}
    limit, judged = known.get("far_below"), known.get("images")
    if isinstance(limit, float) and isinstance(judged, int) and judged >= FEWEST:
        far = sum(glance.familiarity is not None and glance.familiarity < limit for glance in latest)
        expected, chance = FAR, tail(far, pictures, FAR * judged, (1 - FAR) * judged)
    else:
        far = sum(glance.unknown for glance in latest)
        # As sure of that share as if it had been seen on very many.
        expected, chance = REFUSED, tail(far, pictures, REFUSED * 1e6, (1 - REFUSED) * 1e6)
    if chance >= CHANCE or far / pictures - expected < LARGE:
        return None
    return Sign("distance", far / pictures, expected, pictures, chance)


def homogeneity(first: Sequence[int], second: Sequence[int]) -> float:
    """The probability that two counts of the same classes differ as much when they come from one mix (chi-square).

    Classes too rare for the test are taken together; with fewer than two left there is nothing to compare: 1.
    """
    one, other = sum(first), sum(second)
    if not one or not other:
        return 1.0
    cells: list[tuple[int, int]] = []
    rare = (0, 0)
    for a, b in sorted(zip(first, second, strict=True), key=sum, reverse=True):
        if (a + b) * min(one, other) / (one + other) >= EXPECTED_IN_A_CELL:
            cells.append((a, b))
        else:
            rare = (rare[0] + a, rare[1] + b)
    if sum(rare):
        if sum(rare) * min(one, other) / (one + other) < EXPECTED_IN_A_CELL and cells:
            last = cells.pop()
            rare = (rare[0] + last[0], rare[1] + last[1])
        cells.append(rare)
    if len(cells) < 2:
        return 1.0
    square = 0.0
    for a, b in cells:
        for seen, total in ((a, one), (b, other)):
            expected = (a + b) * total / (one + other)
            square += (seen - expected) ** 2 / expected
    return _chi_square_tail(square, len(cells) - 1)


def tail(seen: int, pictures: int, a: float, b: float) -> float:
    """The probability of `seen` or more of `pictures` under a beta-binomial distribution with parameters a and b."""

    def log_beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    base = log_beta(a, b)
    return min(
        1.0,
        math.fsum(
            math.exp(math.log(math.comb(pictures, k)) + log_beta(k + a, pictures - k + b) - base)
            for k in range(seen, pictures + 1)
        ),
    )


def _chi_square_tail(square: float, degrees: int) -> float:
    """The probability of `square` or more, in the closed form that whole degrees of freedom have."""
    half = square / 2
    if degrees % 2:
        total, term, power = math.erfc(math.sqrt(half)), math.sqrt(half / math.pi) * 2 * math.exp(-half), 1.5
        steps = (degrees - 1) // 2
    else:
        total, term, power = 0.0, math.exp(-half), 1.0
        steps = degrees // 2
    for _ in range(steps):
        total += term
        term *= half / power
        power += 1
    return min(1.0, total)
