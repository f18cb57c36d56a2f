"""What can be done with the shelf, off the GUI thread, each with its way back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from engine.errors import ModelBroken, ModelNotFound, ModelProtected, WhiskerError
from gui import words
from gui.desk import Desk
from gui.jobs import Job
from gui.models import said

if TYPE_CHECKING:
    from engine.model_shelf import Entry, Removed

T = TypeVar("T")

LABELS = (".txt", ".json", ".csv", ".labels")
"""What a list of classes for a model from elsewhere may be called."""

FOREIGN_HINT = "If another program made it, drop it together with a text file that names its classes, one a line."

COPY_HINT = "It is on the shelf already. In a terminal, “whisker models import” takes a copy under another name."


class ShelfActions(QObject):
    """Views need not be told what has become of it: the shelf's news reaches them like any other.

    Signals:
        failed: A WhiskerError; the shelf is as it was.
        acted: Something is about to be done: what was said of the last attempt is over.
        began: What is being done now, in a few words, and about how long it takes; empty when it is over.
    """

    failed = Signal(object)
    acted = Signal()
    began = Signal(str, str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._under_way: list[tuple[str, Callable[[], None], str]] = []
        self._ways_back: list[Callable[[], None]] = []

    def use(self, entry: Entry, former: Entry | None) -> None:
        """Let this model answer; undo lets the former one."""
        shelf = self._desk.whisker.shelf

        def back(former: Entry) -> Entry:
            # Meanwhile another may have been chosen elsewhere, and that choice is the newer one.
            if not shelf.find(entry.reference).active:
                raise ModelNotFound(f"{said.full_title(entry)} answers no longer.", "There is nothing to take back.")
            return shelf.activate(former.reference)

        def done(_: Entry) -> None:
            self._say_done(
                f"{said.full_title(entry)} answers now",
                None if former is None else lambda: back(former),
                "" if former is None else f"{said.full_title(former)} answers again",
            )

        self._run(lambda: shelf.activate(entry.reference), done)

    def roll_back(self) -> None:
        """Go back to the model that was active before."""
        shelf = self._desk.whisker.shelf
        self._run(shelf.roll_back, lambda entry: self._desk.toast(f"Back to {said.full_title(entry)}", None))

    def retitle(self, name: str, title: str) -> None:
        shelf = self._desk.whisker.shelf

        def done(former: str) -> None:
            self._say_done(f"Renamed to {title}", lambda: shelf.retitle(name, former), f"Renamed back to {former}")

        self._run(lambda: shelf.retitle(name, title), done)

    def remove(self, entry: Entry) -> None:
        shelf = self._desk.whisker.shelf

        def work() -> tuple[Removed, Entry | None]:
            removed = shelf.remove(entry.reference)
            return removed, shelf.active if removed.was_active else None

        def done(both: tuple[Removed, Entry | None]) -> None:
            removed, now = both
            # Another model answers from now on, perhaps of other classes: that is not to be found out by surprise.
            instead = f"; {said.full_title(now)} answers now" if now is not None else ""
            self._say_done(
                f"{said.full_title(entry)} was removed{instead}",
                lambda: shelf.restore(removed),
                f"{said.full_title(entry)} is back on the shelf",
            )

        self._run(work, done)

    def export(self, entry: Entry, folder: Path, form: str) -> None:
        """Copy the model into `folder`; a conversion takes a while."""
        shelf = self._desk.whisker.shelf
        what = f"Exporting {said.full_title(entry)}"

        def work(stop: threading.Event) -> Iterator[Path]:
            yield shelf.export(entry.reference, folder, form, cancel=stop)

        def done(written: list[Path]) -> None:
            self._desk.toast(f"Saved {written[0].name} in {folder.name}", None)

        patience = "half a minute or so" if form == "tflite" else ""
        self._follow(what, patience, work, done, self.failed.emit)

    def bring_in(self, paths: Sequence[Path]) -> None:
        """Put what was dropped or chosen on the shelf: bundles, or an ONNX file together with its list of classes."""
        labels = [path for path in paths if path.suffix.lower() in LABELS]
        models = [path for path in paths if path not in labels]
        whisker = self._desk.whisker

        def work(stop: threading.Event) -> Iterator[list[Entry]]:
            if not models:
                raise ModelBroken("There is no model in that.", "Drop a bundle folder, a ZIP of one, or an ONNX file.")
            if labels and len(models) == 1:
                from engine.model_import import import_foreign

                yield [import_foreign(whisker.shelf, models[0], labels[0], logs=whisker.home.logs, cancel=stop)]
            else:
                yield [whisker.shelf.import_bundle(path) for path in models]

        def done(given: list[list[Entry]]) -> None:
            entries = given[0]
            names = ", ".join(said.full_title(entry) for entry in entries)
            alone = len(entries) == 1
            self._say_done(
                f"{names} {'is' if alone else 'are'} on the shelf",
                (lambda: whisker.shelf.remove(entries[0].reference)) if alone else None,
                f"{names} is off the shelf again",
            )

        def failed(error: WhiskerError) -> None:
            if isinstance(error, ModelBroken) and not labels and models and models[0].suffix.lower() == ".onnx":
                error = ModelBroken(error.message, FOREIGN_HINT)
            elif isinstance(error, ModelProtected):
                # A model's name comes with it here; only a terminal asks for another.
                error = ModelProtected(error.message, COPY_HINT)
            self.failed.emit(error)

        what = f"Checking {paths[0].name}" if len(paths) == 1 else f"Checking {len(paths)} files"
        self._follow(what, "half a minute or so" if labels else "", work, done, failed)

    def undo(self) -> None:
        """Take back what was done last, also when its toast is gone; asked again, what was done before that."""
        if self._ways_back:
            self._ways_back[-1]()

    def cancel(self) -> None:
        """Stop what was begun last."""
        if self._under_way:
            self._under_way[-1][1]()

    def _follow(
        self,
        what: str,
        patience: str,
        work: Callable[[threading.Event], Iterator[T]],
        each: Callable[[list[T]], None],
        failed: Callable[[WhiskerError], None],
    ) -> None:
        """Long work: shown on the page and in the status bar, and stopped there."""

        def over() -> None:
            job.end()
            self._under_way.remove(mine)
            self._tell()

        def cancel() -> None:
            if mine in self._under_way:
                task.cancel()
                over()
                self._desk.toast(f"{what}: cancelled", None)

        def on_failed(error: WhiskerError) -> None:
            over()
            failed(error)

        mine = (f"{what}…", cancel, patience)
        self._under_way.append(mine)
        job: Job = self._desk.jobs.begin("models", what, cancel)
        task = self._desk.tasks.follow(self, work, each, over, on_failed)
        self._tell()

    def _say_done(self, text: str, back: Callable[[], object] | None, undone: str) -> None:
        """Say it, with a way back that lasts as long as the window and says `undone` in the end."""

        def undo() -> None:
            # The toast may still offer what was taken back by key.
            if undo in self._ways_back and back is not None:
                self._ways_back.remove(undo)
                self._run(back, lambda _: self._desk.toast(undone, None))

        if back is not None:
            self._ways_back.append(undo)
        self._desk.toast(text, None if back is None else undo)

    def _tell(self) -> None:
        what, _, patience = self._under_way[-1] if self._under_way else ("", None, "")
        self.began.emit(what, patience)

    def say(self, error: WhiskerError) -> None:
        self._desk.toast(words.sentence(error), None)

    def _run(self, work: Callable[[], object], done: Callable[..., None] = lambda _: None) -> None:
        self.acted.emit()
        self._desk.tasks.run(self, work, done, self.failed.emit, urgent=True)
