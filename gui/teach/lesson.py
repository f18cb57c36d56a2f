"""What is to be taught: the list of labelled pictures behind the wizard, and every change to it.

The list lies below the home; a person's own photos are neither copied nor moved. Changes are made one after the
other off the GUI thread, each can be undone, and after each the list is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import DatasetError, WhiskerError
from gui import words
from gui.desk import Desk
from gui.teach.offers import Offer, find_offers

if TYPE_CHECKING:
    from engine.dataset.doctor import Finding
    from engine.dataset.labels import Edit as Done
    from engine.dataset.labels import LabelEditor
    from engine.dataset.layouts import Item
    from engine.paths import Home


@dataclass(frozen=True)
class ClassRow:
    """One class and its pictures, in natural order."""

    name: str
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class _State:
    """What is known after a change, made off the GUI thread."""

    folder: Path | None
    rows: tuple[ClassRow, ...]
    labels: dict[Path, str]
    offers: tuple[Offer, ...]
    said: str
    problems: tuple[str, ...] = ()
    edits: int = 0


Edit = Callable[["LabelEditor"], tuple[str, int]]
"""Does something to the list; says what, and in how many steps it is undone (0: there was nothing to do)."""


class Lesson(QObject):
    """Signals:
    began: Something is about to be done to the pictures; what was said of the last attempt is over.
    changed: The pictures are other ones now.
    busy: A change began or ended.
    edited: What was done, in words; it can be undone.
    failed: A WhiskerError; nothing was changed.
    noted: Sentences about what was left out.
    undone: The last change was taken back.
    """

    began = Signal()
    changed = Signal()
    busy_changed = Signal()
    edited = Signal(str)
    failed = Signal(object)
    noted = Signal(object)
    undone = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: list[Callable[[], _State]] = []
        self._working = False
        self._born = 0
        self._undoable: list[int] = []
        self.name = ""
        self.folder: Path | None = None
        self.rows: tuple[ClassRow, ...] = ()
        self.labels: dict[Path, str] = {}
        self.offers: tuple[Offer, ...] = ()

    @property
    def classes(self) -> list[str]:
        return [row.name for row in self.rows]

    @property
    def pictures(self) -> int:
        return len(self.labels)

    @property
    def busy(self) -> bool:
        return self._working or bool(self._waiting)

    @property
    def ready(self) -> bool:
        """Whether there is enough to teach with: two classes of two pictures."""
        return sum(len(row.paths) >= 2 for row in self.rows) >= 2 and not self.busy

    def add(self, paths: Sequence[Path], label: str | None = None) -> None:
        """Take in what was dropped; with a `label` all of it is of that class."""
        paths = list(paths)

        def work() -> _State:
            from gui.teach.gathering import gather, pictures_of

            gathered = pictures_of(paths, label) if label else gather(paths)
            return self._take_in(gathered.items, gathered.name, gathered.problems)

        self.began.emit()
        self._do(work)

    def include(self, offer: Offer) -> None:
        """Add photos that were labelled elsewhere, or give those that are here the labels they have there."""
        if offer.here:
            self._edit(lambda editor: _relabelled(editor, offer.items))
            return
        self.began.emit()
        self._do(lambda: self._take_in(offer.items, offer.name, ()))

    def rename(self, old: str, new: str) -> None:
        new = new.strip()
        if new in self.classes and new != old:
            self.merge([old], new)
        elif new and new != old:
            self._edit(lambda editor: _told(editor.rename_class(old, new)))

    def merge(self, names: Sequence[str], into: str) -> None:
        names = list(names)
        self._edit(lambda editor: _told(editor.merge_classes(names, into)))

    def leave_out_classes(self, names: Sequence[str]) -> None:
        wanted = set(names)
        paths = [path for row in self.rows if row.name in wanted for path in row.paths]
        said = f"{' and '.join(names)} left out" if len(wanted) < 4 else f"{len(wanted)} classes left out"
        self._edit(lambda editor: _told(editor.quarantine(paths), said))

    def leave_out(self, paths: Sequence[Path]) -> None:
        paths = list(paths)
        said = f"{words.count(len(paths), 'photo', 'photos')} left out"
        self._edit(lambda editor: _told(editor.quarantine(paths), said))

    def relabel(self, paths: Sequence[Path], label: str) -> None:
        paths = list(paths)
        said = f"{words.count(len(paths), 'photo', 'photos')} now called {label}"
        self._edit(lambda editor: _told(editor.relabel(paths, label), said))

    def fix(self, findings: Sequence[Finding]) -> None:
        """Do what the findings suggest, as one change where that can be."""
        findings = list(findings)

        def work(editor: LabelEditor) -> tuple[str, int]:
            from engine.dataset.doctor import apply_fixes

            done = apply_fixes(findings, editor)
            return "; ".join(edit.title for edit in done), len(done)

        self._edit(work)

    def undo(self) -> None:
        """Take the last change back."""

        if not self._undoable:
            return
        steps = self._undoable.pop()

        def work(editor: LabelEditor) -> tuple[str, int]:
            for _ in range(steps):
                editor.undo()
            return "", 0

        self._edit(work)
        self.undone.emit()

    def forget(self) -> None:
        """Begin with nothing; the list on the disk stays for the runs that were taught with it."""
        self._born += 1
        self._waiting.clear()
        self._undoable.clear()
        self.name, self.folder, self.rows, self.labels = "", None, (), {}
        self.changed.emit()
        self.look_for_offers()

    def look_for_offers(self) -> None:
        """Read anew which photos labelled elsewhere are not among the pictures."""
        folder, whisker = self.folder, self._desk.whisker
        if folder is not None:
            self._do(lambda: self._read(folder, ""))
        elif not self.busy:
            self._do(lambda: _State(None, (), {}, find_offers(whisker, {}), ""))

    def _edit(self, edit: Edit) -> None:
        folder = self.folder
        if folder is None:
            return
        home = self._desk.whisker.home

        def work() -> _State:
            from engine.dataset.labels import LabelEditor

            said, edits = edit(LabelEditor(folder, home))
            return self._read(folder, said, edits=edits)

        self.began.emit()
        self._do(work)

    def _take_in(self, items: Sequence[Item], name: str, problems: tuple[str, ...]) -> _State:
        from engine.dataset.labels import LabelEditor
        from engine.dataset.own_list import new_list

        home: Home = self._desk.whisker.home
        folder = self.folder
        if folder is None:
            folder = new_list(home, name, items)
            return self._read(folder, "", problems)
        edit = LabelEditor(folder, home).add(items)
        if edit is None:
            return self._read(folder, "", (*problems, "These photos are all here already."))
        fresh = [item for item in items if item.path not in self.labels]
        to = {item.label for item in fresh}
        said = f"{words.count(len(fresh), 'photo', 'photos')} added"
        # Where they went is not to be guessed: a folder that is dropped on a class is of that class.
        return self._read(folder, f"{said} to {to.pop()}" if len(to) == 1 else said, problems, 1)

    def _read(self, folder: Path, said: str, problems: tuple[str, ...] = (), edits: int = 0) -> _State:
        from engine.dataset.layouts import read_labelled

        try:
            labelled = read_labelled(folder, one_class_will_do=True)
        except DatasetError:
            # Everything was left out; undo brings it back.
            return _State(folder, (), {}, find_offers(self._desk.whisker, {}), said, problems, edits)
        by_class: dict[str, list[Path]] = {name: [] for name in labelled.classes}
        for item in labelled.items:
            by_class[item.label].append(item.path)
        labels = {item.path: item.label for item in labelled.items}
        rows = tuple(ClassRow(name, tuple(paths)) for name, paths in by_class.items())
        gone = tuple(problem for problem in labelled.problems if "there is no file" in problem)
        if gone:
            problems += (f"{words.count(len(gone), 'photo is', 'photos are')} no longer where they were.",)
        return _State(folder, rows, labels, find_offers(self._desk.whisker, labels), said, problems, edits)

    def _do(self, work: Callable[[], _State]) -> None:
        self._waiting.append(work)
        self._next()

    def _next(self) -> None:
        if self._working or not self._waiting:
            return
        self._working = True
        work, born = self._waiting.pop(0), self._born
        self.busy_changed.emit()
        self._desk.tasks.run(self, work, lambda state: self._on_state(state, born), self._on_failed)

    def _on_state(self, state: _State, born: int) -> None:
        self._working = False
        if born == self._born:
            if state.folder is not None:
                self.name = self.name or state.folder.name
            self.folder, self.rows, self.labels = state.folder, state.rows, state.labels
            self.offers = state.offers
            if state.edits:
                self._undoable.append(state.edits)
            self.changed.emit()
            if state.problems:
                self.noted.emit(state.problems)
            if state.said:
                self.edited.emit(state.said)
        self.busy_changed.emit()
        self._next()

    def _on_failed(self, error: WhiskerError) -> None:
        self._working = False
        self.failed.emit(error)
        self.busy_changed.emit()
        self._next()


def _told(edit: Done | None, said: str = "") -> tuple[str, int]:
    return (said or edit.title, 1) if edit is not None else ("", 0)


def _relabelled(editor: LabelEditor, items: Sequence[Item]) -> tuple[str, int]:
    by_label: dict[str, list[Path]] = {}
    for item in items:
        by_label.setdefault(item.label, []).append(item.path)
    done = [editor.relabel(paths, label) for label, paths in by_label.items()]
    said = f"{words.count(len(items), 'photo', 'photos')} relabelled"
    return said, sum(edit is not None for edit in done)
