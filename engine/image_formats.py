"""What a file's bytes say it is, and the sentence for a file that is no sound picture."""

from __future__ import annotations

import struct
from pathlib import Path

from engine.errors import ImageError, ImageFormatUnsupported, ImageTruncated, ImageUnreadable

_SUFFIXES = ".jpg .jpeg .jpe .jfif .png .bmp .dib .tif .tiff .webp .heic .heif .hif .avif .gif"
SUFFIXES = frozenset(_SUFFIXES.split())
FORMATS_IN_WORDS = "Whisker reads JPEG, PNG, BMP, TIFF, WebP, HEIC, AVIF and GIF files."
_COPY_AGAIN = "Copy it again from where it came from."

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
# Sizes that a bitmap header without a file header may have, as in .dib files.
_DIB_HEADERS = (40, 52, 56, 64, 108, 124)

_OTHER_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 file"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 file"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"\0\0\1\0", "an icon file"),
    (b"8BPS", "a Photoshop document"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"{\\rtf", "a text document"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


def signature(data: bytes) -> str | None:
    """The format, by Pillow's name, that the first bytes claim; None where they are those of no picture we read."""
    for magic, form in _MAGIC:
        if data.startswith(magic):
            return form
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}
        if not brands.isdisjoint(_AVIF_BRANDS):
            return "AVIF"
        return None if brands.isdisjoint(_HEIF_BRANDS) else "HEIF"
    if int.from_bytes(data[:4], "little") in _DIB_HEADERS and data[12:14] == b"\1\0":
        return "DIB"
    return None


def not_a_picture(name: str, data: bytes) -> ImageError:
    """The error for bytes without the signature of a picture."""
    kind = _kind_of_other_file(data)
    if kind is None and Path(name).suffix.lower() in SUFFIXES:
        return ImageUnreadable(f"{name} is named like a photo, but there is none in it.", "Check where it came from.")
    what = f"{name} is {kind}, which Whisker cannot read." if kind else f"{name} is not a photo that Whisker reads."
    return ImageFormatUnsupported(what, FORMATS_IN_WORDS)


def damaged(name: str, data: bytes, error: BaseException) -> ImageError:
    """The error for a picture that its decoder gave up on with `error`."""
    form = signature(data) or "photo"
    text = str(error).lower()
    if _ends_early(data, form) or "truncat" in text or "end of file" in text or "unexpected end" in text:
        return ImageTruncated(f"{name} ends too early: part of the {form} file is missing.", _COPY_AGAIN)
    return ImageUnreadable(f"{name} is a damaged {form} file.", _COPY_AGAIN)


def _kind_of_other_file(data: bytes) -> str | None:
    for magic, kind in _OTHER_MAGIC:
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp":
        return "a raw camera file" if data[8:11] == b"crx" else "a film"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "a film"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "an SVG drawing"
    if head.startswith((b"<!doctype html", b"<html")):
        # What a browser saves when the picture's address led to a page.
        return "a web page"
    return None


def _ends_early(data: bytes, form: str) -> bool:
    """Whether the file is shorter than its own structure says. Decoders report this in a dozen wordings or none."""
    try:
        if form == "JPEG":
            # An embedded preview near the front has an end marker of its own.
            return b"\xff\xd9" not in data[len(data) // 2 :]
        if form == "PNG":
            return b"IEND" not in data
        if form == "GIF":
            return not data.rstrip(b"\0").endswith(b";")
        if form == "BMP":
            return _number("<I", data, 2) > len(data)
        if form == "WEBP":
            return _number("<I", data, 4) + 8 > len(data)
        if form == "TIFF":
            return _number("<I" if data[:2] == b"II" else ">I", data, 4) + 6 > len(data)
        if form in ("HEIF", "AVIF"):
            return _last_box_is_cut(data)
    except struct.error:
        return True
    return False


def _last_box_is_cut(data: bytes) -> bool:
    """Walk the boxes of an ISO media file (ISO/IEC 14496-12): a 32-bit size each; 1: 64 bits follow, 0: to the end."""
    at = 0
    while at < len(data):
        size = _number(">I", data, at)
        if size == 0:
            return False
        if size == 1:
            size = _number(">Q", data, at + 8)
        if size < 8:
            return False
        at += size
    return at > len(data)


def _number(form: str, data: bytes, at: int) -> int:
    return int(struct.unpack_from(form, data, at)[0])
