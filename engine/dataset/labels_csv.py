"""A table of files and their labels, as spreadsheets on any system write it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from engine import paths
from engine.errors import DatasetError

FILE_COLUMNS = frozenset({"file", "filename", "file_name", "path", "image"})
LABEL_COLUMNS = frozenset({"label", "class"})
SPLIT_COLUMN = "split"
_HINT = "It needs a first line file,label and then a line for each photo, as in tom.jpg,cat."


def find_labels_csv(folder: Path) -> Path | None:
    """The folder's `labels.csv`, whatever its capitals; None if there is none or the folder cannot be read."""
    try:
        return next((path for path in folder.iterdir() if path.name.lower() == "labels.csv" and path.is_file()), None)
    except OSError:
        return None


def is_own_list(folder: Path) -> bool:
    """Whether Whisker itself wrote this folder's table; such a list may name pictures anywhere on this computer.

    Anyone else's may not: a name like `\\\\server\\share\\a.jpg` would have this computer call on a stranger's.
    """
    return Path(os.path.abspath(folder)).is_relative_to(os.path.abspath(paths.Home(paths.default_home()).datasets))


def read_labels_csv(table: Path, problems: list[str]) -> list[tuple[Path, str, str]]:
    """The files that `table` names, with their labels and what its column `split` says, if it has one.

    Commas, semicolons or tabs, quotes, a byte-order mark, UTF-8, UTF-16 and Windows-1252 are understood; files are
    relative to the table's folder, with either slash.

    Args:
        problems: Gets a sentence for each line left out: no label, no such file, a file outside the folder, a file
            with two labels.

    Raises:
        DatasetError: it cannot be read, or has no columns `file` and `label`.
    """
    labels: dict[Path, str] = {}
    splits: dict[Path, str] = {}
    doubtful: set[Path] = set()
    root = table.parent.resolve()
    own = is_own_list(table.parent)
    for line, name, label, split in _lines(table):
        path = Path(name) if own and os.path.isabs(name) else _inside(table.parent, root, name)
        if path is None:
            problems.append(f"{table.name}, line {line}: {name} lies outside the folder and was refused.")
        elif not name or not label:
            problems.append(f"{table.name}, line {line}: {'the label' if name else 'the file'} is missing.")
        elif not path.is_file():
            problems.append(f"{table.name}, line {line}: there is no file {name}.")
        elif labels.setdefault(path, label) != label:
            problems.append(f"{table.name}, line {line}: {name} is both {labels[path]} and {label}, and was left out.")
            doubtful.add(path)
        else:
            splits[path] = split
    return [(path, label, splits[path]) for path, label in labels.items() if path not in doubtful]


def _lines(table: Path) -> Iterator[tuple[int, str, str, str]]:
    """Line number, file, label and split of each line that is not empty."""
    text = _text(table)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        header = [column.strip().lower() for column in next(lines, [])]
        file = next((i for i, column in enumerate(header) if column in FILE_COLUMNS), None)
        label = next((i for i, column in enumerate(header) if column in LABEL_COLUMNS), None)
        split = header.index(SPLIT_COLUMN) if SPLIT_COLUMN in header else None
        if file is None or label is None:
            raise DatasetError(f"{table} has no columns file and label.", _HINT)
        for columns in lines:
            if any(column.strip() for column in columns):
                padded = [*columns, *[""] * len(header)]
                part = "" if split is None else padded[split].strip().lower()
                yield lines.line_num, padded[file].strip(), padded[label].strip(), part
    except csv.Error as error:
        raise DatasetError(f"{table} is damaged at line {lines.line_num} ({error}).", _HINT) from error


def _text(table: Path) -> str:
    try:
        content = table.read_bytes()
    except OSError as error:
        raise DatasetError(f"{table} cannot be read ({error.strerror}).", "Check the file's permissions.") from error
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # What spreadsheets write on a Western Windows; it gives every byte a letter or a replacement.
        text = content.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _inside(folder: Path, root: Path, name: str) -> Path | None:
    """The file in `folder`; None when the name leads out of it, be it through `..`, a drive or a link."""
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or "\0" in name:
        return None
    path = folder / name
    if "\\" in name and not os.path.lexists(path):
        path = folder / PurePosixPath(*windows.parts)
    # Without "..", so that one file has one path, whatever way the table goes to it.
    plain = Path(os.path.normpath(path))
    inside = plain.is_relative_to(os.path.normpath(folder)) and plain.resolve().is_relative_to(root)
    return plain if inside else None
