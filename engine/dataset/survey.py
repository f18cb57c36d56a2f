"""Each picture of a folder, opened once: its content hash, how it was taken, and a small grey copy to compare by."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine import images
from engine.errors import ImageError
from engine.image_formats import signature

if TYPE_CHECKING:
    from engine.dataset.look_memory import LookMemory

# Pictures are judged at about the size at which a model looks at them; what only shows in the full photo is no fault.
SIDE = 224
GREY = 32
_TILES = 4
_CHUNK = 16

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many; from the thread that asked."""


@dataclass(frozen=True, eq=False)
class Look:
    """What one opening of a picture tells.

    Attributes:
        path: The file.
        content: SHA-256 of the file's bytes, hex; empty where they cannot be read.
        size: Bytes.
        form: The format that its bytes are in, by Pillow's name; None where they are no picture.
        error: Why it cannot be opened; then what follows is zero.
        width, height: Pixels, upright. Those of a JPEG with both sides above `SIDE` may be those of a scaled decode.
        grey: uint8 [32, 32], the picture squashed.
        darkest, brightest: Grey levels, 0 to 255, with 2 % of the picture below and above.
        contrast: Standard deviation of the grey levels.
        sharpness: See `sharpness`.
    """

    path: Path
    content: str
    size: int
    form: str | None
    error: ImageError | None = None
    width: int = 0
    height: int = 0
    grey: npt.NDArray[np.uint8] | None = None
    darkest: float = 0.0
    brightest: float = 0.0
    contrast: float = 0.0
    sharpness: float = 0.0


def survey(
    paths: Sequence[Path],
    *,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    workers: int = 0,
    memory: LookMemory | None = None,
) -> list[Look]:
    """Look at each of `paths`, on every core.

    Args:
        cancel: Ends it early, within a few pictures' time.
        workers: Threads; 0 for one a core.
        memory: Of earlier surveys; pictures it knows are not opened again.

    Returns:
        In the order of `paths`; only the first ones if it was cancelled.
    """
    cancel, stop = cancel or threading.Event(), threading.Event()
    looks: list[Look] = []

    def chunk(start: int) -> list[Look]:
        if cancel.is_set() or stop.is_set():
            return []
        return [look_at(path, memory) for path in paths[start : start + _CHUNK]]

    with ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="survey") as pool:
        try:
            for part in pool.map(chunk, range(0, len(paths), _CHUNK)):
                if cancel.is_set():
                    break
                looks += part
                if progress is not None:
                    progress(len(looks), len(paths))
        finally:
            # Also when whoever is told of the progress has had enough (Ctrl-C): the rest is not waited for.
            stop.set()
    return looks


def look_at(path: Path, memory: LookMemory | None = None) -> Look:
    """Open one picture; a file that cannot be opened is told by `Look.error`."""
    try:
        data = images.read(path)
    except ImageError as error:
        return Look(path, "", 0, None, error)
    content, form = hashlib.sha256(data).hexdigest(), signature(data)
    known = memory.get(path, content, len(data)) if memory else None
    if known is not None:
        return known
    try:
        image = images.open_rgb(data, (SIDE, SIDE), name=images.display_name(path))
    except ImageError as error:
        return Look(path, content, len(data), form, error)
    look = measured(path, content, len(data), form, image)
    if memory:
        memory.put(look)
    return look


def measured(path: Path, content: str, size: int, form: str | None, image: Image.Image) -> Look:
    """The look of a picture that is already decoded: `image` is upright RGB, at least `SIDE` wide and high or whole."""
    width, height = image.size
    grey = image.convert("L")
    small = grey.resize((GREY, GREY), Image.Resampling.BILINEAR)
    grey.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    levels = np.asarray(grey, dtype=np.float32)
    shares = np.cumsum(grey.histogram()) / levels.size
    contrast = float(levels.std())
    return Look(
        path=path,
        content=content,
        size=size,
        form=form,
        width=width,
        height=height,
        grey=np.asarray(small),
        darkest=float(np.searchsorted(shares, 0.02)),
        brightest=float(np.searchsorted(shares, 0.98)),
        contrast=contrast,
        sharpness=sharpness(levels, contrast),
    )


def sharpness(levels: npt.NDArray[np.float32], contrast: float) -> float:
    """How sharp the sharpest part of a picture is.

    The variance of the Laplacian (Pech-Pacheco et al. 2000) says how much fine detail there is. Here the second
    difference is taken along each axis by itself, because motion blurs only one; over 4 x 4 tiles, of which the
    second-sharpest counts, because a soft background behind a sharp subject is no fault; and relative to the contrast
    of the whole, because fog and dusk are not blur.

    Args:
        levels: float32 [h, w], grey 0 to 255, not enlarged.
        contrast: The standard deviation of `levels`.

    Returns:
        About 0.3 to 0.5 for a photo, below 0.1 for a blurred one; 1 where the picture is too small to tell.
    """
    height, width = levels.shape
    if min(height, width) < 4 * _TILES:
        return 1.0
    down = _second_sharpest(levels[2:] - 2.0 * levels[1:-1] + levels[:-2])
    across = _second_sharpest(levels[:, 2:] - 2.0 * levels[:, 1:-1] + levels[:, :-2])
    return min(down, across) / max(contrast, 8.0)


def _second_sharpest(detail: npt.NDArray[np.float32]) -> float:
    height, width = detail.shape[0] // _TILES, detail.shape[1] // _TILES
    tiles = detail[: height * _TILES, : width * _TILES].reshape(_TILES, height, _TILES, width)
    variance = np.square(tiles).mean(axis=(1, 3)) - np.square(tiles.mean(axis=(1, 3)))
    return float(np.sqrt(max(np.sort(variance, axis=None)[-2], 0.0)))
