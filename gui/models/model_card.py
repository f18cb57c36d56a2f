"""A model and its versions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.buttons import tool
from gui.elided_label import ElidedLabel
from gui.models import said
from gui.models.reading import Model, Shelf
from gui.models.version_row import VersionRow
from gui.theme import Theme


class ModelCard(QFrame):
    """Signals:
    renamed: The title the person wants.
    """

    renamed = Signal(str)

    def __init__(self, theme: Theme, model: Model, shelf: Shelf, start: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
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
        self.rows = [VersionRow(theme, entry, shelf, start) for entry in model.versions]
        for row in self.rows:
            row.setContentsMargins(0, 0, 0, 0)
            column.addWidget(row)
        theme.changed.connect(self._tint)
        self._tint()

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
