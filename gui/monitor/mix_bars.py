"""What the latest pictures were, as bars; a mark on each says what it was when the model was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui import words
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.drift import Outlook

SHOWN = 5
BAR = 8
MARK = 14


class MixBar(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name, self._share, self._quiet = "", 0.0, False
        self._expected: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def say(self, name: str, share: float, expected: float | None, *, quiet: bool = False) -> None:
        """Shares 0 to 1; a quiet bar is of no class."""
        self._name, self._share, self._expected, self._quiet = name, share, expected, quiet
        then = "" if expected is None else f", {words.percent(expected)} when the model was judged"
        self.setToolTip(f"{name}: {words.percent(share)} of the latest{then}")
        self.setAccessibleName(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + MARK + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(self._theme.size("secondary"))
        painter.setFont(font)
        color, metrics = self._theme.color, painter.fontMetrics()
        share = words.percent(self._share)
        line = QRectF(0, 0, self.width(), metrics.height())
        painter.setPen(color("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, share)
        room = self.width() - metrics.horizontalAdvance(share) - 12
        painter.setPen(color("muted" if self._quiet else "text"))
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, name)
        middle = metrics.height() + MARK / 2
        track = QRectF(0, middle - BAR / 2, self.width(), BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("track"))
        painter.drawRoundedRect(track, BAR / 2, BAR / 2)
        if self._share > 0:
            painter.setBrush(color("unknown" if self._quiet else "accent"))
            painter.drawRoundedRect(QRectF(0, track.top(), max(BAR, self.width() * self._share), BAR), BAR / 2, BAR / 2)
        if self._expected is not None:
            at = min(max(0.0, self.width() * self._expected - 1), self.width() - 2.0)
            painter.setBrush(color("surface"))
            painter.drawRect(QRectF(at - 1, middle - MARK / 2, 4, MARK))
            painter.setBrush(color("text"))
            painter.drawRect(QRectF(at, middle - MARK / 2, 2, MARK))


class MixCard(QFrame):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._shown: Outlook | None = None
        title = QLabel("Seen lately")
        title.setProperty("role", "heading")
        self.line = QLabel()
        self.line.setProperty("role", "status")
        self.line.setWordWrap(True)
        self.bars = [MixBar(theme) for _ in range(SHOWN)]
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(self.line)
        column.addSpacing(4)
        for bar in self.bars:
            column.addWidget(bar)
        column.addStretch(1)
        self.show_outlook(None)

    def show_outlook(self, outlook: Outlook | None) -> None:
        if outlook is self._shown and outlook is not None:
            return
        self._shown = outlook
        if outlook is None or not outlook.pictures:
            self.line.setText("Their classes, once there are some")
            for bar in self.bars:
                bar.hide()
            return
        judged = "; the mark: when judged" if outlook.expected else ""
        self.line.setText(f"The latest {words.count(outlook.pictures, 'photo', 'photos')}{judged}")
        rows = shares(outlook)
        for index, bar in enumerate(self.bars):
            bar.setVisible(index < len(rows))
            if index < len(rows):
                name, share, expected = rows[index]
                bar.say(name or "unknown", share, expected, quiet=not name or name.startswith("+"))


def shares(outlook: Outlook) -> list[tuple[str, float, float | None]]:
    """Rows of name, share now and share when judged, most often first; the rest in one row, the unknown ("") last."""
    expected = outlook.expected
    names = list(outlook.mix)
    if expected:
        # A class that no longer comes at all is worth a bar too.
        names += sorted((name for name in expected if name not in outlook.mix), key=lambda name: -expected[name])
    room = SHOWN - bool(outlook.unknown)
    if len(names) > room:
        names, rest = names[: room - 1], names[room - 1 :]
    else:
        rest = []
    total = max(1, sum(outlook.mix.values()) + outlook.unknown)
    rows: list[tuple[str, float, float | None]] = [
        (name, outlook.mix.get(name, 0) / total, expected.get(name, 0.0) if expected else None) for name in names
    ]
    if rest:
        share = sum(outlook.mix.get(name, 0) for name in rest) / total
        then = sum(expected.get(name, 0.0) for name in rest) if expected else None
        rows.append((f"+ {len(rest)} more", share, then))
    if outlook.unknown:
        rows.append(("", outlook.unknown / total, None))
    return rows
