"""Files that the system hands over as events instead of on the command line: macOS does, from Finder and the Dock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class HandedFiles(QObject):
    """Gathers what is handed over and passes it on, in one go for files that were opened together.

    Args:
        app: Is watched for as long as this object lives.
        take: Is given the files once `ready` was called, and from then on.
    """

    def __init__(self, app: QApplication, take: Callable[[list[Path]], None]) -> None:
        super().__init__(app)
        self._take = take
        self._ready = False
        self._waiting: list[Path] = []
        # One event comes for each file.
        self._together = QTimer(self, singleShot=True, interval=50)
        self._together.timeout.connect(self._pass_on)
        app.installEventFilter(self)

    def ready(self) -> None:
        """There is a window to show them in."""
        self._ready = True
        self._pass_on()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent) and event.file():
            self._waiting.append(Path(event.file()))
            self._together.start()
            return True
        return super().eventFilter(watched, event)

    def _pass_on(self) -> None:
        if self._ready and self._waiting:
            files, self._waiting = self._waiting, []
            self._take(files)
