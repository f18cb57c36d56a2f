"""The proof that two pictures are copies: one laid on the other, whole, mirrored, and on slightly smaller windows.

The windows are cut on all sides alike (by 5 to 20 % in steps of 5) or along one axis, 83 in all, so that cropped copies
are found; at 16 x 16 an offset of half a step does not matter.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from engine.dataset.survey import GREY

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

_SIDE = 16
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8)
_STEP = 0.05
_BLOCK = 64


def overlap(grey: npt.NDArray[np.uint8], first: Indices, second: Indices, cancel: threading.Event) -> Floats:
    """How well pictures lie on one another.

    Args:
        grey: uint8 [n, 32, 32].
        first, second: intp [pairs], positions in `grey`.
        cancel: Ends it early; pairs that were not looked at have 0.

    Returns:
        float32 [pairs], at most 1: the best correlation of either picture, plain or mirrored, with a window of the
        other.
    """
    best = np.zeros(len(first), dtype=np.float32)
    if not len(first):
        return best
    whole = _whole(grey)
    mirrored = _whole(grey[:, :, ::-1])
    # Each pair twice, so that each picture's windows are made once for all of its partners.
    source = np.concatenate([first, second])
    target = np.concatenate([second, first])
    pair = np.tile(np.arange(len(first)), 2)
    order = np.argsort(source, kind="stable")
    source, target, pair = source[order], target[order], pair[order]
    pictures, starts = np.unique(source, return_index=True)
    stops = np.append(starts[1:], len(source))

    def lay(block: int) -> tuple[Indices, Floats]:
        if cancel.is_set():
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        windows = _all_windows(grey[pictures[block : block + _BLOCK]])
        partners = slice(starts[block], stops[min(block + _BLOCK, len(pictures)) - 1])
        values = []
        for at, window in enumerate(windows, start=block):
            each = target[starts[at] : stops[at]]
            with_whole = (window @ whole[each].T).max(axis=0)
            values.append(np.maximum(with_whole, (window @ mirrored[each].T).max(axis=0)))
        return pair[partners], np.concatenate(values)

    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="overlap") as pool:
        for pairs, values in pool.map(lay, range(0, len(pictures), _BLOCK)):
            np.maximum.at(best, pairs, values)
    return best


def _windows() -> list[Floats]:
    """For each scale the matrices [windows, 16, 32] that resample a window of that length along one axis."""
    by_scale = []
    for scale in _SCALES:
        steps = round((1.0 - scale) / _STEP)
        starts = [(1.0 - scale) * step / max(steps, 1) for step in range(steps + 1)]
        by_scale.append(np.stack([_resampling(start, scale) for start in starts]))
    return by_scale


def _resampling(start: float, length: float) -> Floats:
    """float32 [16, 32]: the mean over each sixteenth of the window [start, start + length] of a row of 32."""
    edges = (start + length * np.arange(_SIDE + 1) / _SIDE) * GREY
    cells = np.arange(GREY)
    share = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = np.maximum(share, 0.0)
    matrix: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return matrix


_WINDOWS = _windows()
# Scales down and across: cut on all sides alike, or along one axis only. The first is the whole.
_CUTS = [(k, k) for k in range(len(_SCALES))] + [(k, 0) for k in range(1, len(_SCALES))]
_CUTS += [(0, k) for k in range(1, len(_SCALES))]


def _all_windows(grey: npt.NDArray[np.uint8]) -> Floats:
    """float32 [n, 83, 256]: each window of pictures [n, 32, 32], brought to 16 x 16, without mean, of length 1."""
    pixels = grey.astype(np.float32)
    down = [np.einsum("wmk,nkl->nwml", window, pixels, optimize=True) for window in _WINDOWS]
    parts = []
    for vertical, horizontal in _CUTS:
        rows, window = down[vertical], _WINDOWS[horizontal]
        tall, wide = rows.shape[1], len(window)
        both = rows.reshape(len(grey), tall * _SIDE, GREY) @ window.reshape(wide * _SIDE, GREY).T
        both = both.reshape(len(grey), tall, _SIDE, wide, _SIDE).swapaxes(2, 3)
        parts.append(both.reshape(len(grey), tall * wide, _SIDE * _SIDE))
    return _unit(np.concatenate(parts, axis=1))


def _unit(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=-1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=-1, keepdims=True)
    unit: Floats = (centred / np.maximum(lengths, 1e-3)).astype(np.float32)
    return unit


def _whole(grey: npt.NDArray[np.uint8]) -> Floats:
    """float32 [n, 256]: whole pictures at 16 x 16, as in `_all_windows`."""
    halves = grey.reshape(len(grey), _SIDE, 2, _SIDE, 2).astype(np.float32).mean(axis=(2, 4))
    return _unit(halves.reshape(len(grey), _SIDE * _SIDE))
