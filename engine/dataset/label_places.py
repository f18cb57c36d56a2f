"""Where the label of each picture of a folder is given: in a table, by a folder, or in the picture's own name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from engine.dataset.folder_names import FreeNames
from engine.dataset.labels_csv import find_labels_csv
from engine.dataset.layouts import Item, LabelledFolder

_NAMED = re.compile(r"(?P<label>.+)\.(?P<number>\d+)(?P<suffix>\.[^.]+)")


@dataclass(frozen=True)
class Place:
    """How the label of a picture is given: by `table`, by the folder below `part`, or by its own name in `part`."""

    item: Item
    part: Path
    table: Path | None

    @property
    def class_folder(self) -> Path | None:
        if self.table is not None or self.item.path.parent == self.part:
            return None
        return self.part / self.item.path.relative_to(self.part).parts[0]


def places_of(labelled: LabelledFolder) -> list[Place]:
    """Where each label of a folder is given, in the order of its pictures."""
    folder = labelled.folder
    places, tables = [], {folder: find_labels_csv(folder)}
    for item in labelled.items:
        part = folder
        if tables[folder] is None and item.split is not None:
            part = folder / item.path.relative_to(folder).parts[0]
        if part not in tables:
            tables[part] = find_labels_csv(part)
        places.append(Place(item, part, tables[part]))
    return places


def numbered(path: Path, label: str, names: FreeNames) -> Path:
    """`cat.0.jpg` as `dog.0.jpg`, or with the first number behind all of the class's where that is taken."""
    named = _NAMED.fullmatch(path.name)
    number, suffix = (named["number"], named["suffix"]) if named else ("0", path.suffix)
    target = path.with_name(f"{label}.{number}{suffix}")
    taken = {
        match["number"]
        for name in os.listdir(path.parent)
        if (match := _NAMED.fullmatch(name)) and match["label"].casefold() == label.casefold()
    }
    free = max((int(each) for each in taken), default=-1) + 1
    if number in taken:
        target = path.with_name(f"{label}.{free}{suffix}")
    while not names.claim(target):
        free += 1
        target = path.with_name(f"{label}.{free}{suffix}")
    return target
