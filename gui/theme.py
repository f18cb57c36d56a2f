"""Colours, sizes and icons from one token file; light and dark follow the system unless the person chose one.

Every colour of the window stands in resources/theme/tokens.json. It fills the style sheet, the palette, the charts,
the heat map and the icons, so that a change of look is a change of data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyle

ICON = 20
"""Side of an icon in device-independent pixels."""

_PALETTE = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "window",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "wrong",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.Accent: "accent",
}


class Theme(QObject):
    """The look of the application.

    Args:
        app: Gets the style sheet and the palette.
        resources: The folder that holds theme/ and icons/.
        appearance: `system`, `light` or `dark`.

    Signals:
        changed: The colours are other ones now; whoever painted or tinted by hand does it again.
    """

    changed = Signal()

    def __init__(self, app: QApplication, resources: Path, appearance: str = "system") -> None:
        super().__init__()
        self._app = app
        self._icons = resources / "icons"
        self._tokens: dict[str, Any] = json.loads((resources / "theme" / "tokens.json").read_text("utf-8"))
        self._template = Template((resources / "theme" / "style.qss.template").read_text("utf-8"))
        self._sources: dict[str, bytes] = {}
        self._tinted: dict[tuple[str, str, int, float], QPixmap] = {}
        self._appearance = "system"
        self.dark = False
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._fill()
        if appearance != "system":
            self.choose(appearance)

    def choose(self, appearance: str) -> None:
        """Follow the system (`system`) or stay `light` or `dark`."""
        self._appearance = appearance
        hints = QGuiApplication.styleHints()
        if appearance == "system":
            hints.unsetColorScheme()
        else:
            # Title bars and file dialogs of the platform then follow as well.
            dark = appearance == "dark"
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._follow()

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        color = QColor(self._colors[token])
        color.setAlphaF(alpha)
        return color

    def name(self, token: str) -> str:
        """The colour as `#rrggbb`, for rich text."""
        return str(self._colors[token])

    def size(self, name: str) -> int:
        """A type size in pixels: answer, title, body, secondary or status."""
        return round(float(self._tokens["type"][name]) * self._text_scale())

    def chart_colors(self) -> list[QColor]:
        return [QColor(value) for value in self._tokens["chart"]]

    def heat_stops(self) -> Sequence[tuple[float, str, float]]:
        """The heat map's ramp: position 0 to 1, `#rrggbb`, opacity 0 to 1."""
        return [(float(at), str(color), float(alpha)) for at, color, alpha in self._tokens["heat"]]

    def icon(self, name: str, token: str = "text") -> QIcon:
        """The line icon `name`, drawn in the colour `token`."""
        icon = QIcon()
        for ratio in (1.0, 2.0):
            icon.addPixmap(self.pixmap(name, token, ICON, ratio))
        return icon

    def pixmap(self, name: str, token: str = "text", side: int = ICON, ratio: float = 1.0) -> QPixmap:
        """An icon as a square picture of `side` device-independent pixels for a screen of this `ratio`."""
        key = (name, self._colors[token], side, ratio)
        if key not in self._tinted:
            if name not in self._sources:
                self._sources[name] = (self._icons / f"{name}.svg").read_bytes()
            tinted = self._sources[name].replace(b"currentColor", self._colors[token].encode())
            pixels = round(side * ratio)
            pixmap = QPixmap(QSize(pixels, pixels))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            QSvgRenderer(QByteArray(tinted)).render(painter, QRectF(0, 0, pixels, pixels))
            painter.end()
            pixmap.setDevicePixelRatio(ratio)
            self._tinted[key] = pixmap
        return self._tinted[key]

    def app_icon(self) -> QIcon:
        return QIcon(str(self._icons / "whisker.svg"))

    @property
    def ratio(self) -> float:
        """Physical pixels to one device-independent pixel, on the sharpest screen."""
        return self._app.devicePixelRatio()

    @property
    def moves(self) -> bool:
        """Whether things may move: off when the system asks for calm."""
        return bool(self._app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)) and (
            QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
        )

    def _follow(self) -> None:
        if self._wants_dark() != self.dark:
            self._fill()
            self.changed.emit()

    def _wants_dark(self) -> bool:
        if self._appearance != "system":
            return self._appearance == "dark"
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _fill(self) -> None:
        self.dark = self._wants_dark()
        self._colors: dict[str, str] = self._tokens["dark" if self.dark else "light"]
        values: dict[str, object] = dict(self._colors)
        values |= {f"size_{name}": self.size(name) for name in self._tokens["type"]}
        values |= {f"corner_{name}": size for name, size in self._tokens["corner"].items()}
        palette = QPalette()
        for role, token in _PALETTE.items():
            palette.setColor(role, self.color(token))
        disabled = QPalette.ColorGroup.Disabled
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(disabled, role, self.color("muted"))
        self._app.setPalette(palette)
        self._app.setStyleSheet(self._template.substitute(values))

    def _text_scale(self) -> float:
        """Larger text where the system's own is much larger than usual (13 to 15 pixels)."""
        font = self._app.font()
        pixels = font.pixelSize() if font.pixelSize() > 0 else font.pointSizeF() * 96 / 72
        return min(1.6, max(1.0, pixels / 16))
