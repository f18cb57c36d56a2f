"""Read a folder of pictures whose classes are known, however people lay these out.

- `folders`: one sub-folder for each class, pictures nested below it;
- `names`: flat files whose names begin with the class, as in `cat.0.jpg`;
- `csv`: a `labels.csv` with the columns `file` and `label`, and perhaps `split`;
- any of these under `train/` and `test/` (or `val/`), which then are the split.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.dataset.labels_csv import find_labels_csv, read_labels_csv
from engine.dataset.picture_files import listing, natural_key, pictures_below, so_many, some_names
from engine.errors import DatasetError

Split = Literal["train", "test", "val"]
Layout = Literal["folders", "names", "csv"]

Found = tuple[Layout, list["Item"]]

_ORDER: tuple[Split, ...] = ("train", "val", "test")
_SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "val",
    "valid": "val",
    "validation": "val",
}
# `cat.0.jpg`, and `st. bernard.12.png`: all before the number.
_NUMBERED = re.compile(r"(?P<label>.+)\.\d+\.[^.]+")
# Python's stand-in for a byte of a file's name that is not UTF-8.
_NO_TEXT = re.compile("[\udc80-\udcff]")
_WAYS = (
    "Put the photos into one sub-folder for each class, name them like cat.0.jpg, "
    "or add a labels.csv with the columns file and label."
)


@dataclass(frozen=True)
class Item:
    """A picture whose class is known; `split` is where its folder says it belongs."""

    path: Path
    label: str
    split: Split | None = None


@dataclass(frozen=True)
class LabelledFolder:
    """What read_labelled found.

    Attributes:
        classes: Every label once, in natural order (class 2 before class 10).
        items: In natural order of their paths, split by split.
        layout: How the labels were given; that of the training part when the parts differ.
        problems: Sentences about what was left out, for a person to see.
    """

    folder: Path
    classes: tuple[str, ...]
    items: tuple[Item, ...]
    layout: Layout
    problems: list[str]

    @property
    def has_split(self) -> bool:
        """Whether the folder itself says which pictures are for training and which for testing."""
        return any(item.split is not None for item in self.items)

    def of(self, split: Split | None) -> tuple[Item, ...]:
        """The items of one split."""
        return tuple(item for item in self.items if item.split == split)


def read_labelled(folder: Path, *, one_class_will_do: bool = False) -> LabelledFolder:
    """Find the labelled pictures of `folder`. Files are listed, not opened: a picture may still prove unreadable.

    Args:
        one_class_will_do: An evaluation can do with one class; training needs two.

    Raises:
        DatasetError: the folder is none, cannot be read, or holds no labelled pictures or only one class.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "is not there"
        raise DatasetError(f"{folder} {what}.", "Choose a folder with labelled photos.")
    problems: list[str] = []
    found = _read_split(folder, problems) or _read_part(folder, None, problems)
    if found is None:
        raise _nothing_labelled(folder, problems)
    layout, items = found
    classes = tuple(sorted({item.label for item in items}, key=natural_key))
    if len(classes) == 1 and not one_class_will_do:
        raise _one_class(folder, classes[0])
    problems += _doubtful_classes(classes, items)
    return LabelledFolder(folder, classes, tuple(items), layout, problems)


def _read_split(folder: Path, problems: list[str]) -> Found | None:
    """The labelled pictures under train/, test/ and val/; None if the folder is not divided so."""
    if find_labels_csv(folder) is not None:
        return None
    below, loose = listing(folder, [])
    parts = [(path, _SPLITS[path.name.casefold()]) for path in below if path.name.casefold() in _SPLITS]
    others = [path for path in below if path.name.casefold() not in _SPLITS and pictures_below(path, [])]
    # Someone may well teach the classes "train", "bus" and "car": beside others, one such name is no split.
    if not parts or (others and len({split for _, split in parts}) < 2):
        return None
    said: list[str] = []
    found: list[Found] = []
    for path, split in sorted(parts, key=lambda part: _ORDER.index(part[1])):
        part = _read_part(path, split, said)
        if part is not None:
            found.append(part)
        elif nameless := pictures_below(path, []):
            said.append(f"Left out: {so_many(nameless)} under {path}, whose classes nothing says.")
    if not found:
        if others:
            return None
        # Not two classes called "train" and "test": their pictures are as nameless as any.
        raise _nothing_labelled(folder, said)
    said += [f"Left out: the folder {path}, which stands beside train/ and test/." for path in others]
    if loose:
        said.append(f"Left out: {so_many(loose)} in {folder} beside train/ and test/ ({some_names(loose)}).")
    problems += said
    return found[0][0], [item for _, items in found for item in items]


def _read_part(folder: Path, split: Split | None, problems: list[str]) -> Found | None:
    """The labelled pictures of a folder that is not itself divided; None if nothing says their classes."""
    table = find_labels_csv(folder)
    if table is not None:
        labelled = read_labels_csv(table, problems)
        items = [
            Item(path, _label(label), split or _SPLITS.get(part) or _split_of(folder, path))
            for path, label, part in labelled
        ]
        return ("csv", _in_order(items)) if items else None
    below, loose = listing(folder, problems)
    pictures = {path: pictures_below(path, problems) for path in below}
    classes = [path for path in below if pictures[path]]
    named = {path: match["label"] for path in loose if (match := _NUMBERED.fullmatch(path.name))}
    # One folder beside pictures that name two classes or more is no class, but something put there besides.
    if classes and not (len(classes) == 1 and len(set(named.values())) > 1):
        problems += [f"Left out: the folder {path}, which holds no photos." for path in below if not pictures[path]]
        if loose:
            problems.append(f"Left out: {so_many(loose)} beside the class folders in {folder} ({some_names(loose)}).")
        return "folders", _in_order(Item(each, _label(path.name), split) for path in classes for each in pictures[path])
    if not named:
        return None
    problems += [f"Left out: the folder {path}, beside photos whose names give their classes." for path in classes]
    nameless = [path for path in loose if path not in named]
    if nameless:
        problems.append(f"Left out: {so_many(nameless)} without a class in the name ({some_names(nameless)}).")
    return "names", _in_order(Item(path, _label(label), split) for path, label in named.items())


def _split_of(folder: Path, path: Path) -> Split | None:
    """A table beside train/ and test/ divides as its files' folders do."""
    below = path.parent != folder and path.is_relative_to(folder)
    return _SPLITS.get(path.relative_to(folder).parts[0].casefold()) if below else None


def _label(text: str) -> str:
    # Bytes that are no UTF-8 are of an old disk or archive, most often in Windows' encoding; a label must be text.
    text = _NO_TEXT.sub(lambda byte: bytes([ord(byte[0]) & 0xFF]).decode("cp1252", "replace"), text)
    # macOS spells file names decomposed; the same class from two machines must be one class.
    return unicodedata.normalize("NFC", text).strip()


def _in_order(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: natural_key(str(item.path)))


def _doubtful_classes(classes: tuple[str, ...], items: list[Item]) -> list[str]:
    """Sentences about classes that are probably one, and those the training part lacks."""
    said = []
    folded: dict[str, str] = {}
    for name in classes:
        twin = folded.setdefault(name.casefold(), name)
        if twin != name:
            said.append(f"The classes {twin} and {name} differ only in capital letters and are kept apart.")
    trained = {item.label for item in items if item.split == "train"}
    if trained:
        said += [f"The class {name} has no photos under train/." for name in classes if name not in trained]
    return said


def _nothing_labelled(folder: Path, problems: list[str]) -> DatasetError:
    reason = f" {problems[0]}" if problems else ""
    pictures = pictures_below(folder, [])
    if pictures:
        what = f"Nothing says which classes the {so_many(pictures)} in {folder} belong to."
        return DatasetError(what + reason, _WAYS)
    return DatasetError(f"There are no photos in {folder}.{reason}", "Choose a folder with labelled photos.")


def _one_class(folder: Path, label: str) -> DatasetError:
    hint = "Add another class, if only of photos of anything else."
    inner = folder / label
    # An unpacked archive often wraps its folders in one more.
    if inner.is_dir() and sum(bool(pictures_below(path, [])) for path in listing(inner, [])[0]) > 1:
        hint = f"Did you mean {inner}, which holds several folders?"
    return DatasetError(f"The photos in {folder} are all of one class, {label}.", hint)
