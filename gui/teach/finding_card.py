"""What the doctor found of one kind: how often, what it means, some of the photos, a look and a fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.flow_layout import FlowLayout
from gui.predict.neighbour_row import RoundedPicture
from gui.teach.found import Found
from gui.teach.thumbs import Thumbs

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 44


class FindingCard(QFrame):
    """Signals:
    look_asked: The findings, to be shown one by one.
    fix_asked: Those that can be mended.
    """

    look_asked = Signal(object)
    fix_asked = Signal(object)

    def __init__(self, desk: Desk, thumbs: Thumbs, found: Found, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbs = thumbs
        self.found = found
        self.setProperty("surface", "card")
        self.setAccessibleName(found.kind.title)
        title = QLabel(found.title)
        title.setProperty("role", "heading")
        title.setWordWrap(True)
        said = QLabel(words.breakable(found.said))
        said.setAccessibleName(found.said)
        said.setProperty("role", "secondary")
        said.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(said)
        self._faces: dict[Path, RoundedPicture] = {}
        if found.faces:
            row = QHBoxLayout()
            row.setSpacing(6)
            for finding in found.faces:
                face = RoundedPicture(desk.theme, SIDE)
                face.setToolTip(finding.message)
                face.show_picture(thumbs.get(finding.path))
                self._faces[finding.path] = face
                row.addWidget(face)
            row.addStretch(1)
            column.addLayout(row)
        title_of = found.kind.title
        self.look = push("Look", f"Show these photos: {title_of.lower()}", name=f"Look: {title_of}")
        self.look.clicked.connect(lambda: self.look_asked.emit(found.findings))
        self.fix = push(*found.fix)
        self.fix.clicked.connect(lambda: self.fix_asked.emit(found.mendable))
        # In a narrow panel the one stands below the other.
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(self.look)
        buttons.addWidget(self.fix)
        column.addLayout(buttons)
        self.look.setVisible(bool(found.faces))
        self.fix.setVisible(bool(found.mendable))
        thumbs.made.connect(self._on_made)

    @property
    def faces(self) -> list[Path]:
        return list(self._faces)

    def _on_made(self, path: Path) -> None:
        face = self._faces.get(path)
        if face is not None:
            face.show_picture(self._thumbs.get(path))
            face.setHidden(self._thumbs.hopeless(path))
