"""Which files of a folder are pictures, by their names alone, and how they are listed and counted in words.

What cannot be read is left out, and a sentence about it added to the `problems` that are handed in.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.priority import let_others_in

# What archivers and network drives leave beside people's files.
_LITTER = frozenset({"__MACOSX", "@eaDir"})


def natural_key(text: str) -> tuple[object, ...]:
    """Sorts the way people count: `class 2` before `class 10`, capitals beside small letters."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple(int(part) if i % 2 else part for i, part in enumerate(parts)), text


def listing(folder: Path, problems: list[str]) -> tuple[list[Path], list[Path]]:
    """The visible sub-folders, in natural order, and the pictures directly in `folder`."""
    below, pictures = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_hidden(entry.name):
                    continue
                if entry.is_dir():
                    below.append(folder / entry.name)
                elif _is_picture(entry.name) and entry.is_file():
                    pictures.append(folder / entry.name)
    except OSError as error:
        _unreadable(error, problems)
    return sorted(below, key=lambda path: natural_key(path.name)), pictures


def pictures_below(folder: Path, problems: list[str]) -> list[Path]:
    """The pictures anywhere below `folder`."""
    found = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: _unreadable(error, problems)):
        let_others_in()
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(parent, name) for name in files if _is_picture(name) and not _is_hidden(name)]
    return found


def _unreadable(error: OSError, problems: list[str]) -> None:
    sentence = f"Left out: {error.filename}, which could not be read ({error.strerror})."
    if sentence not in problems:
        problems.append(sentence)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _LITTER


def _is_picture(name: str) -> bool:
    # Pillow takes 0.1 s to import; a training plan is read without it.
    from engine.images import SUFFIXES

    return os.path.splitext(name)[1].lower() in SUFFIXES


def so_many(paths: list[Path]) -> str:
    """Their number, as in `1,200 pictures`."""
    return f"{len(paths):,} photo{'s' if len(paths) != 1 else ''}"


def some_names(paths: list[Path]) -> str:
    """The first three names, for a person to know which are meant."""
    names = sorted((path.name for path in paths), key=natural_key)
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
