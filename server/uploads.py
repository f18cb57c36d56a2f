"""Labelled pictures that were sent for retraining: kept by content, in a folder a class, below the home.

Nothing a client says becomes a path. A label must be a plain name; a file's name is the hash of its content and the
suffix of what the content is. A picture that was acknowledged is on the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import images
from engine.durable import sweep, write_atomically
from engine.errors import FolderError, ImageError
from engine.image_formats import signature
from server.limits import IMAGE

# The `cat` of cat.0.jpg, the `big cat` of `big cat.12.jpeg`.
_LABELLED = re.compile(r"(?P<label>.+)\.\d+\.[A-Za-z0-9]{2,5}")
_LABEL = re.compile(r"\w(?:[\w .()+,&-]{0,62}[\w)+])?")
# Windows keeps these for devices, whatever suffix they have.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
_SUFFIX = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "BMP": ".bmp",
    "DIB": ".dib",
    "GIF": ".gif",
    "TIFF": ".tiff",
    "WEBP": ".webp",
    "HEIF": ".heic",
    "AVIF": ".avif",
}
_MARK = ".retrained"
_BEGUN = ".retraining"
_NEEDS_LABEL = "It has no label: send the field `label`, or name the file like cat.0.jpg."
_BAD_LABEL = "Its label cannot be used: letters, digits, spaces and _ - . , & + ( ) make a label, 64 at most."


@dataclass
class Received:
    """What became of the pictures of one request."""

    saved: list[dict[str, str]] = field(default_factory=list)
    rejected: list[dict[str, str]] = field(default_factory=list)
    duplicates: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"saved": self.saved, "rejected": self.rejected, "duplicates": self.duplicates}


class Uploads:
    """The pictures sent so far.

    Args:
        folder: Where they are kept; made with the first picture.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def receive(self, pictures: Iterable[tuple[str, bytes]], label: str | None) -> Received:
        """Keep each picture that can be read, once.

        Args:
            pictures: Name and content.
            label: Of all of them; None to take each one's from its name.

        Raises:
            FolderError: the disk refuses; what was saved before is kept.
        """
        received = Received()
        for name, data in pictures:
            try:
                self._receive(name, data, label, received)
            except ImageError as error:
                received.rejected.append({"name": name, "code": error.code, "reason": str(error)})
            except OSError as error:
                raise FolderError(
                    f"{name} could not be kept ({error.strerror}).", "Make room, or free the folder for writing."
                ) from error
        return received

    def counts(self) -> dict[str, int]:
        """How many pictures each label has."""
        counts = {folder.name: sum(1 for _ in self._pictures(folder)) for folder in self._labels()}
        return {label: count for label, count in counts.items() if count}

    def fresh(self) -> int:
        """How many came since the last retraining began that was not broken off by the end of the program."""
        try:
            since = (self.folder / _MARK).stat().st_mtime_ns
        except OSError:
            since = 0
        pictures = (picture for folder in self._labels() for picture in self._pictures(folder))
        return sum(1 for picture in pictures if picture.stat().st_mtime_ns > since)

    def begin(self) -> None:
        """Note that a retraining begins with what is here; nothing counts as learnt before `learnt` says so."""
        if self.folder.is_dir():
            # Only `fresh` needs it: a disk that refuses must not stop the retraining.
            with suppress(OSError):
                (self.folder / _BEGUN).touch()

    def learnt(self) -> None:
        """The retraining that began is over: what was here then is no longer fresh."""
        with suppress(OSError):
            (self.folder / _BEGUN).replace(self.folder / _MARK)

    def sweep(self) -> None:
        """Remove what a killed program left half-written; nothing of it was acknowledged."""
        sweep(*self._labels())

    def _receive(self, name: str, data: bytes, label: str | None, received: Received) -> None:
        chosen = plain_label(label if label is not None else label_of(name))
        if chosen is None:
            given = label is not None or label_of(name)
            reason = _BAD_LABEL if given else _NEEDS_LABEL
            received.rejected.append({"name": name, "code": "label_unusable", "reason": reason})
            return
        # Decoded whole: a picture that ends too early would spoil the training hours later.
        images.open_rgb(data, (64, 64), name=name, limits=IMAGE)
        digest = hashlib.sha256(data).hexdigest()
        file = digest + _SUFFIX[signature(data) or "JPEG"]
        with self._lock:
            before = next((folder.name for folder in self._labels() if (folder / file).exists()), None)
            if before is None:
                write_atomically(self.folder / chosen / file, data)
                received.saved.append({"name": name, "label": chosen, "sha256": digest})
            elif before == chosen:
                received.duplicates.append({"name": name, "label": chosen, "sha256": digest})
            else:
                reason = f"The same photo was sent before as {before}."
                received.rejected.append({"name": name, "code": "label_conflict", "reason": reason})

    def _labels(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(folder for folder in self.folder.iterdir() if folder.is_dir() and plain_label(folder.name))

    def _pictures(self, folder: Path) -> Iterable[Path]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and Path(entry.name).suffix in images.SUFFIXES:
                    yield Path(entry.path)


def label_of(name: str) -> str | None:
    """`cat.0.jpg` -> "cat"; None when the name holds no label."""
    found = _LABELLED.fullmatch(name)
    return found["label"] if found else None


def plain_label(label: str | None) -> str | None:
    """The label as a folder's name on every system; None when it cannot be one."""
    if label is None:
        return None
    label = unicodedata.normalize("NFC", label).strip()
    if not _LABEL.fullmatch(label) or ".." in label or label.partition(".")[0].lower() in _DEVICES:
        return None
    return label
