"""What is about to be done to people's files, on the disk before it is done, so that it can be undone after any crash.

A journal is a file of JSON lines in a folder, numbered in the order in which they were begun. Undone ones are kept,
under another name.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.durable import sync_folder
from engine.errors import FolderError


class Journal:
    """A new journal in `folder`; a context manager. One to which nothing was promised leaves no file.

    Args:
        kind: The beginning of its file's name; each kind is numbered and undone by itself.
        heading: Its first line.

    Raises:
        OSError: it cannot be written, here and in each method.
    """

    def __init__(self, folder: Path, kind: str, heading: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._promised = False
        number = _next_number(folder, kind)
        while True:
            self.path = folder / f"{kind}-{number:06}.jsonl"
            try:
                self._file = self.path.open("x", encoding="utf-8")
            except FileExistsError:
                # Another Whisker began at the same moment.
                number += 1
            else:
                break
        begun = False
        try:
            self._write(heading)
            self._sync()
            sync_folder(folder)
            begun = True
        finally:
            # Be it a full disk or Ctrl-C: nothing was promised, so nothing stays.
            if not begun:
                self._abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._promised:
            self._file.close()
        else:
            self._abandon()

    def promise(self, *lines: dict[str, Any]) -> None:
        """Note what will be done next; on the disk when this returns."""
        self._promised = True
        for line in lines:
            self._write(line)
        self._sync()

    def note(self, line: dict[str, Any]) -> None:
        """Note what has come of it; whoever undoes must be able to do without this line."""
        self._write(line)
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


def journals(folder: Path, kind: str) -> list[Path]:
    """The journals of that kind that were not undone, the latest first."""
    return sorted(folder.glob(f"{kind}-*.jsonl"), reverse=True)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal; without the last one if a crash tore it in the middle, so that it was never acted on.

    Raises:
        OSError: it cannot be read.
    """
    return [line for text in path.read_text(encoding="utf-8", errors="replace").splitlines() if (line := _parsed(text))]


def read_journal(path: Path, mark: str, format: int) -> list[dict[str, Any]]:
    """The lines of a journal, its heading first; none when the power went while it was begun: nothing was done yet.

    Args:
        mark: The word in its heading that stands before the format it is written in.
        format: The one that is known here.

    Raises:
        FolderError: it cannot be read, or was written by a newer Whisker.
    """
    try:
        lines = read_lines(path)
    except OSError as error:
        raise FolderError(
            f"The journal {path} cannot be read ({error.strerror}).", "Check the file's permissions."
        ) from error
    if not lines or mark not in lines[0]:
        return []
    if lines[0][mark] != format:
        raise FolderError(f"The journal {path} was written by a newer Whisker.", "Undo it with that one.")
    return lines


def mark_undone(path: Path) -> None:
    """From now on the journal before is the last one.

    Raises:
        OSError: it cannot be renamed.
    """
    os.replace(path, path.with_suffix(".undone"))


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _next_number(folder: Path, kind: str) -> int:
    # By number, not by time: a clock that went back must not change which journal is the last.
    numbers = [path.stem.removeprefix(f"{kind}-") for path in folder.glob(f"{kind}-*.*")]
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1
