"""From what was dropped to labelled pictures; no Qt, so that it can be read in one sitting and runs in any thread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.dataset.layouts import Item, read_labelled
from engine.errors import DatasetError

_NUMBERED = re.compile(r"(?P<label>.+)\.\d+\.[^.]+")
_PARTS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation"})


@dataclass(frozen=True)
class Gathered:
    """What came in.

    Attributes:
        items: Labelled pictures, by absolute path.
        name: What the whole may be called.
        problems: Sentences about what was left out.
    """

    items: tuple[Item, ...]
    name: str
    problems: tuple[str, ...]


def gather(paths: Sequence[Path]) -> Gathered:
    """Find the pictures and say what each shows.

    One folder may be labelled in any layout; several folders are a class each, unless they are themselves labelled
    by a table or by names. Loose files are named by their names (`cat.0.jpg`), else by the folder they lie in.

    Raises:
        DatasetError: there is no picture in it.
        FolderError: a folder may not be read.
    """
    paths = [path.absolute() for path in paths]
    folders, files = [path for path in paths if path.is_dir()], [path for path in paths if path.is_file()]
    items: list[Item] = []
    problems: list[str] = [f"{path.name} is not there." for path in paths if not path.exists()]
    if len(folders) > 1 and all(folder.name.casefold() in _PARTS for folder in folders):
        items += _parts(folders, problems)
    else:
        for folder in folders:
            items += _folder(folder, alone=len(folders) == 1, problems=problems)
    items += _loose(files, problems)
    if not items:
        where = paths[0].name if len(paths) == 1 else "what you dropped"
        hint = problems[0] if problems else "Drop folders of photos, one for each class."
        raise DatasetError(f"There are no photos in {where}.", hint)
    return Gathered(tuple(items), _name(folders, files), tuple(problems))


def pictures_of(paths: Sequence[Path], label: str) -> Gathered:
    """Every picture in `paths`, all of one class.

    Raises:
        DatasetError: there is none.
        FolderError: a folder may not be read.
    """
    from engine.folder_run import find_images

    locked: list[Path] = []
    found = _pictures_only(find_images([path.absolute() for path in paths], on_locked=locked.append))
    if not found:
        raise DatasetError("There are no photos in what you dropped.", f"Drop photos of {label}.")
    return Gathered(tuple(Item(path, label) for path in found), label, tuple(map(_may_not_be_read, locked)))


def _folder(folder: Path, *, alone: bool, problems: list[str]) -> list[Item]:
    try:
        labelled = read_labelled(folder)
    except DatasetError:
        return _as_class(folder, problems)
    if alone or labelled.layout != "folders" or labelled.has_split:
        problems += labelled.problems
        return [Item(item.path.absolute(), item.label, item.split) for item in labelled.items]
    return _as_class(folder, problems)


def _parts(folders: Sequence[Path], problems: list[str]) -> list[Item]:
    """The parts of one divided folder, dropped one by one."""
    items = []
    for folder in folders:
        labelled = read_labelled(folder.parent)
        inside = [item for item in labelled.items if item.path.absolute().is_relative_to(folder)]
        items += [Item(item.path.absolute(), item.label, item.split) for item in inside]
        problems += [problem for problem in labelled.problems if problem not in problems]
    return items


def _as_class(folder: Path, problems: list[str]) -> list[Item]:
    from engine.folder_run import find_images

    locked: list[Path] = []
    found = _pictures_only(find_images([folder], on_locked=locked.append))
    problems += map(_may_not_be_read, locked)
    inside = [path for path in folder.iterdir() if path.is_dir()]
    # An unpacked archive with one class in it: the inner folder has the better name.
    name = inside[0].name if len(inside) == 1 and all(path.is_relative_to(inside[0]) for path in found) else folder.name
    return [Item(path, name.strip()) for path in found]


def _may_not_be_read(folder: Path) -> str:
    return f"Left out: {folder.name}, which may not be read."


def _loose(files: Sequence[Path], problems: list[str]) -> list[Item]:
    pictures = _pictures_only(files)
    taken = set(pictures)
    left = [path.name for path in files if path not in taken]
    if left:
        problems.append(
            f"Left out, as they are not photos: {', '.join(left[:3])}{' and others' if len(left) > 3 else ''}."
        )
    named = {path: match["label"] for path in pictures if (match := _NUMBERED.fullmatch(path.name))}
    if len(named) == len(pictures) and len(set(named.values())) > 1:
        return [Item(path, label) for path, label in named.items()]
    return [Item(path, path.parent.name or "photos") for path in pictures]


def _pictures_only(files: Sequence[Path]) -> list[Path]:
    from engine.image_formats import SUFFIXES

    return [path for path in files if path.suffix.lower() in SUFFIXES]


def _name(folders: Sequence[Path], files: Sequence[Path]) -> str:
    if len(folders) == 1:
        return folders[0].name
    parents = Counter(path.parent.name for path in [*folders, *files])
    return (parents.most_common(1)[0][0] if parents else "") or "photos"
