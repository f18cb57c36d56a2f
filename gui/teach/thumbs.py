"""Small square pictures by path, made off the GUI thread for what can be seen, and kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from gui.task import Task, Tasks

if TYPE_CHECKING:
    from engine.errors import WhiskerError

SIDE = 160
"""One size for strips and grids, sharp on a dense screen in the former."""
ROOM = 600
"""Pictures kept, some 60 MB."""
AT_ONCE = 2


class Thumbs(QObject):
    """Asking again forgets what was asked before and has not been begun.

    Signals:
        made: The path whose picture has come, or is known to be impossible.
    """

    made = Signal(object)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._kept: OrderedDict[Path, QImage] = OrderedDict()
        self._hopeless: set[Path] = set()
        self._wanted: list[Path] = []
        self._making: dict[Path, Task] = {}

    def want(self, paths: Iterable[Path]) -> None:
        """These can be seen now; the first is the most urgent."""
        self._wanted = [path for path in paths if path not in self._kept and path not in self._hopeless]
        self._begin()

    def get(self, path: Path) -> QImage | None:
        image = self._kept.get(path)
        if image is not None:
            self._kept.move_to_end(path)
        return image

    def hopeless(self, path: Path) -> bool:
        return path in self._hopeless

    def clear(self) -> None:
        """Forget all pictures, and those on their way."""
        for task in self._making.values():
            task.cancel()
        self._making.clear()
        self._wanted.clear()
        self._kept.clear()
        self._hopeless.clear()

    def _begin(self) -> None:
        while self._wanted and len(self._making) < AT_ONCE:
            path = self._wanted.pop(0)
            if path not in self._making:
                self._make(path)

    def _make(self, path: Path) -> None:
        def ended() -> None:
            self._making.pop(path, None)
            self.made.emit(path)
            self._begin()

        def done(image: QImage) -> None:
            self._kept[path] = image
            while len(self._kept) > ROOM:
                self._kept.popitem(last=False)
            ended()

        def failed(_: WhiskerError) -> None:
            self._hopeless.add(path)
            ended()

        self._making[path] = self._tasks.run(self, lambda: _square(path), done, failed)


def _square(path: Path) -> QImage:
    from gui.predict.pictures import square

    return square(path, SIDE).convertToFormat(QImage.Format.Format_RGB32)
