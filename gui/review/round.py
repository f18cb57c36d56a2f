"""One round: from photo to photo, and back; each is shown, and what is said of it is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.errors import WhiskerError
from gui.desk import Desk
from gui.review import finding
from gui.review.labels import LabelWriter
from gui.review.look_view import LookView
from gui.review.preload import AHEAD, Preload
from gui.review.queue import Photo, Queue
from gui.task import Task


class Round(QObject):
    """Goes through a queue on the view that is given.

    Attributes:
        queue: The photos of this round.
        asked: The history rows of all that were shown, in this round and those before.

    Signals:
        came: A photo's turn has come; it is shown next.
        over: No photo is left.
        not_kept: What was said of the photo of this name was not kept, because of this WhiskerError.
    """

    came = Signal()
    over = Signal()
    not_kept = Signal(str, object)

    def __init__(self, desk: Desk, look: LookView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._look = look
        self._classes: Sequence[str] = ()
        self._sorting: Task | None = None
        self._at_work = False
        self._shown: int | None = None
        self.queue = Queue([])
        self.asked: set[int] = set()
        self.preload = Preload(desk.tasks, self)
        self.labels = LabelWriter(desk, self)
        self.preload.ready.connect(self._on_ready)
        self.labels.failed.connect(self._on_not_kept)
        look.resized.connect(self._want)
        look.keys.chosen.connect(self.label)
        look.skip_asked.connect(self.skip)
        look.back_asked.connect(self.back)

    def begin(self, photos: Sequence[Photo], classes: Sequence[str]) -> None:
        """Show the first of `photos`; `classes` are what one may be."""
        self._classes = classes
        self.queue = Queue(photos)
        self._go_on()
        if len(photos) > 2 * AHEAD:
            self._sort_by_looks()

    def clear(self) -> None:
        """Put all photos away."""
        self._stop_sorting()
        self.preload.clear()
        self.queue = Queue([])

    def pause(self) -> None:
        """Another view is in front: no photo is shown."""
        self._at_work = False
        self._shown = None

    def confirm(self) -> None:
        """The model is right; where it said that it does not know, the photo is none of its classes."""
        if self.queue.now is not None and self.queue.now.unknown:
            self.skip()
        elif self.queue.now is not None:
            self.label(self.queue.now.predicted)

    def label(self, label: str) -> None:
        """Say what the photo is, and go on."""
        photo = self.queue.now
        if photo is None or self._shown != photo.row:
            return
        self.queue.label(label)
        self.labels.write(photo.row, label)
        self._go_on()

    def skip(self) -> None:
        if self.queue.now is not None and self._shown == self.queue.now.row:
            self.queue.skip()
            self._go_on()

    def back(self) -> None:
        """Return to the photo before, and take back what was said of it."""
        said = self.queue.back()
        if said is None:
            return
        if said.label is not None:
            self.labels.write(said.photo.row, None)
        self._go_on()

    def _go_on(self) -> None:
        """Show the present photo, or say that all were looked at."""
        while True:
            photo = self.queue.now
            if photo is None:
                self._stop_sorting()
                self.over.emit()
                return
            ready = self.preload.get(photo)
            if not isinstance(ready, WhiskerError):
                break
            self.queue.pass_over()
        self._at_work = True
        self.came.emit()
        self.asked.add(photo.row)
        self._look.show_place(self.queue)
        self._look.show_guess(photo, self._classes)
        self._want()
        if ready is None:
            self._shown = None
            self._look.photo.show_loading()
        else:
            self._show(photo, ready)

    def _show(self, photo: Photo, image: QImage) -> None:
        self._shown = photo.row
        self._look.show_photo(image, photo)

    def _want(self) -> None:
        if self.queue.now is not None:
            self.preload.want(self.queue.ahead(AHEAD), self._look.room())

    def _on_ready(self, row: int) -> None:
        photo = self.queue.now
        if photo is not None and photo.row == row and self._shown != row and self._at_work:
            self._go_on()

    def _sort_by_looks(self) -> None:
        """While the first photos are looked at, put copies and bursts among the others last."""
        queue, whisker = self.queue, self._desk.whisker
        photos = queue.all()[: finding.POOL]

        def sort(stop: threading.Event) -> Iterator[list[int]]:
            return finding.similar_last(whisker, photos, stop)

        def sorted_out(orders: list[list[int]]) -> None:
            if queue is self.queue:
                queue.rearrange([*orders[-1], *range(len(photos), len(queue))], AHEAD)
                self._want()

        # In the order they have they are worth a look as well: a failure here costs nothing.
        self._sorting = self._desk.tasks.follow(self, sort, sorted_out, lambda: None, lambda _error: None)

    def _stop_sorting(self) -> None:
        if self._sorting is not None:
            self._sorting.cancel()

    def _on_not_kept(self, row: int, error: WhiskerError) -> None:
        self.not_kept.emit(self.queue.unsay(row), error)
