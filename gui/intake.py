"""What a drop or a paste holds: files and folders, pictures without a file, or addresses that are never fetched."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage

_RAW_PICTURES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/avif",
    "image/gif",
    "image/bmp",
    "image/tiff",
)
_DATA_URL = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*,", re.ASCII)
_IMG_SOURCE = re.compile(r"<img[^>]+src\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)


@dataclass(frozen=True)
class Intake:
    """What came in.

    Attributes:
        paths: Files and folders of this computer, as named; nobody has looked yet whether they exist.
        pictures: Pictures without a file; each call gives the bytes of an image file and is slow.
        remote: Addresses of other computers.
    """

    paths: list[Path] = field(default_factory=list)
    pictures: list[Callable[[], bytes]] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.paths or self.pictures or self.remote)


def holds_something(mime: QMimeData) -> bool:
    """Whether `read` would find something; cheap, for while a drag is still under way."""
    return mime.hasUrls() or mime.hasImage() or mime.hasText() or any(map(mime.hasFormat, _RAW_PICTURES))


def read(mime: QMimeData | None) -> Intake:
    """Copy everything needed out of `mime`, which dies with the drop; an empty clipboard may have none.

    Files come first, then the picture itself, then addresses: a browser that hands over the picture need not be
    asked where it came from.
    """
    if mime is None:
        return Intake()
    urls = mime.urls() if mime.hasUrls() else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if paths:
        return Intake(paths=paths)
    inline = [picture for url in urls if (picture := _from_data_url(url.toString()))]
    if inline:
        return Intake(pictures=inline)
    for kind in _RAW_PICTURES:
        if data := mime.data(kind).data():
            return Intake(pictures=[_kept(bytes(data))])
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return Intake(pictures=[lambda: _as_png(image)])
    remote = [url.toString() for url in urls if _is_remote(url.toString())]
    if remote:
        return Intake(remote=remote)
    if mime.hasHtml() and (intake := _from_html(mime.html())):
        return intake
    return from_text(mime.text()) if mime.hasText() else Intake()


def from_text(text: str) -> Intake:
    """Lines that name files (`/a/b.jpg`, `file:///a/b.jpg`, quoted, `~/b.jpg`) or addresses; else nothing."""
    paths, pictures, remote = [], [], []
    for line in text.strip().splitlines()[:10_000]:
        line = line.strip().strip("\"'")
        if picture := _from_data_url(line):
            pictures.append(picture)
        elif line.startswith("file:"):
            paths.append(Path(QUrl(line).toLocalFile()))
        elif _is_remote(line):
            remote.append(line)
        elif line:
            path = Path(line).expanduser() if line.startswith("~") else Path(line)
            if path.is_absolute():
                paths.append(path)
    return Intake(paths, pictures, remote)


def host(address: str) -> str:
    """The computer that an address names, for telling a person about it."""
    return urlsplit(address).hostname or address


def _is_remote(address: str) -> bool:
    return address.startswith(("http://", "https://", "ftp://")) and "\n" not in address


def _from_html(html: str) -> Intake | None:
    sources = _IMG_SOURCE.findall(html)
    pictures = [picture for source in sources if (picture := _from_data_url(source))]
    if pictures:
        return Intake(pictures=pictures)
    remote = [source for source in sources if _is_remote(source)]
    return Intake(remote=remote) if remote else None


def _from_data_url(address: str) -> Callable[[], bytes] | None:
    head = _DATA_URL.match(address)
    if head is None:
        return None
    body = address[head.end() :]
    if ";base64" not in head.group():
        return _kept(unquote_to_bytes(body))
    try:
        return _kept(base64.b64decode(unquote_to_bytes(body), validate=False))
    except binascii.Error:
        return None


def _kept(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _as_png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 80)  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())
