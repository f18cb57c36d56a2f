"""Change lines of a labels.csv and leave every other byte as it is."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.dataset.labels_csv import FILE_COLUMNS, LABEL_COLUMNS
from engine.errors import DatasetError


@dataclass(frozen=True)
class Change:
    """What is to be done to the lines of `path`: removed, or given another label or file."""

    path: Path
    label: str | None = None
    file: Path | None = None
    remove: bool = False


def changed_table(table: Path, changes: Sequence[Change]) -> bytes:
    """The new content of `table`, in its own encoding, with its own delimiter and line ends.

    Raises:
        DatasetError: it cannot be read, or is no such table.
    """
    try:
        content = table.read_bytes()
    except OSError as error:
        raise DatasetError(f"{table} cannot be read ({error.strerror}).", "Check the file's permissions.") from error
    text, encoding = _decoded(content)
    # Only at line ends: str.splitlines also parts at characters that may stand in a name.
    lines = list(io.StringIO(text, newline=""))
    wanted = {os.path.abspath(change.path): change for change in changes}
    delimiter = max(",;\t", key=(lines[0] if lines else "").count)
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=True)
    out: list[str] = []
    try:
        header = [column.strip('\ufeff \t"').lower() for column in next(reader, [])]
        file = next(at for at, name in enumerate(header) if name in FILE_COLUMNS)
        label = next(at for at, name in enumerate(header) if name in LABEL_COLUMNS)
        begun = reader.line_num
        out += lines[:begun]
        for columns in reader:
            original = "".join(lines[begun : reader.line_num])
            begun = reader.line_num
            change = _change_for(table, columns[file].strip(), wanted) if len(columns) > max(file, label) else None
            if change is None:
                out.append(original)
            elif not change.remove:
                if change.label is not None:
                    columns[label] = change.label
                if change.file is not None:
                    columns[file] = change.file.relative_to(table.parent).as_posix()
                out.append(_line(columns, delimiter, original))
    except (csv.Error, StopIteration) as error:
        raise DatasetError(f"{table} is no table with the columns file and label.", "Mend it and try again.") from error
    new = "".join(out)
    try:
        return new.encode(encoding)
    except UnicodeEncodeError:
        # A label that the old encoding has no letters for.
        return new.encode("utf-8-sig")


def _change_for(table: Path, name: str, wanted: dict[str, Change]) -> Change | None:
    if not name:
        return None
    plain = wanted.get(os.path.abspath(table.parent / name))
    return plain or wanted.get(os.path.abspath(table.parent / name.replace("\\", "/")))


def _line(columns: Sequence[str], delimiter: str, original: str) -> str:
    ending = original[len(original.rstrip("\r\n")) :]
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator=ending).writerow(columns)
    return line.getvalue()


def _decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding that gives the same bytes back."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        little = content.startswith(b"\xff\xfe")
        # Named with its byte order, so that the mark stays a character of the text and comes back as it was.
        encoding = "utf-16-le" if little else "utf-16-be"
        return content.decode(encoding, "replace"), encoding
    for encoding in ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"
