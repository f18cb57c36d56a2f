"""The one place that opens an image.

Prediction, training, previews and thumbnails all come through here, so that a model is taught and asked with the
same pixels. The steps, which every export repeats:

1. JPEGs are decoded scaled: libjpeg leaves out detail below the size that is asked for (`Image.draft`).
2. The EXIF orientation is applied; metadata that cannot be read counts as upright.
3. The picture becomes 8-bit RGB: transparency is laid on white, 16-bit grey is divided by 257.
4. It is squashed to the model's size with Pillow's antialiased bilinear filter.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from engine.errors import (
    ImageEmpty,
    ImageError,
    ImageFormatUnsupported,
    ImageNotAllowed,
    ImageNotFound,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageTruncated,
    ImageUnreadable,
)

SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".webp",
        ".heic",
        ".heif",
        ".hif",
        ".avif",
        ".gif",
    ]
)
_FORMATS = ("JPEG", "MPO", "PNG", "BMP", "DIB", "TIFF", "WEBP", "GIF", "AVIF", "HEIF")
_FORMATS_IN_WORDS = "Whisker reads JPEG, PNG, BMP, TIFF, WebP, HEIC, AVIF and GIF pictures."

# What Pillow's decoders let through when the bytes are damaged or hostile; gathered by mutating real files.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Limits:
    """The largest picture that is opened.

    Attributes:
        max_bytes: Size of the file.
        max_pixels: Width times height, known from the header before anything is decoded.
    """

    max_bytes: int
    max_pixels: int


DESKTOP = Limits(max_bytes=1 << 29, max_pixels=200_000_000)

# The limit is ours (`Limits`); Pillow's own only has to stand behind it.
Image.MAX_IMAGE_PIXELS = DESKTOP.max_pixels


def open_rgb(
    source: Path | bytes,
    at_least: tuple[int, int] | None = None,
    *,
    name: str = "",
    limits: Limits = DESKTOP,
) -> Image.Image:
    """Decode a picture: upright, mode RGB.

    Args:
        source: A file, or the content of one.
        at_least: Width and height, pixels, that the caller needs. A larger JPEG may come out smaller than it is
            stored, never smaller than this.
        name: What to call the picture in messages; the file's name unless given.
        limits: The largest picture that is opened.

    Raises:
        ImageError: one of its classes, each with a sentence and a hint.
    """
    name = name or (source.name if isinstance(source, Path) else "The picture")
    data = _read(source, name, limits) if isinstance(source, Path) else source
    if not data:
        raise ImageEmpty(f"{name} is empty.", "Copy it again from where it came from.")
    if len(data) > limits.max_bytes:
        raise _too_large(name, len(data), limits)
    try:
        image = _open(data, name)
        width, height = image.size
        if width * height > limits.max_pixels:
            raise _too_many_pixels(name, width, height, limits)
        orientation = _orientation(image)
        if at_least is not None:
            wanted = at_least if orientation < 5 else at_least[::-1]
            image.draft(None, wanted)
        image.load()
        return _rgb(_upright(image, orientation))
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooManyPixels(
            f"{name} has more than {limits.max_pixels // 1_000_000} megapixels.", "Make it smaller and try again."
        ) from error
    except MemoryError as error:
        raise ImageTooManyPixels(f"{name} does not fit into memory.", "Make it smaller and try again.") from error
    except _DECODER_ERRORS as error:
        raise _damaged(name, data, error) from error


def load(
    source: Path | bytes, width: int, height: int, *, name: str = "", limits: Limits = DESKTOP
) -> npt.NDArray[np.uint8]:
    """What a model sees of a picture: uint8 [height, width, 3], RGB, 0 to 255, squashed to the size."""
    return fit(open_rgb(source, (width, height), name=name, limits=limits), width, height)


def fit(image: Image.Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Squash an RGB picture to uint8 [height, width, 3]."""
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def thumbnail(source: Path | bytes, side: int, *, limits: Limits = DESKTOP) -> Image.Image:
    """A small RGB copy with its proportions kept, neither side longer than `side` pixels, never enlarged."""
    image = open_rgb(source, (side, side), limits=limits)
    image.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image


def _read(path: Path, name: str, limits: Limits) -> bytes:
    try:
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise _too_large(name, size, limits)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageNotFound(f"{name} is not there.", "It may have been moved or renamed.") from error
    except IsADirectoryError as error:
        raise ImageFormatUnsupported(f"{name} is a folder, not a picture.", _FORMATS_IN_WORDS) from error
    except PermissionError as error:
        raise ImageNotAllowed(f"{name} may not be read.", "Check the file's permissions.") from error
    except (OSError, ValueError) as error:
        raise ImageUnreadable(f"{name} could not be read from the disk ({error}).", "Copy it and try again.") from error


def _open(data: bytes, name: str) -> Image.Image:
    known = _signature(data)
    if known == "HEIF":
        # Imported only when such a picture comes: it brings libheif, which most runs never need.
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS if known != "HEIF" else ("HEIF",))
    except UnidentifiedImageError:
        if known is None:
            raise _not_a_picture(name, data) from None
        raise


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 where the metadata is missing or broken."""
    try:
        value = image.getexif().get(0x0112, 1)
    except _DECODER_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    # Pillow turns TIFFs, and pillow-heif turns HEICs, while they load.
    if image.format in ("TIFF", "HEIF") or orientation not in _TURNS:
        return image
    return image.transpose(_TURNS[orientation])


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return _deep_grey(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits; Pillow's own conversion clips it to white, or a float picture to black."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "F" and low >= 0.0 and high <= 1.0:
        values = values * 255.0
    elif low >= 0.0 and high <= 65535.0 and (image.mode.startswith("I;16") or high > 255.0):
        values = values / 257.0
    elif low < 0.0 or high > 255.0:
        values = (values - low) * (255.0 / max(high - low, 1e-12))
    return Image.fromarray(np.round(values).astype(np.uint8)).convert("RGB")


_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def _signature(data: bytes) -> str | None:
    """The format that the first bytes claim, or None where they are those of no picture Whisker reads."""
    if data[4:8] == b"ftyp":
        brands = data[8:64]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        return "HEIF" if any(brand in brands for brand in _HEIF_BRANDS) else None
    for magic, name in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"BM", "BMP"),
        (b"GIF8", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"II+\0", "TIFF"),
        (b"MM\0+", "TIFF"),
    ):
        if data.startswith(magic):
            return name
    return "WebP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _not_a_picture(name: str, data: bytes) -> ImageError:
    kind = _kind_of_other_file(data)
    if kind is None and Path(name).suffix.lower() in SUFFIXES:
        return ImageUnreadable(f"{name} is named like a picture, but there is none in it.", "Check where it came from.")
    what = f"{name} is {kind}, not a picture." if kind else f"{name} is not a picture that Whisker reads."
    return ImageFormatUnsupported(what, _FORMATS_IN_WORDS)


def _kind_of_other_file(data: bytes) -> str | None:
    head = data[:512]
    if head.startswith(b"%PDF"):
        return "a PDF"
    if head.startswith(b"PK\x03\x04"):
        return "a ZIP archive or an office document"
    if b"<svg" in head.lower():
        return "an SVG drawing"
    if head[4:8] == b"ftyp":
        return "a film"
    return None


def _damaged(name: str, data: bytes, error: BaseException) -> ImageError:
    text = str(error).lower()
    claimed = _signature(data) or "picture"
    if any(sign in text for sign in ("truncat", "unexpected end", "end of file", "eof", "not enough")):
        return ImageTruncated(
            f"{name} ends too early: part of the {claimed} file is missing.", "Copy it again from where it came from."
        )
    return ImageUnreadable(f"{name} is a damaged {claimed} file.", "Copy it again from where it came from.")


def _too_large(name: str, size: int, limits: Limits) -> ImageTooLarge:
    return ImageTooLarge(
        f"{name} has {size / 1e6:.0f} MB; at most {limits.max_bytes / 1e6:.0f} MB are read.",
        "Save it smaller and try again.",
    )


def _too_many_pixels(name: str, width: int, height: int, limits: Limits) -> ImageTooManyPixels:
    return ImageTooManyPixels(
        f"{name} has {width} x {height} pixels; at most {limits.max_pixels // 1_000_000} megapixels are read.",
        "Make it smaller and try again.",
    )
