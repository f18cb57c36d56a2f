"""A picture that two models answer differently: what the one says, and what the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.elided_label import ElidedLabel
from gui.models.replay_run import TILE
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.replay import Answer, Replayed

WIDTH = 308


class ChangeTile(QFrame):
    def __init__(self, theme: Theme, replayed: Replayed, picture: QImage | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(WIDTH, TILE + 8))
        photo = QLabel()
        photo.setFixedSize(TILE, TILE)
        if picture is not None:
            photo.setPixmap(_rounded(picture, theme.ratio))
        then, now = _line(replayed.before), _line(replayed.after)
        before, after, name = (ElidedLabel(mode=Qt.TextElideMode.ElideRight) for _ in range(3))
        before.set_full_text(then)
        before.setProperty("role", "secondary")
        after.set_full_text(f"→ {now}")
        after.setProperty("role", "heading")
        truth = f"You said {replayed.truth}" if replayed.truth else replayed.name
        name.set_full_text(truth, replayed.name)
        name.setProperty("role", "status")
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch(1)
        for label in (before, after, name):
            lines.addWidget(label)
        lines.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(12)
        row.addWidget(photo)
        row.addLayout(lines, 1)
        self.setToolTip(str(replayed.path))
        self.setAccessibleName(f"{replayed.name}: {then}, would become {now}. {truth}")


def _line(answer: Answer) -> str:
    if answer.unknown:
        return f"not sure (nearest: {answer.predicted_class})"
    return f"{answer.predicted_class} · {words.percent(answer.confidence)}"


def _rounded(picture: QImage, ratio: float) -> QPixmap:
    pixmap = QPixmap(picture.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(picture))
    painter.drawRoundedRect(QRectF(pixmap.rect()), 8 * ratio, 8 * ratio)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
