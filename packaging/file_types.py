"""The pictures that the system may offer to open with Whisker: MIME types for Linux, types and endings for macOS."""

from __future__ import annotations

from typing import NamedTuple


class FileType(NamedTuple):
    """
    name: For people.
    mime: The types that desktops know it by; the first is the registered one.
    uti: Apple's name for it.
    suffixes: What its files end in.
    """

    name: str
    mime: tuple[str, ...]
    uti: str
    suffixes: tuple[str, ...]


FILE_TYPES = (
    FileType("JPEG picture", ("image/jpeg",), "public.jpeg", (".jpg", ".jpeg", ".jpe", ".jfif")),
    FileType("PNG picture", ("image/png",), "public.png", (".png",)),
    FileType("Bitmap picture", ("image/bmp", "image/x-ms-bmp"), "com.microsoft.bmp", (".bmp", ".dib")),
    FileType("TIFF picture", ("image/tiff",), "public.tiff", (".tif", ".tiff")),
    FileType("WebP picture", ("image/webp",), "org.webmproject.webp", (".webp",)),
    FileType("HEIF picture", ("image/heif", "image/heic"), "public.heif-standard", (".heic", ".heif", ".hif")),
    FileType("AVIF picture", ("image/avif",), "public.avif", (".avif",)),
    FileType("GIF picture", ("image/gif",), "com.compuserve.gif", (".gif",)),
)
"""What engine.image_formats reads; a test holds the two together."""


def document_types() -> list[dict[str, object]]:
    """CFBundleDocumentTypes of a macOS bundle: Whisker can show them, and is nobody's default for them."""
    return [
        {
            "CFBundleTypeName": kind.name,
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
            "LSItemContentTypes": [kind.uti],
            "CFBundleTypeExtensions": [suffix.removeprefix(".") for suffix in kind.suffixes],
        }
        for kind in FILE_TYPES
    ] + [
        {
            "CFBundleTypeName": "Folder of photos",
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
            "LSItemContentTypes": ["public.folder"],
        }
    ]


def mime_types() -> list[str]:
    return [mime for kind in FILE_TYPES for mime in kind.mime]
