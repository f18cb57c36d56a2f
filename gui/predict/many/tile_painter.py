"""How a tile looks: the photo, what it is, and how sure, so that every state can be told without its colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QWidget

from gui import words
from gui.predict.many.picture import Picture, State
from gui.predict.many.tiles import EDGE, LABEL
from gui.theme import Theme

CORNER = 10
_ICON = 16


class TilePainter:
    """Paints tiles and lines in the theme's present colours."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._paths: dict[tuple[int, int], tuple[QPainterPath, QPainterPath, QPainterPath]] = {}
        self.refresh(None)
        theme.changed.connect(self._colors.clear)

    def refresh(self, widget: QWidget | None) -> None:
        """Sizes and colours anew."""
        self._colors: dict[str, QColor] = {}
        self._bold = QFont() if widget is None else QFont(widget.font())
        self._bold.setPixelSize(self._theme.size("secondary"))
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._plain = QFont(self._bold)
        self._plain.setWeight(QFont.Weight.Normal)
        self._small = QFont(self._plain)
        self._small.setPixelSize(self._theme.size("status"))
        self._metrics = {id(font): QFontMetrics(font) for font in (self._bold, self._plain, self._small)}

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        picture: Picture,
        image: QImage | None,
        *,
        hopeless: bool,
        selected: bool,
        focused: bool,
        hovered: bool,
    ) -> None:
        """One tile; `image` is None while it is not there, and `hopeless` if it never will be."""
        card, photo, edge = self._shapes(rect.width(), rect.height())
        painter.save()
        painter.translate(rect.topLeft())
        painter.fillPath(card, self._color("accent_soft" if selected or hovered else "surface"))
        self._photo(painter, photo, rect.width(), picture, image, hopeless)
        self._label(painter, QRect(0, rect.width(), rect.width(), LABEL), picture)
        self._edge(painter, edge, rect.width(), rect.height(), picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._color("accent"), 2) if selected else QPen(self._color("line"), 1))
        painter.drawPath(card)
        if selected:
            self._tick(painter, rect.width())
        if focused:
            self._ring(painter, QRectF(0, 0, rect.width(), rect.height()), CORNER)
        painter.restore()

    def paint_line(
        self, painter: QPainter, rect: QRect, picture: Picture, *, selected: bool, focused: bool, hovered: bool
    ) -> None:
        """A failed picture as a line: its name, and the sentence that says why."""
        painter.save()
        painter.translate(rect.topLeft())
        body = QRectF(0, 0, rect.width(), rect.height())
        painter.setBrush(self._color("accent_soft" if selected or hovered else "surface"))
        painter.setPen(QPen(self._color("accent"), 2) if selected else QPen(self._color("line"), 1))
        painter.drawRoundedRect(body, 8, 8)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(16, (rect.height() - 20) // 2, self._theme.pixmap("broken-photo", "wrong", 20, ratio))
        room = QRect(52, 8, rect.width() - 68, (rect.height() - 16) // 2)
        self._text(painter, room, picture.name, self._bold, "text")
        room.moveTop(rect.height() // 2)
        sentence = "" if picture.error is None else words.sentence(picture.error)
        self._text(painter, room, sentence, self._plain, "muted")
        if focused:
            self._ring(painter, body, 8)
        painter.restore()

    def _photo(
        self, painter: QPainter, shape: QPainterPath, side: int, picture: Picture, image: QImage | None, hopeless: bool
    ) -> None:
        if image is None:
            painter.fillPath(shape, self._color("track"))
            if picture.state is State.FAILED or hopeless:
                ratio = painter.device().devicePixelRatioF()
                icon = self._theme.pixmap("broken-photo", "muted", 32, ratio)
                painter.drawPixmap(QPointF(side / 2 - 16, side / 2 - 16), icon)
            return
        brush = QBrush(image)
        scale = side / image.width()
        if scale != 1.0:
            brush.setTransform(QTransform.fromScale(scale, scale))
        painter.fillPath(shape, brush)

    def _label(self, painter: QPainter, room: QRect, picture: Picture) -> None:
        room = room.adjusted(10, 0, -10, 0)
        if picture.state is State.WAITING:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color("track"))
            painter.drawRoundedRect(QRectF(room.left(), room.center().y() - 4, room.width() * 0.45, 9), 4, 4)
            return
        icon, token, text, right = _words(picture)
        if icon:
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._theme.pixmap(icon, token if token != "text" else "accent", _ICON, ratio)
            painter.drawPixmap(room.left() - 1, room.center().y() - _ICON // 2 + 1, pixmap)
            room.setLeft(room.left() + _ICON + 4)
        if right:
            used = self._text(painter, room, right, self._small, "muted", Qt.AlignmentFlag.AlignRight)
            room.setRight(room.right() - used - 8)
        self._text(painter, room, text, self._bold, token)

    def _edge(self, painter: QPainter, shape: QPainterPath, width: int, height: int, picture: Picture) -> None:
        """How sure, as the tile's lower edge: solid for sure, hatched for unsure, dotted for unknown."""
        painter.fillPath(shape, self._color("track"))
        if picture.correction is not None:
            painter.fillPath(shape, self._color("accent"))
            return
        if picture.kept is None:
            return
        token = picture.state.value
        color = self._color(token)
        if picture.state is State.UNKNOWN:
            # Dots without a length: how sure it is of the nearest class means nothing here.
            for left in range(CORNER, width - CORNER, 2 * EDGE):
                painter.fillRect(left, height - EDGE + 1, EDGE - 2, EDGE - 2, color)
            return
        painter.save()
        filled = max(EDGE, round(width * picture.kept.confidence))
        painter.setClipRect(0, height - EDGE - 1, filled, EDGE + 1)
        if picture.state is State.UNSURE:
            faint = QColor(color)
            faint.setAlphaF(0.45)
            painter.fillPath(shape, faint)
            painter.fillPath(shape, QBrush(color, Qt.BrushStyle.BDiagPattern))
        else:
            painter.fillPath(shape, color)
        painter.restore()

    def _tick(self, painter: QPainter, width: int) -> None:
        middle = QPointF(width - 18, 18)
        painter.setPen(QPen(self._color("surface"), 2))
        painter.setBrush(self._color("accent"))
        painter.drawEllipse(middle, 11, 11)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(middle - QPointF(8, 8), self._theme.pixmap("check", "on_accent", 16, ratio))

    def _ring(self, painter: QPainter, body: QRectF, corner: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._color("accent"), 2))
        painter.drawRoundedRect(body, corner, corner)
        # A light line within it tells the focus from a selection, whatever the photo.
        painter.setPen(QPen(self._color("surface"), 2))
        painter.drawRoundedRect(body.adjusted(2, 2, -2, -2), corner - 2, corner - 2)

    def _text(
        self,
        painter: QPainter,
        room: QRect,
        text: str,
        font: QFont,
        token: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> int:
        metrics = self._metrics[id(font)]
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room.width()))
        painter.setFont(font)
        painter.setPen(self._color(token))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)

    def _color(self, token: str) -> QColor:
        if token == "failed":
            token = "wrong"
        if token not in self._colors:
            self._colors[token] = self._theme.color(token)
        return self._colors[token]

    def _shapes(self, width: int, height: int) -> tuple[QPainterPath, QPainterPath, QPainterPath]:
        """The card, its photo and its lower edge, each within the card's round corners."""
        if (width, height) not in self._paths:
            card = QPainterPath()
            card.addRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), CORNER, CORNER)
            photo, edge = QPainterPath(), QPainterPath()
            photo.addRect(QRectF(0, 0, width, width))
            edge.addRect(QRectF(0, height - EDGE, width, EDGE))
            if len(self._paths) > 8:
                self._paths.clear()
            self._paths[width, height] = (card, card.intersected(photo), card.intersected(edge))
        return self._paths[width, height]


def _words(picture: Picture) -> tuple[str, str, str, str]:
    """Icon, colour, what it is, and what stands at the right."""
    if picture.correction is not None:
        return "check", "text", picture.correction, "by you"
    if picture.kept is None:
        return "warning", "wrong", "Not readable", ""
    share = words.percent(picture.kept.confidence)
    if picture.state is State.UNKNOWN:
        return "question", "unknown", "Unknown", ""
    if picture.state is State.UNSURE:
        return "question", "unsure", f"{picture.kept.predicted_class}?", share
    return "", "text", picture.kept.predicted_class, share
