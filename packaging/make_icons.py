"""Draw the program's icon in every size that a system asks for.

    python packaging/make_icons.py FOLDER

FOLDER then holds whisker-SIZE.png from 16 to 1024 pixels, whisker.ico for Windows and whisker.icns for macOS. Up to
32 pixels the small drawing is used, which has fewer and thicker lines.
"""

from __future__ import annotations

import io
import os
import struct
import sys
from pathlib import Path

from contents import CHECKOUT

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO = (16, 24, 32, 48, 64, 128, 256)
# Apple's names for the sizes, each a PNG.
ICNS = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}
SMALL = 32
DRAWING = CHECKOUT / "resources" / "icons" / "whisker.svg"
SMALL_DRAWING = CHECKOUT / "resources" / "icons" / "whisker-small.svg"


def drawing(side: int) -> Path:
    return SMALL_DRAWING if side <= SMALL else DRAWING


def png(side: int) -> bytes:
    """The icon as a PNG of `side` pixels; the same bytes every time."""
    from PIL import Image
    from PySide6.QtCore import QByteArray, QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    # Drawn four times as large and averaged: Qt's own edges are too hard at 16 pixels.
    large = side * 4
    canvas = QImage(large, large, QImage.Format.Format_RGBA8888_Premultiplied)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(drawing(side).read_bytes())).render(painter, QRectF(0, 0, large, large))
    painter.end()
    plain = canvas.convertToFormat(QImage.Format.Format_RGBA8888)
    picture = Image.frombytes("RGBA", (large, large), bytes(plain.constBits()))
    file = io.BytesIO()
    picture.resize((side, side), Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon: a directory of PNGs."""
    sides = sorted(set(ICO) & set(pictures))
    at = 6 + 16 * len(sides)
    directory, bodies = struct.pack("<HHH", 0, 1, len(sides)), b""
    for side in sides:
        body = pictures[side]
        directory += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(body), at + len(bodies))
        bodies += body
    return directory + bodies


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon: a row of named PNGs."""
    body = b"".join(
        name + struct.pack(">I", 8 + len(pictures[side])) + pictures[side]
        for side, name in ICNS.items()
        if side in pictures
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def make(folder: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {side: png(side) for side in sorted({*SIZES, *ICO, *ICNS})}
    for side, body in pictures.items():
        (folder / f"whisker-{side}.png").write_bytes(body)
    (folder / "whisker.ico").write_bytes(ico(pictures))
    (folder / "whisker.icns").write_bytes(icns(pictures))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
