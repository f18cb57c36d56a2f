"""What the shelf is doing that takes a while, and the way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from gui.buttons import push
from gui.elided_label import ElidedLabel


class BusyStrip(QWidget):
    """Hidden while nothing is being done. How long a conversion takes nobody knows, so its bar only moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cancel: Callable[[], None] | None = None
        self.said = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.patience = QLabel()
        self.patience.setProperty("role", "secondary")
        self.cancel = push("Cancel", "Stop it; nothing half-made is left")
        self.cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.said, 1)
        row.addWidget(self.patience)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def show_work(self, what: str, patience: str, cancel: Callable[[], None]) -> None:
        """Args:
        what: What is done, in a few words.
        patience: How long that takes, about; may be empty.
        """
        self._cancel = cancel
        self.said.set_full_text(what)
        self.patience.setText(patience)
        self.cancel.setAccessibleName(f"Cancel: {what}")
        self.bar.setAccessibleDescription(what)
        self.show()

    def leave(self) -> None:
        self._cancel = None
        self.hide()

    def _on_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel()
