"""The best classes as bars. A bar pressed shows what speaks for that class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from gui import words
from gui.predict.answer import SHOWN
from gui.theme import ICON, Theme

BAR = 8
GROW_MS = 120
INSET = 4
"""The focus ring goes round the words; whoever places a bar moves it out by so much."""


class ClassBar(QAbstractButton):
    """One class: its name, its share, and a bar; checked while its reasons are shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._drawn_share = 0.0
        self._quiet = False
        self._key = ""
        self._growth = QVariantAnimation(self, duration=GROW_MS)
        self._growth.valueChanged.connect(self._on_growth)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_class(self, name: str, share: float, key: str, quiet: bool) -> None:
        """`key` is shown before the name; a quiet bar is not in the accent colour."""
        self.setText(name)
        self._share, self._key, self._quiet = share, key, quiet
        self.setAccessibleName(f"{name}, {words.percent(share)}")
        self.setToolTip(f"Show what speaks for {name}")
        self._growth.stop()
        if self._theme.moves and self.isVisible():
            self._growth.setStartValue(0.0)
            self._growth.setEndValue(share)
            self._growth.start()
        else:
            self._on_growth(share)

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + BAR + 12)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        inside = QRectF(self.rect()).adjusted(INSET, 2, -INSET, -INSET)
        self._paint_words(painter, inside)
        height = BAR / 2 if self._quiet else BAR
        track = QRectF(inside.left(), inside.bottom() - height, inside.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("line" if self.underMouse() else "track"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        if self._drawn_share > 0.0005:
            painter.setBrush(color("unknown" if self._quiet else "accent"))
            width = max(height, track.width() * self._drawn_share)
            painter.drawRoundedRect(QRectF(track.left(), track.top(), width, height), height / 2, height / 2)

    def _paint_words(self, painter: QPainter, inside: QRectF) -> None:
        color, metrics = self._theme.color, painter.fontMetrics()
        line = QRectF(inside.left(), inside.top(), inside.width(), metrics.height())
        share = words.percent(self._share)
        painter.setPen(color("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, share)
        if self._key:
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self._key)
            line.setLeft(line.left() + metrics.horizontalAdvance("0") + 12)
        room = line.width() - metrics.horizontalAdvance(share) - ICON - 16
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(color("muted" if self._quiet else "text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, name)
        if self.isChecked():
            side = 16
            flame = self._theme.pixmap("heat", "accent", side, self.devicePixelRatioF())
            at = line.left() + metrics.horizontalAdvance(name) + 6
            painter.drawPixmap(round(at), round(line.center().y() - side / 2), flame)

    def _on_growth(self, share: float) -> None:
        self._drawn_share = share
        self.update()


class ClassBars(QWidget):
    """Signals:
    asked: The class whose reasons are wanted.
    """

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.bars = [ClassBar(theme) for _ in range(SHOWN)]
        for bar in self.bars:
            bar.clicked.connect(lambda _=False, bar=bar: self.asked.emit(bar.text()))
            column.addWidget(bar)

    def show_classes(self, top: Sequence[tuple[str, float]], *, numbered: bool, quiet: bool) -> None:
        for index, bar in enumerate(self.bars):
            bar.setVisible(index < len(top))
            if index < len(top):
                bar.show_class(*top[index], str(index + 1) if numbered else "", quiet)

    def mark(self, class_name: str | None) -> None:
        """Mark the class whose reasons are shown."""
        for bar in self.bars:
            bar.setChecked(bar.text() == class_name and not bar.isHidden())
