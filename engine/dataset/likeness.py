"""Pictures that are copies of one another: resized, recompressed, re-lit, mirrored, or cropped a little.

Two steps, so that a hundred thousand pictures are compared in a minute or two and different photos of one
style are not taken for copies:

1. Candidates: 64-bit perceptual hashes (pHash: the signs of the lowest DCT coefficients, Zauner 2010) within a Hamming
   distance, the picture as it is or mirrored; and, where features are given, those that point nearly the same way.
2. Proof: the small grey copies are laid on one another, and on slightly smaller windows, and must correlate
   (`overlap`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.dataset.overlap import overlap
from engine.dataset.survey import GREY, Look, Progress

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

# How alike two pictures must be; measured in docs/doctor.md.
CORRELATION = 0.94
# With features, copies must be of the same thing; where it plainly is the same, the pixels may differ a little more.
COSINE = 0.76
ALIKE_COSINE = 0.90
ALIKE_CORRELATION = 0.92
# Pictures whose features are this alike are compared even if their hashes differ: larger crops, turned pictures.
CANDIDATE_COSINE = 0.78
# A picture with less contrast than this has no structure to compare by.
FLAT = 4.0
# More candidates than this are not looked at: the nearest are.
MOST_CANDIDATES = 400_000

_PROJECTED = 192
# Pictures are compared in tiles of so many by so many, which stay in the processor's cache.
_TALL, _WIDE = 512, 4096


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


def perceptual_hashes(grey: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """pHash of pictures uint8 [n, 32, 32], as they are and mirrored: two uint64 [n]."""
    angles = np.pi / (2 * GREY) * (2 * np.arange(GREY) + 1)
    cosines = np.cos(np.arange(8)[:, None] * angles).astype(np.float32)
    low = cosines @ grey.astype(np.float32) @ cosines.T
    low[:, 0, 0] = 0.0
    # Mirroring a picture changes the sign of every coefficient that is odd across.
    return _bits(low), _bits(low * np.where(np.arange(8) % 2, -1.0, 1.0))


def _bits(low: npt.NDArray[np.floating]) -> npt.NDArray[np.uint64]:
    flat = low.reshape(len(low), 64)
    return np.packbits(flat > np.median(flat, axis=1, keepdims=True), axis=1).view(np.uint64)[:, 0]


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
    first, second = _candidates(grey, None if features is None else features[rows], progress, cancel)
    needed = np.full(len(first), CORRELATION, np.float32)
    if features is not None:
        cosine = np.einsum("nd,nd->n", features[rows[first]], features[rows[second]])
        known = np.abs(features[rows]).max(axis=1) > 0
        both = known[first] & known[second]
        needed[both & (cosine >= ALIKE_COSINE)] = ALIKE_CORRELATION
        # Most candidates by hash show something else: laying them on one another would be most of the work.
        possible = ~both | (cosine >= COSINE)
        first, second, needed = first[possible], second[possible], needed[possible]
    similarity = overlap(grey, first, second, cancel)
    keep = similarity >= needed
    return rows[first[keep]], rows[second[keep]], np.minimum(similarity[keep], np.float32(0.9999))


def _pixels(look: Look) -> npt.NDArray[np.uint8]:
    assert look.grey is not None  # only rows that have one are asked for
    return look.grey


def _candidates(
    grey: npt.NDArray[np.uint8], features: Floats | None, progress: Progress | None, cancel: threading.Event
) -> tuple[Indices, Indices]:
    """Positions first < second in `grey`, each pair once, sorted."""
    count = len(grey)
    plain, mirrored = perceptual_hashes(grey)
    # The share of unlike pairs within the distance: 18 0.2 %, 16 0.04 %, 14 0.005 %. Their number stays bounded.
    distance = 18 if count <= 8_000 else 16 if count <= 16_000 else 14
    projected = None if features is None else _projected(features)

    def near(start: int, stop: int) -> npt.NDArray[np.int64]:
        tiles = [_tile(start, stop, left, min(left + _WIDE, count)) for left in range(start, count, _WIDE)]
        return np.concatenate(tiles, axis=1)

    def _tile(top: int, bottom: int, left: int, right: int) -> npt.NDArray[np.int64]:
        mine = plain[top:bottom, None]
        far = np.minimum(np.bitwise_count(mine ^ plain[left:right]), np.bitwise_count(mine ^ mirrored[left:right]))
        close = far <= distance
        if projected is not None:
            alike = projected[top:bottom] @ projected[left:right].T >= CANDIDATE_COSINE
            close |= alike
            far[alike] = 0  # not to be dropped when there are too many
        row, column = np.nonzero(close)
        later = column + left > row + top
        row, column = row[later], column[later]
        return np.stack([row + top, column + left, far[row, column].astype(np.int64)])

    blocks = [(start, min(start + _TALL, count)) for start in range(0, count, _TALL)]
    found = list(_in_threads(near, blocks, progress, cancel))
    pairs = np.concatenate([*found, np.zeros((3, 0), dtype=np.int64)], axis=1)
    if pairs.shape[1] > MOST_CANDIDATES:
        pairs = pairs[:, np.sort(np.argsort(pairs[2], kind="stable")[:MOST_CANDIDATES])]
    return pairs[0].astype(np.intp), pairs[1].astype(np.intp)


def _projected(features: Floats) -> Floats:
    """Fewer dimensions by a random projection (Johnson and Lindenstrauss), which keeps cosines within 0.05."""
    if features.shape[1] <= _PROJECTED:
        return features
    turn = np.random.default_rng(0).standard_normal((features.shape[1], _PROJECTED), dtype=np.float32)
    fewer = features @ turn
    lengths: Floats = np.linalg.norm(fewer, axis=1, keepdims=True)
    return (fewer / np.maximum(lengths, 1e-12)).astype(np.float32)


def _in_threads(
    work: Callable[[int, int], npt.NDArray[np.int64]],
    blocks: Sequence[tuple[int, int]],
    progress: Progress | None,
    cancel: threading.Event,
) -> Iterator[npt.NDArray[np.int64]]:
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="likeness") as pool:
        futures = [pool.submit(work, *block) for block in blocks]
        try:
            for done, future in enumerate(futures, start=1):
                if cancel.is_set():
                    return
                yield future.result()
                if progress is not None:
                    progress(done, len(blocks))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
