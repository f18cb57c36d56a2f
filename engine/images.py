"""The one place that opens an image.

Prediction, training, previews and thumbnails all come through here, so that a model is taught and asked with the
same pixels. Whole in one file, so that no step can be had without the others; telling formats apart by their bytes, and
saying what is wrong with damaged ones, is image_formats.py. The steps, which every export repeats:

1. JPEGs are decoded scaled: libjpeg leaves out detail below the size that is asked for (`Image.draft`).
2. The EXIF orientation is applied; metadata that cannot be read counts as upright.
3. The picture becomes 8-bit RGB: transparency is laid on white, 16-bit grey is divided by 257.
4. It is squashed to the model's size with Pillow's antialiased bilinear filter.
"""

from __future__ import annotations

import errno
import importlib
import io
import stat
import struct
import warnings
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import (
    ImageEmpty,
    ImageError,
    ImageFormatUnsupported,
    ImageNotAllowed,
    ImageNotFound,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageUnreadable,
)
from engine.image_formats import FORMATS_IN_WORDS, SUFFIXES, damaged, not_a_picture, signature

__all__ = ["DESKTOP", "SUFFIXES", "Limits", "display_name", "fit", "load", "open_rgb", "read", "thumbnail"]

# What decoders let through when the bytes are damaged or hostile; the tests mutate files of every format. Pillow
# tells of damage it can live with by warnings, which are errors to a program that asked for that.
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
    UserWarning,
    struct.error,
    zlib.error,
)
_SMALLER = "Make it smaller and try again."


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

# The limit is ours (`Limits`); Pillow's own only stands behind it, and must not print.
Image.MAX_IMAGE_PIXELS = DESKTOP.max_pixels
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# "Corrupt EXIF data" and the like: such pictures are answered all the same.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


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
    name = name or (display_name(source) if isinstance(source, Path) else "The photo")
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
        if at_least is not None and image.format in ("JPEG", "MPO"):
            # Only JPEGs: a HEIC's embedded preview, which `draft` would take, need not show the same picture.
            image.draft(None, at_least if orientation < 5 else at_least[::-1])
        image.load()
        return _rgb(_upright(image, orientation), name)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooManyPixels(
            f"{name} has more than {limits.max_pixels // 1_000_000} megapixels.", _SMALLER
        ) from error
    except MemoryError as error:
        raise ImageTooManyPixels(f"{name} does not fit into memory.", _SMALLER) from error
    except _DECODER_ERRORS as error:
        raise damaged(name, data, error) from error


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


def read(path: Path, *, limits: Limits = DESKTOP) -> bytes:
    """The file's bytes, for who needs them besides the picture (a content hash); then give them to `open_rgb`.

    Raises:
        ImageError: the file cannot be read, or is larger than the limits.
    """
    return _read(path, display_name(path), limits)


def display_name(path: Path) -> str:
    """The file's name as text that every terminal and file can take, also where its bytes are no valid text."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


def _read(path: Path, name: str, limits: Limits) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageFormatUnsupported(f"{name} is a folder, not a photo.", FORMATS_IN_WORDS)
        if not stat.S_ISREG(status.st_mode):
            # Reading a pipe or a device could wait for ever.
            raise ImageFormatUnsupported(f"{name} is a device or a pipe, not a photo.", FORMATS_IN_WORDS)
        if status.st_size > limits.max_bytes:
            raise _too_large(name, status.st_size, limits)
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageNotFound(f"{name} is not there.", "It may have been moved or renamed.") from error
    except PermissionError as error:
        raise ImageNotAllowed(f"{name} may not be read.", "Check the file's permissions.") from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP:
            raise ImageUnreadable(f"{name} is a link that leads back to itself.", "Put the photo there.") from error
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise ImageUnreadable(
            f"{name} could not be read from the disk ({reason}).", "Copy it elsewhere and try again."
        ) from error


def _open(data: bytes, name: str) -> Image.Image:
    form = signature(data)
    if form is None:
        raise not_a_picture(name, data)
    _register(form)
    return Image.open(io.BytesIO(data), formats=(form,))


_PLUGINS = {"TIFF": "TiffImagePlugin", "WEBP": "WebPImagePlugin", "AVIF": "AvifImagePlugin"}


@cache
def _register(form: str) -> None:
    """Import one decoder. Left to itself Pillow imports all forty at the first picture that is no JPEG or PNG."""
    if form == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    elif form in _PLUGINS:
        importlib.import_module(f"PIL.{_PLUGINS[form]}")


def _orientation(image: Image.Image) -> int:
    """EXIF orientation still to be applied, 1 to 8; 1 where the metadata is missing or broken."""
    if image.format in ("TIFF", "HEIF"):
        return 1  # Pillow turns the one, libheif the other, while they load.
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
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return _deep_grey(image)
    if image.mode == "LAB":
        raise ImageFormatUnsupported(f"{name} has Lab colours, which Whisker cannot read.", "Save it as RGB.")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits; Pillow's own conversion clips it to white, or a float picture to black."""
    stored = np.asarray(image)
    values = np.nan_to_num(stored.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "F" and low >= 0.0 and high <= 1.0:
        values *= 255.0
    elif low >= 0.0 and high <= 65535.0 and (image.mode.startswith("I;16") or high > 255.0):
        values /= 257.0
    elif low < 0.0 or high > 255.0:
        # In double precision: the spread of float values may be more than a float holds.
        values = ((values.astype(np.float64) - low) * (255.0 / max(high - low, 1e-12))).astype(np.float32)
    grey = np.clip(np.round(values), 0, 255).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[stored == transparent] = 255
    return Image.fromarray(grey).convert("RGB")


def _too_large(name: str, size: int, limits: Limits) -> ImageTooLarge:
    return ImageTooLarge(
        f"{name} has {size / 2**20:.1f} MB; at most {limits.max_bytes / 2**20:.0f} MB are read.",
        "Save it smaller and try again.",
    )


def _too_many_pixels(name: str, width: int, height: int, limits: Limits) -> ImageTooManyPixels:
    return ImageTooManyPixels(
        f"{name} has {width} x {height} pixels; at most {limits.max_pixels // 1_000_000} megapixels are read.",
        _SMALLER,
    )
