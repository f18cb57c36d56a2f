"""The photo, as large as there is room and sense, with what the model looked at laid over it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme

CORNER = 12
ENLARGE = 2.0
"""A small picture grows at most so much; further it would only be blurred."""
AT_LEAST = 224
"""But even an icon is shown this large."""


class PhotoView(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._photo: QImage | None = None
        self._heat: QImage | None = None
        self._missing = ""
        self._drawn: QPixmap | None = None
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The photo")
        theme.changed.connect(self._redraw)

    def show_photo(self, photo: QImage, name: str) -> None:
        self._photo, self._heat, self._missing = photo, None, ""
        self.setAccessibleName(f"The photo {name}")
        self._redraw()

    def show_heat(self, heat: QImage | None) -> None:
        """Lay a heat map over the photo; None takes it off."""
        self._heat = heat
        self.setAccessibleDescription("With the places the model looked at" if heat is not None else "")
        self._redraw()

    def show_loading(self) -> None:
        self._photo, self._heat, self._missing = None, None, ""
        self._redraw()

    def show_missing(self, why: str) -> None:
        """A picture that is no more where it was."""
        self._photo, self._heat, self._missing = None, None, why
        self._redraw()

    @property
    def has_photo(self) -> bool:
        return self._photo is not None

    @property
    def has_heat(self) -> bool:
        return self._heat is not None

    def photo_rect(self) -> QRect:
        """Where the photo stands, in device-independent pixels."""
        if self._photo is None:
            return self.rect()
        ratio = self.devicePixelRatioF()
        width, height = self._photo.width() / ratio, self._photo.height() / ratio
        most = max(ENLARGE, AT_LEAST / max(1.0, width, height))
        scale = min(self.width() / width, self.height() / height, most)
        size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
        rect = QRect(0, 0, size.width(), size.height())
        rect.moveCenter(self.rect().center())
        # A photo that fills the width stands flush with the words beside it.
        if size.width() > 0.7 * self.width():
            rect.moveTop(0)
        return rect

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drawn = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._photo is None:
            self._paint_empty(painter)
            return
        rect = self.photo_rect()
        if self._drawn is None or self._drawn.devicePixelRatioF() != self.devicePixelRatioF():
            self._drawn = self._draw(rect.size())
        painter.drawPixmap(rect.topLeft(), self._drawn)

    def _draw(self, size: QSize) -> QPixmap:
        """Scaled once for a size, not at every painting."""
        assert self._photo is not None
        ratio = self.devicePixelRatioF()
        pixels = QSize(round(size.width() * ratio), round(size.height() * ratio))
        smooth = Qt.TransformationMode.SmoothTransformation
        scaled = self._photo.scaled(pixels, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        if self._heat is not None:
            scaled = scaled.convertToFormat(QImage.Format.Format_RGB32)
            veil = QPainter(scaled)
            veil.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            veil.drawImage(QRect(0, 0, pixels.width(), pixels.height()), self._heat)
            veil.end()
        drawn = QPixmap(pixels)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(scaled))
        corner = CORNER * ratio
        painter.drawRoundedRect(QRectF(0, 0, pixels.width(), pixels.height()), corner, corner)
        painter.end()
        drawn.setDevicePixelRatio(ratio)
        return drawn

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("track"))
        painter.drawRoundedRect(QRectF(self.rect()), CORNER, CORNER)
        if not self._missing:
            return
        middle = self.rect().center()
        icon = self._theme.pixmap("broken-photo", "muted", 40, self.devicePixelRatioF())
        painter.drawPixmap(middle.x() - 20, middle.y() - 40, icon)
        painter.setPen(self._theme.color("muted"))
        below = self.rect().adjusted(24, self.height() // 2 + 12, -24, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._missing)

    def _redraw(self) -> None:
        self._drawn = None
        self.update()
