"""What a survey saw, remembered by the content of the file, so that an unchanged picture is opened once."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from engine.dataset.survey import GREY, Look
from engine.remembered import Remembered

# The format's name, width and height, and the four figures of a Look; then its small grey copy.
_FIELDS = struct.Struct("<16sII4d")


class LookMemory:
    """Looks by SHA-256; those of pictures that cannot be opened are not remembered: the next try may be luckier.

    Args:
        folder: Of the cache; None remembers nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._remembered = Remembered(folder, "looks", "looks")

    def get(self, path: Path, content: str, size: int) -> Look | None:
        """The look at a file with this SHA-256 (hex), as if it had been taken at `path`."""
        value = self._remembered.get(bytes.fromhex(content))
        if value is None or len(value) != _FIELDS.size + GREY * GREY:
            return None
        form, width, height, darkest, brightest, contrast, sharpness = _FIELDS.unpack_from(value)
        return Look(
            path=path,
            content=content,
            size=size,
            form=form.rstrip(b"\0").decode("ascii"),
            width=width,
            height=height,
            grey=np.frombuffer(value, np.uint8, offset=_FIELDS.size).reshape(GREY, GREY),
            darkest=darkest,
            brightest=brightest,
            contrast=contrast,
            sharpness=sharpness,
        )

    def put(self, look: Look) -> None:
        if look.error is not None or look.grey is None or look.form is None:
            return
        figures = (look.darkest, look.brightest, look.contrast, look.sharpness)
        fields = _FIELDS.pack(look.form.encode("ascii"), look.width, look.height, *figures)
        self._remembered.put(bytes.fromhex(look.content), fields + look.grey.tobytes())

    def close(self) -> None:
        self._remembered.close()
