"""Findings about the folder as a whole: its classes, and what else lies in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine import images
from engine.dataset.doctor.findings import Finding, Fix, Kind
from engine.dataset.layouts import Item
from engine.dataset.picture_files import natural_key
from engine.image_formats import signature

FEW = 20
"""With fewer pictures a class can be learnt, but hardly judged."""
LOPSIDED = 5.0
"""The largest class having this many times the pictures of the smallest."""
_SAID = 3


def class_sizes(folder: Path, usable: Sequence[Item]) -> Iterator[Finding]:
    """One class only, classes too small, classes of very different size; counted over pictures that can be opened."""
    counts, names = _counted(usable)
    if len(names) == 1:
        message = f"All photos are of one class, {names[0]}. Add a second class, if only of anything else."
        yield Finding(Kind.ONE_CLASS, folder, None, message, Fix.ADD_PHOTOS)
    yield from too_small(folder, usable)
    present = [name for name in names if counts[name]]
    if len(present) < 2:
        return
    largest, smallest = max(present, key=counts.__getitem__), min(present, key=counts.__getitem__)
    if counts[largest] >= LOPSIDED * counts[smallest]:
        message = (
            f"{largest} has {_photos(counts[largest])}, {smallest} only {counts[smallest]:,}. "
            "Training gives rare classes more weight; more photos are better."
        )
        yield Finding(Kind.IMBALANCE, folder, None, message, Fix.ADD_PHOTOS)


def too_small(folder: Path, usable: Sequence[Item]) -> Iterator[Finding]:
    """Classes whose score will mean little: each in a finding of its own, or all in one where they are many."""
    counts, names = _counted(usable)
    few = [name for name in names if counts[name] < FEW]
    if len(few) > _SAID:
        least = min(counts[name] for name in few)
        most = max(counts[name] for name in few)
        so_many = _photos(most) if least == most else f"{least} to {_photos(most)}"
        message = f"{len(few)} of {len(names)} classes have only {so_many} each; {FEW} or more are needed."
        yield Finding(Kind.CLASS_TOO_SMALL, folder, None, message, Fix.ADD_PHOTOS)
    else:
        for name in few:
            message = f"{name} has only {_photos(counts[name])} to learn from; {FEW} or more are needed."
            yield Finding(Kind.CLASS_TOO_SMALL, folder, None, message, Fix.ADD_PHOTOS)


def left_out(folder: Path, problems: Sequence[str]) -> Iterator[Finding]:
    for problem in problems:
        yield Finding(Kind.LEFT_OUT, folder, None, problem)


def other_files(folder: Path, items: Sequence[Item]) -> Iterator[Finding]:
    """Files that are no pictures, in one finding; pictures that are not named as such, one by one."""
    known = {item.path for item in items}
    stray: list[Path] = []
    for path in _others(folder):
        if path in known:
            continue
        if (form := _picture_inside(path)) is not None:
            message = f"{images.display_name(path)} is a {form} photo, but not named like one, and so not seen."
            yield Finding(Kind.MISNAMED, path, None, message, Fix.RENAME)
        else:
            stray.append(path)
    if stray:
        names = ", ".join(images.display_name(path) for path in stray[:_SAID])
        more = " and others" if len(stray) > _SAID else ""
        what = "1 file is not a photo and was" if len(stray) == 1 else f"{len(stray):,} files are not photos and were"
        yield Finding(Kind.STRAY_FILES, folder, None, f"{what} left out: {names}{more}.")


def _photos(number: int) -> str:
    return f"{number:,} photo{'' if number == 1 else 's'}"


def _counted(usable: Sequence[Item]) -> tuple[Counter[str], list[str]]:
    """Pictures to learn from, by class; and all classes, in order."""
    counts = Counter(item.label for item in usable if item.split in (None, "train"))
    return counts, sorted({item.label for item in usable}, key=natural_key)


def _others(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            hidden = name.startswith(".") or name.lower() == "labels.csv"
            if not hidden and os.path.splitext(name)[1].lower() not in images.SUFFIXES:
                yield Path(parent, name)


def _picture_inside(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(512)
    except OSError:
        return None
    form = signature(head)
    # Two letters are a weak sign: a text may begin with BM.
    return None if form in ("BMP", "DIB") else form
