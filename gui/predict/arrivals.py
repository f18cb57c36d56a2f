"""What came in by drop, paste or browsing, sorted out: one photo, several, or nothing that can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import ImageNotFound
from gui.desk import Desk

if TYPE_CHECKING:
    from gui.intake import Intake


class Arrivals(QObject):
    """Signals:
    one: A photo's file, and the name to show for it (empty for the file's own).
    several: Files and folders.
    refused: A sentence and a hint: there is nothing in it for this page.
    failed: A WhiskerError.
    """

    one = Signal(object, str)
    several = Signal(list)
    refused = Signal(str, str)
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def take(self, intake: Intake) -> None:
        if intake.paths:
            self.open(intake.paths)
        elif intake.pictures:
            self._keep(intake.pictures)
        elif intake.remote:
            self._refuse_remote(intake.remote[0])
        else:
            self.refused.emit("There is no photo in that.", "Drop or paste a photo, files, a folder or a path.")

    def open(self, paths: list[Path]) -> None:
        """Look what the paths are; a disk may be slow even for that."""
        self._desk.tasks.run(self, lambda: _sort_out(paths), self._on_sorted_out, self.failed.emit, urgent=True)

    def _keep(self, pictures: list[Callable[[], bytes]]) -> None:
        from gui.predict import pasted

        home = self._desk.whisker.home

        def kept(paths: list[Path]) -> None:
            if len(paths) == 1:
                self.one.emit(paths[0], pasted.NAME)
            else:
                self.several.emit(paths)

        self._desk.tasks.run(
            self,
            lambda: [pasted.keep(picture(), home) for picture in pictures],
            kept,
            self.failed.emit,
            urgent=True,
        )

    def _refuse_remote(self, address: str) -> None:
        from gui.intake import host

        self.refused.emit(
            f"That photo is on the internet ({host(address)}), and Whisker never goes there.",
            "Save it on this computer first, then drop the file. Copying the photo itself and pasting it works too.",
        )

    def _on_sorted_out(self, found: tuple[bool, list[Path]]) -> None:
        alone, paths = found
        if alone:
            self.one.emit(paths[0], "")
        else:
            self.several.emit(paths)


def _sort_out(paths: list[Path]) -> tuple[bool, list[Path]]:
    """Whether it is one photo alone, and what there is of the paths.

    Raises:
        ImageNotFound: there is nothing.
    """
    there = [path.absolute() for path in paths if path.exists()]
    if not there:
        name = paths[0].name or str(paths[0])
        raise ImageNotFound(f"There is no file {name}.", "It may have been moved or renamed.")
    return len(there) == 1 and len(paths) == 1 and not there[0].is_dir(), there
