"""What the doctor found of one kind: how often, what it means, some of the photos, a look and a fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.buttons import push
from gui.desk import Desk
from gui.flow_layout import FlowLayout
from gui.predict.neighbour_row import RoundedPicture
from gui.teach.thumbs import Thumbs

if TYPE_CHECKING:
    from pathlib import Path

    from engine.dataset.doctor import Finding, Kind

FACES = 4
SIDE = 44


class FindingCard(QFrame):
    """Signals:
    look_asked: The findings, to be shown one by one.
    fix_asked: The findings, to be mended.
    """

    look_asked = Signal(object)
    fix_asked = Signal(object)

    def __init__(
        self, desk: Desk, thumbs: Thumbs, kind: Kind, findings: Sequence[Finding], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbs = thumbs
        self.findings = list(findings)
        self.setProperty("surface", "card")
        self.setAccessibleName(kind.title)
        number = len(findings)
        title = QLabel(kind.title if number == 1 else f"{kind.title}  ·  {number:,}")
        title.setProperty("role", "heading")
        title.setWordWrap(True)
        said = QLabel(findings[0].message if number == 1 else _summary(kind, findings))
        said.setProperty("role", "secondary")
        said.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(said)
        self._faces: dict[Path, RoundedPicture] = {}
        shown = [finding for finding in findings if finding.path.suffix][:FACES]
        if shown:
            row = QHBoxLayout()
            row.setSpacing(6)
            for finding in shown:
                face = RoundedPicture(desk.theme, SIDE)
                face.setToolTip(finding.message)
                face.show_picture(thumbs.get(finding.path))
                self._faces[finding.path] = face
                row.addWidget(face)
            row.addStretch(1)
            column.addLayout(row)
        self.look = push("Look", f"Show these photos: {kind.title.lower()}", name=f"Look: {kind.title}")
        self.look.clicked.connect(lambda: self.look_asked.emit(self.findings))
        self.fix = push(*_fix_words(findings))
        self.fix.clicked.connect(lambda: self.fix_asked.emit(self.findings))
        # In a narrow panel the one stands below the other.
        buttons = FlowLayout(spacing=8)
        buttons.addWidget(self.look)
        buttons.addWidget(self.fix)
        column.addLayout(buttons)
        self.look.setVisible(bool(shown))
        self.fix.setVisible(any(_mendable(finding) for finding in findings))
        thumbs.made.connect(self._on_made)

    @property
    def faces(self) -> list[Path]:
        return list(self._faces)

    def _on_made(self, path: Path) -> None:
        face = self._faces.get(path)
        if face is not None:
            face.show_picture(self._thumbs.get(path))
            face.setHidden(self._thumbs.hopeless(path))


def _mendable(finding: Finding) -> bool:
    # A person's own file keeps its name: it is read all the same.
    return finding.fixable and finding.fix != "rename"


def _fix_words(findings: Sequence[Finding]) -> tuple[str, str]:
    some = [finding for finding in findings if _mendable(finding)]
    labels = {finding.new_label for finding in some}
    many = "it" if len(some) == 1 else f"all {len(some):,}"
    if labels - {None}:
        label = next(iter(labels))
        words = f"Call it {label}" if len(some) == 1 else f"Relabel {many}"
        return words, "Give each the label that it looks like; can be undone"
    if some and some[0].fix == "keep one":
        return "Keep one of each", "Leave the copies out; your files stay where they are, and it can be undone"
    return f"Leave {many} out", "Do not teach with these; your files stay where they are, and it can be undone"


def _summary(kind: Kind, findings: Sequence[Finding]) -> str:
    first = findings[0].message
    return f"{first} And {len(findings) - 1:,} more."
