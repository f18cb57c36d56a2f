"""What stands where the grid would, while there is nothing in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.buttons import push


class Nothing(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Callable[[], None] | None = None
        self.text = QLabel()
        self.text.setProperty("role", "title")
        self.hint = QLabel()
        self.hint.setProperty("role", "secondary")
        self.action = push("Show all", "Show all (Ctrl+0)")
        self.action.clicked.connect(self._on_action)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self.text, 0, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignCenter)
        column.addSpacing(8)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)

    def say(self, text: str, hint: str = "", action: str = "", act: Callable[[], None] | None = None) -> None:
        self.text.setText(text)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setToolTip(action)
        self.action.setVisible(act is not None)
        self._act = act

    def _on_action(self) -> None:
        if self._act is not None:
            self._act()
