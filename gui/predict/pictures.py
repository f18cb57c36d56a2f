"""Pictures for the screen, made off the GUI thread. Decoding is the engine's; Qt's own readers miss HEIC and AVIF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

PREVIEW = 1800
"""Longest side of a preview in pixels: sharp on a large screen, and still decoded quickly."""

_HEAT_SIDE = 320
"""Enlarging the model's coarse grid to this in one smooth step hides its cells; the screen does the rest."""


def preview(source: Path | bytes, side: int = PREVIEW) -> QImage:
    """The picture, upright, its longest side at most `side`.

    Raises:
        ImageError: it cannot be read.
    """
    from engine import images

    return as_qimage(images.thumbnail(source, side))


def square(source: Path | bytes, side: int) -> QImage:
    """The middle of the picture, `side` x `side`.

    Raises:
        ImageError: it cannot be read.
    """
    from PIL import Image, ImageOps

    from engine import images

    picture = images.open_rgb(source, (side, side))
    return as_qimage(ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR))


def as_qimage(picture: Image.Image) -> QImage:
    """An RGB picture as one that owns its pixels."""
    width, height = picture.size
    return QImage(picture.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def heat_image(heat: npt.NDArray[np.float32], stops: Sequence[tuple[float, str, float]]) -> QImage:
    """A heat map, float32 [h, w] of 0 to 1, in the colours of `stops`, to lay over the picture.

    Where the model did not look it darkens; where it looked it glows. The ramp grows lighter all along, so that it
    reads the same without colours.
    """
    import numpy as np
    from PIL import Image

    height, width = heat.shape
    scale = _HEAT_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smooth = np.asarray(Image.fromarray(heat, "F").resize(size, Image.Resampling.BICUBIC))
    at = [stop[0] for stop in stops]
    channels = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] + [alpha * 255] for _, color, alpha in stops]
    steps = np.linspace(0, 1, 256)
    ramp = np.stack([np.interp(steps, at, values) for values in zip(*channels, strict=True)], axis=1)
    index = np.clip(np.rint(smooth * 255), 0, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(np.rint(ramp).astype(np.uint8)[index])
    return QImage(pixels.tobytes(), *size, 4 * size[0], QImage.Format.Format_RGBA8888).copy()
