"""Altered copies of training pictures, as another camera, phone or web site would have made them.

The threshold for the unknown is judged on these: one set on untouched pictures of a single source refuses half of
the same things photographed elsewhere (docs/unknown.md).
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageFilter

PLAIN, MIRRORED = "plain", "mirrored"


def alter(image: Image.Image, kind: str, seed: int) -> Image.Image:
    """An altered copy of an RGB picture.

    Args:
        image: Mode RGB.
        kind: PLAIN, MIRRORED or one of ALTERATIONS.
        seed: The same seed alters the same picture alike.
    """
    if kind == PLAIN:
        return image
    if kind == MIRRORED:
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _KINDS[kind](image, random.Random(f"{kind} {seed}"))


def _small(image: Image.Image, chance: random.Random) -> Image.Image:
    """A thumbnail of 72 to 128 pixels."""
    scale = chance.uniform(72, 128) / min(image.size)
    return image.resize((max(8, round(image.width * scale)), max(8, round(image.height * scale))))


def _recompressed(image: Image.Image, chance: random.Random) -> Image.Image:
    """JPEG of quality 20 to 40."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=chance.randint(20, 40))
    return Image.open(stream).convert("RGB")


def _cropped(image: Image.Image, chance: random.Random) -> Image.Image:
    """60 to 85 % of each side."""
    share = chance.uniform(0.6, 0.85)
    width, height = max(1, int(image.width * share)), max(1, int(image.height * share))
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def _relit(image: Image.Image, chance: random.Random) -> Image.Image:
    """Half a stop to a stop brighter or darker."""
    gamma = chance.choice((0.5, 0.65, 1.5, 2.0))
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * 3)


def _blurred(image: Image.Image, chance: random.Random) -> Image.Image:
    """A little out of focus: about a pixel at the size that a model sees."""
    return image.filter(ImageFilter.GaussianBlur(max(image.size) / 224 * chance.uniform(0.8, 1.3)))


def _grey(image: Image.Image, chance: random.Random) -> Image.Image:
    """Black and white."""
    return image.convert("L").convert("RGB")


def _tinted(image: Image.Image, chance: random.Random) -> Image.Image:
    """Another white balance."""
    gains = [chance.uniform(0.75, 1.2) for _ in range(3)]
    return image.point([min(255, round(value * gain)) for gain in gains for value in range(256)])


def _tilted(image: Image.Image, chance: random.Random) -> Image.Image:
    """Turned by up to 15 degrees."""
    angle = chance.uniform(-15, 15)
    return image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=(127, 127, 127))


_KINDS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "small": _small,
    "recompressed": _recompressed,
    "cropped": _cropped,
    "relit": _relit,
    "blurred": _blurred,
    "grey": _grey,
    "tinted": _tinted,
    "tilted": _tilted,
}
ALTERATIONS = tuple(_KINDS)
