"""What a sorting is about to do, on the disk before it is done, so that it can be undone after any crash.

JSON lines. The first says how the sorting was asked for. Then, in the order of events: `folder` (will be made),
`file` (will be copied or moved), `done` (was), `void` (was not, something stood in its way), `undone` (all files were
put back). Lines that promise are synced before what they promise; `done` is not, since the files themselves tell.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.journal import Journal, journals, read_journal

KIND = "sort"
FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One file's journey.

    Attributes:
        number: Different for each entry of a journal.
        part: Where its unfinished copy may be.
        sha256: Its content.
    """

    number: int
    source: Path
    target: Path
    sha256: str
    part: Path


@dataclass
class Sorting:
    """A journal that was read back.

    Attributes:
        entries: In order, without those that are void.
        done: The numbers of those known to be done; after a power cut some others may be too.
        folders: Those that were to be made, outer ones first.
        put_back: How many files an undo put back that was through with them, but not with the folders.
    """

    path: Path
    move: bool
    destination: Path
    entries: list[Entry] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    folders: list[Path] = field(default_factory=list)
    put_back: int | None = None


class SortJournal(Journal):
    """The journal of a sorting that begins.

    Raises:
        OSError: it cannot be written, here and in each method.
    """

    def __init__(self, folder: Path, destination: Path, move: bool) -> None:
        now = datetime.now(UTC).isoformat()
        super().__init__(folder, KIND, {"journal": FORMAT, "at": now, "destination": str(destination), "move": move})
        self.entries = 0

    def promise_files(self, folders: Iterable[Path], files: Iterable[tuple[Path, Path, str]]) -> list[Entry]:
        """Note folders to be made and files (source, target, sha256) to be copied or moved; synced on return."""
        lines: list[dict[str, Any]] = [{"folder": str(folder)} for folder in folders]
        entries = []
        for source, target, sha256 in files:
            self.entries += 1
            part = target.with_name(f".{self.path.stem}-{self.entries}.part")
            entries.append(Entry(self.entries, source, target, sha256, part))
            names = {"source": str(source), "target": str(target), "part": str(part)}
            lines.append({"file": self.entries, "sha256": sha256, **names})
        if lines:
            self.promise(*lines)
        return entries

    def done(self, entry: Entry) -> None:
        """Note that the entry was carried out."""
        self.note({"done": entry.number})

    def void(self, entry: Entry) -> None:
        """Note that the entry was not carried out and will not be."""
        self.note({"void": entry.number})


def last_sorting(folder: Path) -> Sorting | None:
    """The latest sorting in `folder` that was not undone; None if there is none.

    Raises:
        FolderError: it cannot be read.
    """
    for path in journals(folder, KIND):
        sorting = _read(path)
        if sorting is not None:
            return sorting
    return None


def note_files_undone(sorting: Sorting, put_back: int) -> None:
    """Note, on the disk, that the files are back: a missing destination is missing rightly from now on."""
    with sorting.path.open("a", encoding="utf-8") as file:
        # The line before may have been torn by a crash.
        file.write("\n" + json.dumps({"undone": put_back}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Sorting | None:
    lines = read_journal(path, "journal", FORMAT)
    if not lines:
        return None
    first = lines[0]
    sorting = Sorting(path, bool(first["move"]), Path(first["destination"]))
    void = set()
    for line in lines[1:]:
        if "folder" in line:
            sorting.folders.append(Path(line["folder"]))
        elif "file" in line:
            source, target, part = (Path(line[key]) for key in ("source", "target", "part"))
            sorting.entries.append(Entry(line["file"], source, target, line["sha256"], part))
        elif "done" in line:
            sorting.done.add(line["done"])
        elif "undone" in line:
            sorting.put_back = line["undone"]
        elif "void" in line:
            void.add(line["void"])
    sorting.entries = [entry for entry in sorting.entries if entry.number not in void]
    return sorting
