"""Pictures that are copies of one another: resized, recompressed, re-lit, mirrored, or cropped a little.

Two steps, so that a hundred thousand pictures are compared in a minute or two and different photos of one
style are not taken for copies:

1. Candidates: 64-bit perceptual hashes (pHash: the signs of the lowest DCT coefficients, Zauner 2010) within a Hamming
   distance, the picture as it is or mirrored; and, where features are given, those that point nearly the same way.
2. Proof: the small grey copies are laid on one another, and on slightly smaller windows, and must correlate
   (`overlap`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.dataset.candidates import candidates
from engine.dataset.overlap import overlap
from engine.dataset.survey import Look, Progress

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

# How alike two pictures must be; measured in docs/doctor.md.
CORRELATION = 0.94
# With features, copies must be of the same thing; where it plainly is the same, the pixels may differ a little more.
COSINE = 0.76
ALIKE_COSINE = 0.90
ALIKE_CORRELATION = 0.92
# A picture with less contrast than this has no structure to compare by.
FLAT = 4.0
# Features of so many pairs are looked at together.
_PAIRS = 256


@dataclass(frozen=True)
class Pairs:
    """Pictures that are copies of one another.

    Attributes:
        first, second: intp [pairs], positions in the list that was given, first < second, sorted.
        similarity: float32 [pairs], correlation, at most 1; exactly 1 for files that are the same byte for byte.
    """

    first: Indices
    second: Indices
    similarity: Floats

    def groups(self, count: int) -> Indices:
        """intp [count]: the number of the group that each of `count` pictures is in; one alone is a group too."""
        return groups_of(count, self.first, self.second)


def find_copies(
    looks: Sequence[Look],
    features: Floats | None = None,
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Pairs:
    """Find the pictures that are copies of one another, byte for byte or nearly.

    Args:
        looks: The pictures; those that cannot be opened match nothing, unless their bytes are the same.
        features: float32 [len(looks), d], L2-normalised embeddings; rows of zeros where there is none.
        cancel: Ends it early, with what was found so far.

    Returns:
        The pairs. Of more than two files with the same bytes, each is paired with the first of them.
    """
    cancel = cancel or threading.Event()
    same_first, same_second = _same_bytes(looks)
    alone = np.ones(len(looks), dtype=bool)
    alone[same_second] = False
    usable = np.array([look.grey is not None and look.contrast >= FLAT for look in looks], dtype=bool)
    rows = np.flatnonzero(alone & usable)
    first, second, similarity = _nearly(looks, features, rows, progress, cancel)
    first = np.concatenate([same_first, first])
    second = np.concatenate([same_second, second])
    similarity = np.concatenate([np.ones(len(same_first), dtype=np.float32), similarity])
    order = np.lexsort((second, first))
    return Pairs(first[order], second[order], similarity[order])


def groups_of(count: int, first: Indices, second: Indices) -> Indices:
    """Connected components (union-find): intp [count], numbered in the order in which groups first appear."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    roots = np.array([root(node) for node in range(count)], dtype=np.intp)
    return np.unique(roots, return_inverse=True)[1].astype(np.intp)


def _same_bytes(looks: Sequence[Look]) -> tuple[Indices, Indices]:
    seen: dict[str, int] = {}
    pairs = [
        (seen[look.content], at)
        for at, look in enumerate(looks)
        if look.content and seen.setdefault(look.content, at) != at
    ]
    both = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _nearly(
    looks: Sequence[Look],
    features: Floats | None,
    rows: Indices,
    progress: Progress | None,
    cancel: threading.Event,
) -> tuple[Indices, Indices, Floats]:
    """Pairs of positions in `looks`, and how alike they are."""
    if len(rows) < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32)
    grey = np.stack([_pixels(looks[row]) for row in rows])
    first, second = candidates(grey, None if features is None else features[rows], progress, cancel)
    needed = np.full(len(first), CORRELATION, np.float32)
    if features is not None:
        cosine = _cosines(features, rows[first], rows[second])
        known = np.abs(features[rows]).max(axis=1) > 0
        both = known[first] & known[second]
        needed[both & (cosine >= ALIKE_COSINE)] = ALIKE_CORRELATION
        # Most candidates by hash show something else: laying them on one another would be most of the work.
        possible = ~both | (cosine >= COSINE)
        first, second, needed = first[possible], second[possible], needed[possible]
    similarity = overlap(grey, first, second, cancel)
    keep = similarity >= needed
    return rows[first[keep]], rows[second[keep]], np.minimum(similarity[keep], np.float32(0.9999))


def _cosines(features: Floats, first: Indices, second: Indices) -> Floats:
    """float32 [pairs], some pairs at a time: the features of all pairs together would be gigabytes."""
    cosines = np.empty(len(first), np.float32)
    for start in range(0, len(first), _PAIRS):
        some = slice(start, start + _PAIRS)
        cosines[some] = np.einsum("nd,nd->n", features[first[some]], features[second[some]])
    return cosines


def _pixels(look: Look) -> npt.NDArray[np.uint8]:
    assert look.grey is not None  # only rows that have one are asked for
    return look.grey
