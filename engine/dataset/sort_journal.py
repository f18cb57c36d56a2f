"""What a sorting is about to do, on the disk before it is done, so that it can be undone after any crash.

JSON lines. The first says how the sorting was asked for. Then, in the order of events: `folder` (will be made),
`file` (will be copied or moved), `done` (was), `void` (was not, something stood in its way), `undone` (all files were
put back). Lines that promise are synced before what they promise; `done` is not, since the files themselves tell.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.durable import sync_folder
from engine.errors import FolderError

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


class JournalWriter:
    """A new journal in `folder`; a context manager. A journal that promised nothing leaves no file.

    Raises:
        OSError: it cannot be written, here and in each method.
    """

    def __init__(self, folder: Path, destination: Path, move: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.entries = 0
        number = _next_number(folder)
        while True:
            self.path = folder / f"sort-{number:06}.jsonl"
            try:
                self._file = self.path.open("x", encoding="utf-8")
            except FileExistsError:
                # Another Whisker began to sort at the same moment.
                number += 1
            else:
                break
        now = datetime.now(UTC).isoformat()
        begun = False
        try:
            self._write({"journal": FORMAT, "at": now, "destination": str(destination), "move": move})
            self._sync()
            sync_folder(folder)
            begun = True
        finally:
            # Be it a full disk or Ctrl-C: nothing was promised, so nothing stays.
            if not begun:
                self._abandon()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.entries:
            self._file.close()
        else:
            self._abandon()

    def promise(self, folders: Iterable[Path], files: Iterable[tuple[Path, Path, str]]) -> list[Entry]:
        """Note folders to be made and files (source, target, sha256) to be copied or moved; synced on return."""
        for folder in folders:
            self._write({"folder": str(folder)})
        entries = []
        for source, target, sha256 in files:
            self.entries += 1
            part = target.with_name(f".{self.path.stem}-{self.entries}.part")
            entry = Entry(self.entries, source, target, sha256, part)
            names = {"source": str(source), "target": str(target), "part": str(part)}
            self._write({"file": entry.number, "sha256": sha256, **names})
            entries.append(entry)
        self._sync()
        return entries

    def done(self, entry: Entry) -> None:
        """Note that the entry was carried out."""
        self._write({"done": entry.number})
        self._file.flush()

    def void(self, entry: Entry) -> None:
        """Note that the entry was not carried out and will not be."""
        self._write({"void": entry.number})
        self._file.flush()

    def _abandon(self) -> None:
        # A full disk refuses what is still to be written: it does not matter here.
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        # ASCII, so that file names that are no valid Unicode come back as they were.
        self._file.write(json.dumps(line) + "\n")

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def last_sorting(folder: Path) -> Sorting | None:
    """The latest sorting in `folder` that was not undone; None if there is none.

    Raises:
        FolderError: it cannot be read.
    """
    for path in sorted(folder.glob("sort-*.jsonl"), reverse=True):
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


def mark_undone(sorting: Sorting) -> None:
    """From now on the sorting before is the last one."""
    os.replace(sorting.path, sorting.path.with_suffix(".undone"))


def _next_number(folder: Path) -> int:
    # By number, not by time: a clock that went back must not change which sorting is the last.
    numbers = [path.stem.removeprefix("sort-") for path in folder.glob("sort-*.*")]
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1


def _read(path: Path) -> Sorting | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise FolderError(
            f"The journal {path} cannot be read ({error.strerror}).", "Check the file's permissions."
        ) from error
    lines = [_parsed(line) for line in text.splitlines()]
    first = lines[0] if lines else {}
    if "journal" not in first:
        # The power went while the journal was begun: nothing was sorted yet.
        return None
    if first["journal"] != FORMAT:
        raise FolderError(f"The journal {path} was written by a newer Whisker.", "Undo the sorting with that one.")
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


def _parsed(line: str) -> dict[str, Any]:
    """A line's content; nothing for the last line of a crash, torn in the middle and so never acted on."""
    try:
        content = json.loads(line)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
