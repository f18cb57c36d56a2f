"""A model and its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push, tool
from gui.elided_label import ElidedLabel
from gui.models import said
from gui.models.reading import Model
from gui.models.version_row import VersionRow
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.model_shelf import Entry


SHOWN = 4
"""So many of the newest versions stand there from the beginning, and the active one; more would bury the others."""


class ModelCard(QFrame):
    """Args:
        others: All versions on the shelf, to compare one with.
        start: Where the range bars begin.
        made: Told of each row that is made.

    Signals:
        renamed: The title the person wants.
    """

    renamed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        model: Model,
        others: Callable[[], list[Entry]],
        start: float,
        made: Callable[[VersionRow], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._others = others
        self._made = made
        self.start = start
        self.model = model
        self.setProperty("surface", "card")
        self.setAccessibleName(model.title)
        self.title = QLabel(model.title)
        self.title.setProperty("role", "brand")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.field = QLineEdit(model.title)
        self.field.setAccessibleName("Title of the model")
        self.field.setMaxLength(80)
        self.field.returnPressed.connect(self._on_renamed)
        self.field.installEventFilter(self)
        self.field.hide()
        self.rename = tool("Give it another title (F2)", name=f"Rename {model.title}")
        self.rename.clicked.connect(self.ask_title)
        # Only ever hidden here: what is shown before it has a parent is a window of its own for a moment.
        if model.builtin:
            self.rename.hide()
        about = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        about.setProperty("role", "secondary")
        kind = "Built in  ·  " if model.builtin else ""
        about.set_full_text(f"{kind}{said.classes(model.newest.card)}", ", ".join(model.newest.card.classes[:60]))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.field, 1)
        head.addWidget(self.rename)
        head.addSpacing(8)
        head.addWidget(about, 2, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 16, 16)
        column.setSpacing(4)
        column.addLayout(head)
        column.addSpacing(4)
        self._column = column
        self.rows: list[VersionRow] = []
        self._later = [entry for at, entry in enumerate(model.versions) if at >= SHOWN and not entry.active]
        for entry in model.versions:
            if entry not in self._later:
                self._add_row(entry)
        more = words.count(len(self._later), "older version", "older versions")
        self.older = push(more, "Show the older versions as well", kind="quiet")
        self.older.clicked.connect(self.show_older)
        column.addWidget(self.older, 0, Qt.AlignmentFlag.AlignLeft)
        self.older.setVisible(bool(self._later))
        theme.changed.connect(self._tint)
        self._tint()

    def show_older(self) -> None:
        """Show all versions."""
        self.older.hide()
        later, self._later = self._later, []
        for entry in later:
            self._add_row(entry)
        self.rows.sort(key=lambda row: -row.entry.version)
        for row in self.rows:
            self._column.removeWidget(row)
            self._column.addWidget(row)
        if later:
            # Whoever came by keyboard goes on with what the button has brought.
            next(row for row in self.rows if row.entry == later[0]).use.setFocus()

    def shows(self, model: Model, start: float) -> bool:
        """Whether this is what the card says already."""
        return self.model == model and self.start == start

    def _add_row(self, entry: Entry) -> None:
        row = VersionRow(self._theme, entry, self._others, self.start)
        self.rows.append(row)
        self._column.addWidget(row)
        self._made(row)

    def ask_title(self) -> None:
        """Let the title be typed over."""
        if self.model.builtin:
            return
        self.title.hide()
        self.rename.hide()
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.field.isVisible():
            self._leave()
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                self._leave()
            return True
        return super().eventFilter(watched, event)

    def _on_renamed(self) -> None:
        title = " ".join(self.field.text().split())
        self._leave()
        if title and title != self.model.title:
            self.renamed.emit(title)

    def _leave(self) -> None:
        self.field.hide()
        self.field.setText(self.model.title)
        self.title.show()
        self.rename.show()

    def _tint(self) -> None:
        self.rename.setIcon(self._theme.icon("pencil", "muted"))
