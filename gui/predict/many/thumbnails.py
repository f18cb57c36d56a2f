"""Small square pictures for the tiles that can be seen, made off the GUI thread and kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from gui.predict.many.picture import Picture
from gui.task import Task, Tasks

if TYPE_CHECKING:
    from engine.errors import WhiskerError

ROOM = 32 << 20
"""Bytes kept: several screens of tiles, on a dense screen still more than one."""
AT_ONCE = 2
"""Made at the same time; more would keep answers waiting."""


class Thumbnails(QObject):
    """A cache that follows the eye: asking again forgets what was asked before and has not been begun.

    Args:
        room: Bytes kept at most.

    Signals:
        made: The picture whose thumbnail has come, or is known to be impossible.
    """

    made = Signal(object)

    def __init__(self, tasks: Tasks, room: int = ROOM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._room = room
        self._side = 0
        self._kept: OrderedDict[int, QImage] = OrderedDict()
        self._hopeless: set[int] = set()
        self._wanted: list[Picture] = []
        self._making: dict[int, Task] = {}
        self.bytes = 0

    def want(self, pictures: Iterable[Picture], side: int) -> None:
        """These can be seen now, `side` pixels wide and high; the first is the most urgent."""
        self._side = side
        self._wanted = [picture for picture in pictures if self._lacks(picture)]
        self._begin()

    def get(self, picture: Picture) -> QImage | None:
        """Its thumbnail, if it is there; perhaps one of another size."""
        image = self._kept.get(picture.number)
        if image is not None:
            self._kept.move_to_end(picture.number)
        return image

    def hopeless(self, picture: Picture) -> bool:
        """Whether none can be made of it."""
        return picture.number in self._hopeless

    def clear(self) -> None:
        for task in self._making.values():
            task.cancel()
        self._making.clear()
        self._wanted.clear()
        self._kept.clear()
        self._hopeless.clear()
        self.bytes = 0

    @property
    def busy(self) -> bool:
        return bool(self._making or self._wanted)

    def _lacks(self, picture: Picture) -> bool:
        if picture.number in self._hopeless or picture.error is not None or picture.number in self._making:
            return False
        image = self._kept.get(picture.number)
        return image is None or image.width() < self._side

    def _begin(self) -> None:
        while self._wanted and len(self._making) < AT_ONCE:
            picture = self._wanted.pop(0)
            if picture.number not in self._making:
                self._make(picture)

    def _make(self, picture: Picture) -> None:
        path, side = Path(picture.path), self._side

        def ended() -> None:
            self._making.pop(picture.number, None)
            self.made.emit(picture)
            self._begin()

        def done(image: QImage) -> None:
            self._keep(picture.number, image)
            ended()

        def failed(_: WhiskerError) -> None:
            self._hopeless.add(picture.number)
            ended()

        self._making[picture.number] = self._tasks.run(self, lambda: _square(path, side), done, failed)

    def _keep(self, number: int, image: QImage) -> None:
        former = self._kept.pop(number, None)
        self.bytes += image.sizeInBytes() - (0 if former is None else former.sizeInBytes())
        self._kept[number] = image
        while self.bytes > self._room and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.sizeInBytes()


def _square(path: Path, side: int) -> QImage:
    from gui.predict.pictures import square

    # What a screen shows is 32 bits deep; converting here spares the window's thread each time it paints.
    return square(path, side).convertToFormat(QImage.Format.Format_RGB32)
