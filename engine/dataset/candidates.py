"""Which pictures may be copies of one another: the nearest of all pairs at first sight, in bounded memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.dataset.survey import GREY, Progress

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

# Pictures whose features are this alike are compared even if their hashes differ: larger crops, turned pictures.
CANDIDATE_COSINE = 0.78
# More candidates than this are not looked at: the nearest are.
MOST_CANDIDATES = 400_000

_PROJECTED = 192
# Pictures are compared in tiles of so many by so many, which stay in the processor's cache.
_TALL, _WIDE = 256, 2048


def candidates(
    grey: npt.NDArray[np.uint8], features: Floats | None, progress: Progress | None, cancel: threading.Event
) -> tuple[Indices, Indices]:
    """The pairs that are worth laying on one another.

    Args:
        grey: uint8 [n, 32, 32].
        features: float32 [n, d], L2-normalised; rows of zeros where there is none.
        cancel: Ends it early, with what was found so far.

    Returns:
        intp [pairs] twice: positions first < second in `grey`, each pair once, sorted; no more than `MOST_CANDIDATES`.
    """
    count = len(grey)
    plain, mirrored = perceptual_hashes(grey)
    # The share of unlike pairs within the distance: 18 0.2 %, 16 0.04 %, 14 0.005 %.
    distance = 18 if count <= 8_000 else 16 if count <= 16_000 else 14
    projected = None if features is None else _projected(features)
    nearest = _Nearest(MOST_CANDIDATES)

    def near(top: int, bottom: int) -> _Candidates:
        tiles = [tile(top, bottom, left, min(left + _WIDE, count)) for left in range(top, count, _WIDE)]
        return _best(_joined(tiles), MOST_CANDIDATES)

    def tile(top: int, bottom: int, left: int, right: int) -> _Candidates:
        mine = plain[top:bottom, None]
        far = np.minimum(np.bitwise_count(mine ^ plain[left:right]), np.bitwise_count(mine ^ mirrored[left:right]))
        unlike = far.astype(np.float32) / np.float32(distance)
        if projected is not None:
            cosine = projected[top:bottom] @ projected[left:right].T
            np.minimum(unlike, (1.0 - cosine) / np.float32(1.0 - CANDIDATE_COSINE), out=unlike)
        row, column = np.nonzero(unlike <= nearest.limit)
        later = column + left > row + top
        row, column = row[later], column[later]
        return _Candidates((row + top).astype(np.int32), (column + left).astype(np.int32), unlike[row, column])

    blocks = [(start, min(start + _TALL, count)) for start in range(0, count, _TALL)]
    for found in _in_threads(near, blocks, progress, cancel):
        nearest.add(found)
    best = nearest.best()
    order = np.lexsort((best.second, best.first))
    return best.first[order].astype(np.intp), best.second[order].astype(np.intp)


@dataclass(frozen=True)
class _Candidates:
    """Pairs, and how unlike they are at first sight: float32, 0 for the same hash or the same features, 1 for pairs
    that are only just looked at."""

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    unlike: Floats


class _Nearest:
    """The nearest of all candidates that were added, in bounded memory: where all pictures show the same thing, as in
    a factory, nearly every pair is a candidate.

    Attributes:
        limit: What is more unlike than this need not be added.
    """

    def __init__(self, most: int) -> None:
        self.limit = np.float32(1.0)
        self._most = most
        self._parts: list[_Candidates] = []

    def add(self, found: _Candidates) -> None:
        self._parts.append(found)
        if sum(len(part.first) for part in self._parts) > 2 * self._most:
            self.best()

    def best(self) -> _Candidates:
        best = _best(_joined(self._parts), self._most)
        self._parts = [best]
        if len(best.first) == self._most:
            self.limit = best.unlike.max()
        return best


def _joined(parts: Sequence[_Candidates]) -> _Candidates:
    if len(parts) == 1:
        return parts[0]
    none = _Candidates(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    both = [none, *parts]
    return _Candidates(
        np.concatenate([part.first for part in both]),
        np.concatenate([part.second for part in both]),
        np.concatenate([part.unlike for part in both]),
    )


def _best(some: _Candidates, most: int) -> _Candidates:
    """At most so many, the most alike; of equals those that come first in the list of pictures."""
    if len(some.first) <= most:
        return some
    limit = np.partition(some.unlike, most - 1)[most - 1]
    nearer = np.flatnonzero(some.unlike < limit)
    equal = np.flatnonzero(some.unlike == limit)
    order = np.lexsort((some.second[equal], some.first[equal]))
    keep = np.concatenate([nearer, equal[order[: most - len(nearer)]]])
    return _Candidates(some.first[keep], some.second[keep], some.unlike[keep])


def _projected(features: Floats) -> Floats:
    """Fewer dimensions by a random projection (Johnson and Lindenstrauss), which keeps cosines within 0.05."""
    if features.shape[1] <= _PROJECTED:
        return features
    turn = np.random.default_rng(0).standard_normal((features.shape[1], _PROJECTED), dtype=np.float32)
    fewer = features @ turn
    lengths: Floats = np.linalg.norm(fewer, axis=1, keepdims=True)
    return (fewer / np.maximum(lengths, 1e-12)).astype(np.float32)


def _in_threads(
    work: Callable[[int, int], _Candidates],
    blocks: Sequence[tuple[int, int]],
    progress: Progress | None,
    cancel: threading.Event,
) -> Iterator[_Candidates]:
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
