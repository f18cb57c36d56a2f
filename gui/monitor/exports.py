"""The charts as a picture and their figures as a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from engine.durable import write_atomically
from engine.monitor import Point, Range
from engine.monitor.points import FIGURES
from gui.theme import Theme

MARGIN = 16
CAPTION = 24


def file_name(spell: Range, at: float, suffix: str) -> str:
    """ "whisker-hour-2026-03-01-1405.csv"."""
    return f"whisker-{spell.key}-{datetime.fromtimestamp(at):%Y-%m-%d-%H%M}{suffix}"


def captioned(charts: QImage, spell: Range, at: float, theme: Theme) -> QImage:
    """The charts with a margin, and a line below them that says of when they are."""
    ratio = charts.devicePixelRatio()
    width, height = round(charts.width() / ratio), round(charts.height() / ratio)
    picture = QImage(
        round((width + 2 * MARGIN) * ratio), round((height + 2 * MARGIN + CAPTION) * ratio), QImage.Format.Format_RGB32
    )
    picture.setDevicePixelRatio(ratio)
    picture.fill(theme.color("window"))
    painter = QPainter(picture)
    painter.drawImage(MARGIN, MARGIN, charts)
    font = painter.font()
    font.setPixelSize(theme.size("secondary"))
    painter.setFont(font)
    painter.setPen(theme.color("muted"))
    line = QRect(MARGIN, MARGIN + height + 4, width, CAPTION)
    words = f"Whisker · the {spell.key} up to {datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S}"
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
    painter.end()
    return picture


def write_table(points: Sequence[Point], path: Path) -> None:
    """A row a point: when it begins, its length and every figure, empty where it is not known.

    Raises:
        OSError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("time", "seconds", *FIGURES))
    for point in points:
        values = (point.value(name) for name in FIGURES)
        moment = datetime.fromtimestamp(point.at).astimezone()
        writer.writerow((moment.isoformat(), point.step, *(_cell(value) for value in values)))
    write_atomically(path, text.getvalue().encode())


def write_picture(picture: QImage, path: Path) -> None:
    """A PNG, whatever the name.

    Raises:
        OSError: it cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(picture)
    write_atomically(path, bytes(buffer.data().data()))


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""
