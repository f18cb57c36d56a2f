from __future__ import annotations

import contextlib
import random

import pytest

from engine import images
from engine.errors import ImageError
from tests.engine.image_files import (
    FORMATS,
    GREY_FORMATS,
    TRANSPARENT_FORMATS,
    encoded,
    exif,
    grey16,
    png16,
    scene,
    stored_turned,
)

EXTREMES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f")


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Damage of the kinds that happen and that are made: flipped bytes, cuts, repeats, huge numbers."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        # Headers decide most, so a good part of the damage goes to the first 64 bytes.
        at = chance.randrange(min(64, len(data)) if chance.random() < 0.3 else len(data))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            data[at : at + 4] = chance.choice(EXTREMES)
        elif kind == 3:
            del data[at : at + chance.randint(1, 40)]
        else:
            data[at:at] = data[at : at + chance.randint(1, 40)]
        if not data:
            return b"\0"
    return bytes(data)


MUTATED = {
    "JPEG": lambda: encoded(stored_turned(scene(), 6), "JPEG", exif=exif(6)),
    "progressive JPEG": FORMATS["progressive.jpg"],
    "PNG": lambda: encoded(scene(), "PNG", exif=exif(6)),
    "palette PNG": TRANSPARENT_FORMATS["palette-alpha.png"],
    "16-bit PNG": lambda: png16(grey16()),
    "BMP": FORMATS["palette.bmp"],
    "DIB": FORMATS["headless.dib"],
    "TIFF": lambda: encoded(scene(), "TIFF", exif=exif(6)),
    "LZW TIFF": FORMATS["lzw.tif"],
    "float TIFF": GREY_FORMATS["float01.tif"],
    "WebP": lambda: encoded(scene(), "WEBP", exif=exif(6)),
    "animated WebP": FORMATS["animated.webp"],
    "AVIF": lambda: encoded(scene(), "AVIF", exif=exif(6)),
    "HEIC": lambda: encoded(scene(), "HEIF", exif=exif(6)),
    "GIF": FORMATS["animated.gif"],
    "MPO": FORMATS["several.mpo"],
}


SMALL = images.Limits(max_bytes=1 << 20, max_pixels=4_000_000)


def storm(form: str, seeds: range) -> None:
    content = MUTATED[form]()
    for seed in seeds:
        damaged = mutate(content, random.Random(seed))
        with contextlib.suppress(ImageError):
            assert images.open_rgb(damaged, (32, 32), limits=SMALL).mode == "RGB", seed


@pytest.mark.parametrize("form", MUTATED)
def test_that_damage_of_any_kind_ends_in_a_picture_or_an_image_error(form: str) -> None:
    storm(form, range(250))


@pytest.mark.slow
@pytest.mark.parametrize("form", MUTATED)
@pytest.mark.parametrize("block", range(1, 4))
def test_that_much_damage_of_any_kind_ends_in_a_picture_or_an_image_error(form: str, block: int) -> None:
    storm(form, range(block * 2000, block * 2000 + 2000))
