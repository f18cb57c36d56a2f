"""The next photos, decoded and scaled before they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from engine.errors import WhiskerError
from gui.review.queue import Photo
from gui.task import Task, Tasks

AHEAD = 4
"""The photo that is shown and those after it; three are enough for the quickest fingers, and little memory."""
BEHIND = 2
"""Photos kept for going back."""


class Preload(QObject):
    """Signals:
    ready: A history row whose photo can be shown now, or is known not to.
    """

    ready = Signal(int)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._size = QSize(1200, 800)
        self._kept: dict[int, QImage | WhiskerError] = {}
        self._making: dict[int, Task] = {}

    def want(self, photos: Sequence[Photo], size: QSize) -> None:
        """These come next, the first at once; `size` is the room for them in physical pixels."""
        self._size = size
        wanted = {photo.row for photo in photos}
        for row in [row for row in self._making if row not in wanted]:
            self._making.pop(row).cancel()
        behind = [row for row in self._kept if row not in wanted]
        for row in behind[: max(0, len(behind) - BEHIND)]:
            del self._kept[row]
        for at, photo in enumerate(photos):
            if photo.row not in self._kept and photo.row not in self._making:
                self._make(photo, urgent=at == 0)

    def get(self, photo: Photo) -> QImage | WhiskerError | None:
        """The photo, or why it cannot be shown; None while it is on its way."""
        return self._kept.get(photo.row)

    def clear(self) -> None:
        for task in self._making.values():
            task.cancel()
        self._making.clear()
        self._kept.clear()

    def _make(self, photo: Photo, *, urgent: bool) -> None:
        work = partial(_fitted, photo.path, self._size)
        keep = partial(self._keep, photo.row)
        self._making[photo.row] = self._tasks.run(self, work, keep, keep, urgent=urgent)

    def _keep(self, row: int, result: QImage | WhiskerError) -> None:
        self._making.pop(row, None)
        self._kept[row] = result
        self.ready.emit(row)


def _fitted(path: Path, size: QSize) -> QImage:
    """The photo as the screen will show it, so that the window only copies pixels."""
    from gui.predict.pictures import preview

    image = preview(path, max(size.width(), size.height(), 64))
    if image.width() > size.width() or image.height() > size.height():
        image = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return image.convertToFormat(QImage.Format.Format_RGB32)
