"""The grid and the photo beside it, parted where the person last drew the line."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from gui.desk import Desk

REMEMBER_AFTER_MS = 400
"""A splitter that is being dragged is remembered once, where it was let go."""


class Split(QSplitter):
    """Signals:
    failed: A WhiskerError: the place was not remembered.
    """

    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._desk = desk
        self.setHandleWidth(16)
        self.setChildrenCollapsible(False)
        self._remember = QTimer(self, singleShot=True, interval=REMEMBER_AFTER_MS)
        self._remember.timeout.connect(self._on_rest)
        self.splitterMoved.connect(lambda *_: self._remember.start())

    def hold(self, left: QWidget, beside: QWidget) -> None:
        self.addWidget(left)
        self.addWidget(beside)
        self.setStretchFactor(0, 1)
        self.handle(1).setAccessibleName("Width of the photo beside the grid")

    def apply(self) -> None:
        """Part it where it was parted last."""
        width = max(1, self.width())
        beside = round(width * float(self._desk.whisker.settings["many_split"]))
        self.setSizes([width - beside, beside])

    def _on_rest(self) -> None:
        left, right = self.sizes()
        if not left or not right:
            return
        share = min(0.9, max(0.1, right / (left + right)))
        settings = self._desk.whisker.settings
        self._desk.tasks.run(self, lambda: settings.set("many_split", share), lambda _: None, self.failed.emit)
