"""Pictures in every format, made on the spot: a dark frame with a red quarter at the top left, so that turns show."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine import images
from engine.errors import ImageError

RED, GREEN, DARK, WHITE = (220, 30, 30), (30, 200, 40), (40, 40, 90), (255, 255, 255)
SIZE = (60, 40)


def scene(size: tuple[int, int] = SIZE) -> Image.Image:
    """Red top left quarter, green bottom right quarter, dark elsewhere."""
    width, height = size
    image = Image.new("RGB", size, DARK)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    if form == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def exif(orientation: object) -> bytes:
    metadata = Image.Exif()
    metadata[0x0112] = orientation
    return metadata.tobytes()


_STORED_FOR = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored_turned(image: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera held in this orientation stores them; the EXIF tag puts them upright again."""
    turn = _STORED_FOR[orientation]
    return image if turn is None else image.transpose(turn)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG written by hand, for what Pillow does not write: 16-bit colour, and headers that lie."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *(chunk(*each) for each in chunks)]
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png16(values: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """uint16 [h, w] grey or [h, w, 3] RGB as a 16-bit PNG."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(width, height, 16, 2 if values.ndim == 3 else 0, rows, *chunks)


def tiff(values: np.ndarray, photometric: int, bits: int, sample_format: int = 1) -> bytes:
    """A little-endian uncompressed TIFF of one strip, for depths that Pillow does not write."""
    height, width = values.shape[:2]
    samples = 1 if values.ndim == 2 else values.shape[2]
    strip = values.tobytes()
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, samples, bits if samples == 1 else None),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, None),
        (277, 3, 1, samples),
        (278, 3, 1, height),
        (279, 4, 1, len(strip)),
        (339, 3, samples, sample_format if samples == 1 else None),
    ]
    tail_at = 8 + 2 + 12 * len(entries) + 4
    bits_at, formats_at, strip_at = tail_at, tail_at + 2 * samples, tail_at + 4 * samples
    places = {258: bits_at, 339: formats_at, 273: strip_at}
    directory = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        directory += struct.pack("<HHII", tag, kind, count, places[tag] if value is None else value)
    tail = struct.pack(f"<{samples}H", *[bits] * samples) + struct.pack(f"<{samples}H", *[sample_format] * samples)
    return b"II*\0" + struct.pack("<I", 8) + directory + b"\0\0\0\0" + tail + strip


def grey16() -> np.ndarray:
    """The scene's brightness, uint16 [40, 60], spread over all of 0 to 65535."""
    return np.asarray(scene().convert("L")).astype(np.uint16) * 257


def with_hidden_colours() -> Image.Image:
    """RGBA: the red quarter opaque, everything else garish magenta but fully transparent."""
    image = Image.new("RGBA", SIZE, (255, 0, 255, 0))
    image.paste((*RED, 255), (0, 0, SIZE[0] // 2, SIZE[1] // 2))
    return image


def red_quarter_on_magenta() -> Image.Image:
    image = Image.new("RGB", SIZE, (255, 0, 255))
    image.paste(RED, (0, 0, SIZE[0] // 2, SIZE[1] // 2))
    return image


def palette_with_alpha() -> bytes:
    return encoded(with_hidden_colours().quantize(8), "PNG")


def animated(form: str, **options: Any) -> bytes:
    later = Image.new("RGB", SIZE, (255, 255, 0))
    return encoded(scene(), form, save_all=True, append_images=[later], duration=100, **options)


FORMATS: dict[str, Callable[[], bytes]] = {
    "baseline.jpg": lambda: encoded(scene(), "JPEG", quality=95),
    "progressive.jpg": lambda: encoded(scene(), "JPEG", quality=95, progressive=True),
    "cmyk.jpg": lambda: encoded(scene().convert("CMYK"), "JPEG", quality=95),
    "several.mpo": lambda: encoded(scene(), "MPO", quality=95, save_all=True, append_images=[Image.new("RGB", SIZE)]),
    "palette.png": lambda: encoded(scene().quantize(16), "PNG"),
    "rgb.png": lambda: encoded(scene(), "PNG"),
    "rgba.png": lambda: encoded(scene().convert("RGBA"), "PNG"),
    "rgb16.png": lambda: png16(np.asarray(scene()).astype(np.uint16) * 257),
    "interlaced.apng": lambda: animated("PNG"),
    "plain.bmp": lambda: encoded(scene(), "BMP"),
    "palette.bmp": lambda: encoded(scene().quantize(16), "BMP"),
    "headless.dib": lambda: encoded(scene(), "DIB"),
    "plain.tif": lambda: encoded(scene(), "TIFF"),
    "lzw.tif": lambda: encoded(scene(), "TIFF", compression="tiff_lzw"),
    "deflate.tiff": lambda: encoded(scene(), "TIFF", compression="tiff_adobe_deflate"),
    "jpeg.tiff": lambda: encoded(scene(), "TIFF", compression="jpeg", quality=95),
    "rgb16.tif": lambda: tiff(np.asarray(scene()).astype("<u2") * 257, photometric=2, bits=16),
    "cmyk.tif": lambda: encoded(scene().convert("CMYK"), "TIFF"),
    "pages.tif": lambda: encoded(scene(), "TIFF", save_all=True, append_images=[Image.new("RGB", SIZE)]),
    "lossy.webp": lambda: encoded(scene(), "WEBP", quality=95),
    "lossless.webp": lambda: encoded(scene(), "WEBP", lossless=True),
    "animated.webp": lambda: animated("WEBP", lossless=True),
    "plain.avif": lambda: encoded(scene(), "AVIF", quality=95),
    "animated.avif": lambda: animated("AVIF", quality=95),
    "plain.heic": lambda: encoded(scene(), "HEIF", quality=95),
    "plain.gif": lambda: encoded(scene().quantize(16), "GIF"),
    "animated.gif": lambda: animated("GIF"),
}
"""File name -> the scene in that format, in colour and without transparency."""

GREY_FORMATS: dict[str, Callable[[], bytes]] = {
    "grey.jpg": lambda: encoded(scene().convert("L"), "JPEG", quality=95),
    "grey.png": lambda: encoded(scene().convert("L"), "PNG"),
    "grey-alpha.png": lambda: encoded(scene().convert("LA"), "PNG"),
    "grey16.png": lambda: png16(grey16()),
    "grey16.tif": lambda: encoded(Image.fromarray(grey16()), "TIFF"),
    "grey32.tif": lambda: encoded(Image.fromarray(grey16().astype(np.int32)), "TIFF"),
    "float01.tif": lambda: encoded(Image.fromarray((grey16() / 65535).astype(np.float32)), "TIFF"),
    "float255.tif": lambda: encoded(Image.fromarray((grey16() / 257).astype(np.float32)), "TIFF"),
    "grey.webp": lambda: encoded(scene().convert("L"), "WEBP", lossless=True),
    "grey.heic": lambda: encoded(scene().convert("L"), "HEIF", quality=95),
    "grey.gif": lambda: encoded(scene().convert("L"), "GIF"),
}

TRANSPARENT_FORMATS: dict[str, Callable[[], bytes]] = {
    "rgba.png": lambda: encoded(with_hidden_colours(), "PNG"),
    "palette-alpha.png": palette_with_alpha,
    "rgba.webp": lambda: encoded(with_hidden_colours(), "WEBP", lossless=True, exact=True),
    "rgba.avif": lambda: encoded(with_hidden_colours(), "AVIF", quality=95),
    "rgba.heic": lambda: encoded(with_hidden_colours(), "HEIF", quality=95),
    "rgba.tif": lambda: encoded(with_hidden_colours(), "TIFF"),
    "rgba.gif": lambda: encoded(with_hidden_colours(), "GIF"),
    "keyed.png": lambda: encoded(red_quarter_on_magenta(), "PNG", transparency=(255, 0, 255)),
}
"""File name -> the red quarter on transparency that hides magenta."""


def upright_scene(image: Image.Image) -> bool:
    """Whether the red quarter is at the top left and the green one at the bottom right, whatever the size."""
    small = np.asarray(ImageOps.fit(image, (4, 4), Image.Resampling.BOX)).astype(int)
    return (
        bool(np.abs(small[0, 0] - RED).max() < 40)
        and bool(np.abs(small[3, 3] - GREEN).max() < 40)
        and bool(np.abs(small[0, 3] - DARK).max() < 40)
        and bool(np.abs(small[3, 0] - DARK).max() < 40)
    )


def refusal(source: Path | bytes, name: str = "", limits: images.Limits = images.DESKTOP) -> ImageError:
    """The error that opening raises, after a look at its words."""
    with pytest.raises(ImageError) as caught:
        images.open_rgb(source, name=name, limits=limits)
    error = caught.value
    named = name or (source.name if isinstance(source, Path) else "The photo")
    assert error.message.startswith(named)
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    assert "Error" not in str(error)
    assert "Traceback" not in str(error)
    return error
