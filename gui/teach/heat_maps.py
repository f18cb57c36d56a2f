"""What a model looked at in photos that can be seen, made off the GUI thread, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from engine.errors import ImageError, ModelError, WhiskerError
from gui.desk import Desk
from gui.task import Task
from gui.teach.photo_grid import PhotoGrid

if TYPE_CHECKING:
    from engine.predictor import Predictor


class HeatMaps(QObject):
    """Lays heat maps over the photos of a grid while it is on."""

    def __init__(self, desk: Desk, grid: PhotoGrid) -> None:
        super().__init__(grid)
        self._desk = desk
        self._grid = grid
        self._reference = ""
        self._predictor: Predictor | None = None
        self._known: dict[Path, QImage] = {}
        self._seen: Sequence[Path] = ()
        self._task: Task | None = None
        self.on = False
        grid.seen.connect(self._on_seen)

    def of(self, reference: str) -> None:
        """From now on by this model."""
        self._stop()
        self._reference, self._predictor, self._known = reference, None, {}
        self._grid.photos.heat = {}

    def show(self, on: bool) -> None:
        self.on = on
        self._grid.photos.heat = self._known if on else {}
        self._grid.viewport().update()
        if on:
            self._begin()
        else:
            self._stop()

    def _on_seen(self, paths: list[Path]) -> None:
        self._seen = paths
        if self.on:
            self._begin()

    def _begin(self) -> None:
        self._stop()
        wanted = [path for path in self._seen if path not in self._known]
        if not wanted or not self._reference:
            return
        whisker, reference, stops = self._desk.whisker, self._reference, self._desk.theme.heat_stops()

        def stream(stop: threading.Event) -> Iterator[tuple[Path, QImage]]:
            from engine.explain import explain
            from gui.predict.pictures import heat_image

            if self._predictor is None:
                self._predictor = whisker.load(reference)
            for path in wanted:
                if stop.is_set():
                    return
                try:
                    heat = heat_image(explain(self._predictor, path, neighbours=0).heat, stops)
                    yield path, _middle(heat, path)
                except (ImageError, ModelError):
                    continue

        def done() -> None:
            self._task = None

        def failed(_: WhiskerError) -> None:
            self._task = None

        self._task = self._desk.tasks.follow(self, stream, self._on_made, done, failed)

    def _on_made(self, made: list[tuple[Path, QImage]]) -> None:
        self._known.update(made)
        self._grid.viewport().update()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def _middle(heat: QImage, path: Path) -> QImage:
    """The part of a heat map that lies over the square middle of its photo."""
    from engine import images

    width, height = images.open_rgb(path, (64, 64)).size
    side = min(width, height)
    across, down = round(heat.width() * side / width), round(heat.height() * side / height)
    return heat.copy((heat.width() - across) // 2, (heat.height() - down) // 2, max(1, across), max(1, down))
