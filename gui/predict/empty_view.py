"""Nothing dropped yet: one sentence, one button, and three photos to try."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.desk import Desk
from gui.theme import Theme

SAMPLES = ("cat", "coffee", "rocket")
"""In this order: one the default model knows, then two that it must own up to."""
SIDE = 112
BROWSE_TIP = "Choose photos (Ctrl+O), or a folder (Ctrl+Shift+O)"


class EmptyView(QFrame):
    """Signals:
    browse_asked: Photos are to be chosen.
    sample_chosen: The path of a sample.
    """

    browse_asked = Signal()
    sample_chosen = Signal(Path)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("surface", "card")
        self._icon = QLabel()
        title = QLabel("What is in your photo?")
        title.setProperty("role", "title")
        line = QLabel("Drop a photo or a whole folder anywhere in this window.\nNothing leaves this computer.")
        line.setProperty("role", "secondary")
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.browse = push("Browse…", BROWSE_TIP, name="Browse for photos", kind="primary")
        self.browse.clicked.connect(self.browse_asked)
        self._or = QLabel("Or try one of these")
        self._or.setProperty("role", "secondary")
        self._row = QHBoxLayout()
        self._row.setSpacing(16)
        self.samples: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(4)
        middle = Qt.AlignmentFlag.AlignHCenter
        for widget, space in ((self._icon, 16), (title, 8), (line, 24), (self.browse, 40), (self._or, 12)):
            column.addWidget(widget, 0, middle)
            column.addSpacing(space)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(self._row)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(5)
        self._or.hide()
        desk.theme.changed.connect(self._tint)
        self._tint()

    def read_samples(self) -> None:
        """Look for the samples and show them; without any, the row stays away."""
        self._desk.tasks.run(self, self._find, self._on_found, lambda _error: None)

    @staticmethod
    def _find() -> list[tuple[Path, QImage]]:
        from gui.predict import pictures

        return [(path, pictures.square(path, 2 * SIDE)) for path in find_samples()]

    def _on_found(self, found: list[tuple[Path, QImage]]) -> None:
        for path, picture in found:
            button = push("", f"Try {path.name}", name=f"Try the sample {path.stem}", kind="sample")
            button.setFixedSize(SIDE + 8, SIDE + 8)
            button.setIconSize(QSize(SIDE, SIDE))
            button.setIcon(rounded(picture, self._desk.theme))
            button.clicked.connect(lambda _=False, path=path: self.sample_chosen.emit(path))
            self._row.addWidget(button)
            self.samples.append(button)
        self._or.setVisible(bool(found))

    def _tint(self) -> None:
        self._icon.setPixmap(self._desk.theme.pixmap("photo", "accent", 48, self._desk.theme.ratio))


def find_samples() -> list[Path]:
    """The sample photos that are there."""
    from engine import paths

    return [path for name in SAMPLES if (path := paths.samples() / f"{name}.jpg").is_file()]


def rounded(picture: QImage, theme: Theme) -> QIcon:
    """A picture with rounded corners as a button's icon."""
    from PySide6.QtGui import QBrush, QPainter

    pixmap = QPixmap(picture.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(picture))
    corner = 9 * picture.width() / SIDE
    painter.drawRoundedRect(pixmap.rect(), corner, corner)
    painter.end()
    return QIcon(pixmap)
