"""Change what pictures are called, or put them aside, in the files of a labelled folder; every change can be undone.

What a change means depends on how the folder gives its labels: a picture moves to another class folder, or gets another
name (`cat.0.jpg` becomes `dog.0.jpg`), or its line in labels.csv is rewritten.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.dataset.edit_journal import (
    Edit,
    MoveFile,
    RemoveEmptyFolder,
    RenameFolder,
    RewriteTable,
    Step,
    Undone,
    carry_out,
    edits,
    take_back,
)
from engine.dataset.folder_names import FreeNames, folder_name
from engine.dataset.label_places import Place, numbered, places_of
from engine.dataset.labels_csv import find_labels_csv, read_labels_csv
from engine.dataset.labels_table import Change, changed_table
from engine.dataset.layouts import Item, LabelledFolder, read_labelled
from engine.dataset.own_list import extended_table
from engine.errors import DatasetError, FolderError
from engine.paths import Home

_LONGEST_SHOWN = 40
"""Letters of a refused name that are repeated."""

__all__ = ["Edit", "LabelEditor", "Undone"]

Progress = Callable[[int, int], None]


class LabelEditor:
    """Edits the labels of one folder.

    Each method reads the folder afresh, does all of its changes as one edit, and returns it, or None when there was
    nothing to change. Pictures put aside go below the home, never away.

    Args:
        folder: Labelled pictures, in any layout that `read_labelled` knows.
        home: Holds the journals and the quarantine.

    Raises:
        DatasetError: the folder has no labelled pictures (any more), or a picture or class is not among them.
        FolderError: a file cannot be changed; what was done before can be undone.
    """

    def __init__(self, folder: Path, home: Home) -> None:
        self.folder = folder
        self._home = home

    def relabel(self, paths: Iterable[Path], label: str, progress: Progress | None = None) -> Edit | None:
        """Call these pictures `label`, a class that is there or a new one."""
        places = [place for place in self._places(paths) if place.item.label != label]
        return self._do(f"{_pictures(places)} now called {label}", self._relabelling(places, label), progress)

    def quarantine(self, paths: Iterable[Path], progress: Progress | None = None) -> Edit | None:
        """Put these pictures aside, out of the folder; files that are no labelled pictures may be among them."""
        wanted = list(paths)
        known = self._by_path()
        names = FreeNames()
        steps: list[Step] = []
        tables: dict[Path, list[Change]] = {}
        aside = self._free_quarantine()
        for path in wanted:
            place = known.get(_plain(path))
            if place is None and not self._holds(path):
                raise DatasetError(
                    f"{path} is not in {self.folder}.", "It may have been moved; check the folder again."
                )
            # What a list of ours names elsewhere is someone's own photo: it only leaves the list.
            if self._holds(path):
                steps.append(MoveFile(path, names.take(aside / path.relative_to(self.folder))))
            if place is not None and place.table is not None:
                tables.setdefault(place.table, []).append(Change(path, remove=True))
        return self._do(f"{_pictures(wanted)} put aside", [*steps, *_rewritten(tables)], progress)

    def rename_file(self, path: Path, suffix: str) -> Edit | None:
        """Give a picture the suffix of what it really is, as in `.png`; a file that had none gets one."""
        known = self._by_path().get(_plain(path))
        if known is None and not self._holds(path):
            raise DatasetError(f"{path} is not in {self.folder}.", "It may have been moved; check the folder again.")
        if not self._holds(path):
            raise DatasetError(f"{path.name} is your own file and keeps its name.", "It is read all the same.")
        has_one = os.path.splitext(path.name)[1] and (known is not None)
        target = FreeNames().take(path.with_suffix(suffix) if has_one else path.with_name(path.name + suffix))
        steps: list[Step] = [MoveFile(path, target)]
        if known is not None and known.table is not None:
            steps += _rewritten({known.table: [Change(path, file=target)]})
        return self._do(f"{path.name} is now {target.name}", steps, None)

    def rename_class(self, old: str, new: str, progress: Progress | None = None) -> Edit | None:
        """Give a class another name.

        Raises:
            DatasetError: there is no class `old`, or there is a class `new` already (then merge them).
        """
        labelled = self._read()
        _check_class(labelled, old)
        if new in labelled.classes and new != old:
            raise DatasetError(f"There is a class {new} already.", "Merge the two instead.")
        places = [place for place in places_of(labelled) if place.item.label == old]
        if new == old:
            return None
        _check_name(new)
        folders = {place.class_folder for place in places if place.class_folder is not None}
        steps: list[Step] = [RenameFolder(path, path.with_name(folder_name(new))) for path in sorted(folders)]
        for step in steps:
            if isinstance(step, RenameFolder) and step.target.exists() and not step.target.samefile(step.source):
                raise FolderError(f"There is a folder {step.target} already.", "Choose another name.")
        rest = [place for place in places if place.class_folder is None]
        return self._do(f"{old} is now called {new}", [*steps, *self._relabelling(rest, new)], progress)

    def merge_classes(self, sources: Iterable[str], into: str, progress: Progress | None = None) -> Edit | None:
        """Make the pictures of several classes one class `into`, which may be one of them, another, or new."""
        labelled = self._read()
        merged = [name for name in sources if name != into]
        for name in merged:
            _check_class(labelled, name)
        places = [place for place in places_of(labelled) if place.item.label in merged]
        steps = self._relabelling(places, into)
        folders = {place.class_folder for place in places if place.class_folder is not None}
        for folder in sorted(folders):
            steps += [RemoveEmptyFolder(Path(parent)) for parent, _, _ in os.walk(folder, topdown=False)]
        return self._do(f"{' and '.join(merged)} merged into {into}", steps, progress)

    def add(self, items: Iterable[Item]) -> Edit | None:
        """Add pictures to the folder's labels.csv; those it has already keep their labels.

        Raises:
            DatasetError: the folder has no labels.csv.
        """
        table = find_labels_csv(self.folder)
        if table is None:
            raise DatasetError(f"{self.folder} has no labels.csv.", "Copy the photos into the folder instead.")
        known = {path for path, _, _ in read_labels_csv(table, [])}
        fresh = [item for item in items if item.path not in known]
        steps = [RewriteTable(table, extended_table(table, fresh))] if fresh else []
        return self._do(f"{_pictures(fresh)} added", steps, None)

    def last(self) -> Edit | None:
        """The last edit of this folder that was not undone."""
        return next((edit for edit in edits(self._home.journals) if _plain(edit.folder) == _plain(self.folder)), None)

    def undo(self) -> Undone | None:
        """Take the last edit of this folder back, byte for byte; None if there is none.

        What a person changed since is left as it is, and said.
        """
        edit = self.last()
        return take_back(edit) if edit is not None else None

    def _do(self, title: str, steps: Sequence[Step], progress: Progress | None) -> Edit | None:
        return carry_out(steps, self._home.journals, self.folder.absolute(), title, progress)

    def _read(self) -> LabelledFolder:
        return read_labelled(self.folder, one_class_will_do=True)

    def _by_path(self) -> dict[Path, Place]:
        return {_plain(place.item.path): place for place in places_of(self._read())}

    def _places(self, paths: Iterable[Path]) -> list[Place]:
        known = self._by_path()
        places = []
        for path in paths:
            place = known.get(_plain(path))
            if place is None:
                raise DatasetError(
                    f"{path} is not a labelled photo of {self.folder}.",
                    "It may have been moved; check the folder again.",
                )
            places.append(place)
        return places

    def _relabelling(self, places: Sequence[Place], label: str) -> list[Step]:
        if places:
            _check_name(label)
        names = FreeNames()
        steps: list[Step] = []
        tables: dict[Path, list[Change]] = {}
        folders: dict[Path, Path] = {}
        for place in places:
            path, inside = place.item.path, place.class_folder
            if place.table is not None:
                tables.setdefault(place.table, []).append(Change(path, label=label))
            elif inside is None:
                steps.append(MoveFile(path, numbered(path, label, names)))
            else:
                if place.part not in folders:
                    folders[place.part] = self._folder_of(place.part, label)
                steps.append(MoveFile(path, names.take(folders[place.part] / path.relative_to(inside))))
        return [*steps, *_rewritten(tables)]

    def _folder_of(self, part: Path, label: str) -> Path:
        """The class folder of `label` in `part`, whatever its spelling; a new one where there is none."""
        for place in places_of(self._read()):
            if place.item.label == label and place.part == part and place.class_folder is not None:
                return place.class_folder
        return part / folder_name(label)

    def _holds(self, path: Path) -> bool:
        return path.is_file() and _plain(path).is_relative_to(_plain(self.folder))

    def _free_quarantine(self) -> Path:
        number = 1
        while (aside := self._home.quarantine / f"{self.folder.absolute().name or 'pictures'}-{number:04}").exists():
            number += 1
        return aside


def _rewritten(tables: dict[Path, list[Change]]) -> list[Step]:
    return [RewriteTable(table, changed_table(table, changes)) for table, changes in tables.items()]


def _check_class(labelled: LabelledFolder, name: str) -> None:
    if name not in labelled.classes:
        raise DatasetError(f"There is no class {name}.", f"There are {', '.join(labelled.classes[:10])}.")


def _check_name(label: str) -> None:
    fitting = folder_name(label)
    if not label.strip() or fitting != label:
        shown = f"{label[:_LONGEST_SHOWN]}…" if len(label) > _LONGEST_SHOWN else label
        hint = "Use letters, digits, spaces and dashes."
        if label.startswith(fitting) and len(fitting) >= _LONGEST_SHOWN:
            hint = "It is too long."
        elif fitting == f"_{label}":
            hint = "Windows keeps this name for itself."
        raise DatasetError(f"{shown!r} cannot be the name of a class.", hint)


def _pictures(things: Sequence[object]) -> str:
    return f"{len(things):,} photo{'s are' if len(things) != 1 else ' is'}"


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))
