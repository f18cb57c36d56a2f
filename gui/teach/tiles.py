"""How a small picture is painted in strips and grids."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

from gui.theme import ICON, Theme


def paint_tile(
    painter: QPainter, theme: Theme, rect: QRectF, picture: QImage | None, *, hopeless: bool = False
) -> None:
    """A picture with rounded corners; a plain field while it is on its way, a broken photo where there is none."""
    painter.setPen(Qt.PenStyle.NoPen)
    if picture is not None:
        brush = QBrush(picture)
        transform = brush.transform()
        transform.translate(rect.left(), rect.top())
        transform.scale(rect.width() / picture.width(), rect.height() / picture.height())
        brush.setTransform(transform)
        painter.setBrush(brush)
        painter.drawRoundedRect(rect, 8, 8)
        return
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(rect, 8, 8)
    if hopeless:
        icon = theme.pixmap("broken-photo", "muted", ICON, theme.ratio)
        painter.drawPixmap(round(rect.center().x()) - ICON // 2, round(rect.center().y()) - ICON // 2, icon)
