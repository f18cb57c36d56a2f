"""neighbours.npz: the features of the pictures that a model was taught, for showing what a new one resembles."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.durable import write_atomically

# More than a million pictures; a file that claims more was made to fill the memory.
MAX_BYTES = 4 << 30
_DAMAGED = (
    OSError,
    ValueError,
    LookupError,
    EOFError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_neighbours(
    file: Path, classes: int
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.str_], npt.NDArray[np.int32]]:
    """Read a neighbours file: plain arrays only, nothing in it is executed.

    Args:
        classes: How many classes the labels may name.

    Returns:
        features float16 [n, d], L2-normalised; files [n], absolute paths; labels int32 [n].

    Raises:
        ValueError: it is damaged, or its parts do not fit each other.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
                raise ValueError("too large")
        with np.load(file, allow_pickle=False) as stored:
            features, files, labels = stored["features"], stored["files"], stored["labels"]
    except _DAMAGED as error:
        raise ValueError("The neighbours file is damaged.") from error
    fits = (
        features.ndim == 2
        and features.dtype.kind == "f"
        and files.dtype.kind == "U"
        and labels.dtype.kind in "iu"
        and files.shape == labels.shape == features.shape[:1]
        and (labels.size == 0 or (labels.min() >= 0 and labels.max() < classes))
    )
    if not fits:
        raise ValueError("The neighbours file does not fit the model.")
    return features, files, labels


def read_names(file: Path) -> list[str]:
    """The pictures that it speaks of; none of a file that is not there or damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            return [str(name) for name in stored["files"]]
    except _DAMAGED:
        return []


def drop_names(file: Path, unwanted: Callable[[str], bool]) -> None:
    """Rewrite it without the pictures that are not wanted any more.

    Raises:
        OSError: it cannot be written.
    """
    names = read_names(file)
    keep = np.array([not unwanted(name) for name in names], dtype=bool)
    if keep.all():
        return
    with np.load(file, allow_pickle=False) as stored:
        parts = {
            part: stored[part][keep] if part in ("features", "files", "labels") else stored[part] for part in stored
        }
    content = io.BytesIO()
    np.savez(content, **parts)
    write_atomically(file, content.getvalue())
