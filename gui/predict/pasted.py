"""Pictures that came without a file are kept under the home by their content, so that they can be shown again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine import paths
from engine.durable import write_atomically
from engine.errors import FolderError
from engine.image_formats import signature

NAME = "Pasted photo"


def keep(data: bytes, home: paths.Home) -> Path:
    """Store the bytes of an image file once; the same picture always gets the same name.

    Raises:
        ImageError: it is no picture that can be read.
        FolderError: it cannot be stored.
    """
    from engine import images

    images.open_rgb(data, (64, 64), name=NAME)
    form = (signature(data) or "png").lower()
    path = home.pasted / f"{hashlib.sha256(data).hexdigest()[:32]}.{form}"
    if not path.exists():
        try:
            write_atomically(path, data)
        except OSError as error:
            raise FolderError(
                f"The pasted photo could not be kept in {home.pasted} ({error.strerror}).",
                "Make room and try again.",
            ) from error
    return path
