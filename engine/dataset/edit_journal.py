"""Changes to the files of a labelled folder: each step promised before it is taken, and taken back in reverse order.

Four kinds of step: a file is moved, a folder is renamed, an empty folder is removed, a table is rewritten. No picture
is ever overwritten or deleted, and the old bytes of a table are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.card import file_sha256
from engine.dataset import transfer
from engine.durable import write_atomically
from engine.errors import FolderError
from engine.journal import Journal, journals, mark_undone, read_journal, read_lines

KIND = "labels"
FORMAT = 1


@dataclass(frozen=True)
class MoveFile:
    """`target` is free."""

    source: Path
    target: Path


@dataclass(frozen=True)
class RenameFolder:
    """`target` is free, or differs from `source` in capital letters alone."""

    source: Path
    target: Path


@dataclass(frozen=True)
class RemoveEmptyFolder:
    """It stays if there is something in it after all."""

    path: Path


@dataclass(frozen=True)
class RewriteTable:
    path: Path
    content: bytes


Step = MoveFile | RenameFolder | RemoveEmptyFolder | RewriteTable


@dataclass(frozen=True)
class Edit:
    """An edit that stands in a journal.

    Attributes:
        path: The journal.
        title: What was done, in words: "3 pictures are now called dog".
        at: When, ISO 8601.
        folder: The labelled folder.
    """

    path: Path
    title: str
    at: str
    folder: Path


@dataclass(frozen=True)
class Undone:
    """What became of an undo: files put back, and those left as they are, with the reason."""

    edit: Edit
    restored: int
    left: tuple[tuple[Path, str], ...]


def carry_out(
    steps: Sequence[Step], journal_folder: Path, folder: Path, title: str, progress: Callable[[int, int], None] | None
) -> Edit | None:
    """Take the steps in order. What was done before a failure stays and can be undone.

    Raises:
        FolderError: a step cannot be taken, or the journal not be written.
    """
    if not steps:
        return None
    at = datetime.now(UTC).isoformat()
    try:
        with Journal(
            journal_folder, KIND, {"labels": FORMAT, "at": at, "title": title, "folder": str(folder)}
        ) as journal:
            for number, step in enumerate(steps, start=1):
                _take(step, number, journal)
                if progress is not None:
                    progress(number, len(steps))
    except transfer.SourceChanged as error:
        raise FolderError(f"{error} was changed just now.", "Undo, and try again.") from error
    except OSError as error:
        raise FolderError(
            f"{error.filename or journal_folder} could not be changed ({error.strerror}).",
            "Check the free space and the permissions; undo takes back what was done before.",
        ) from error
    return Edit(journal.path, title, at, folder)


def edits(journal_folder: Path) -> list[Edit]:
    """The edits that can be undone, the latest first."""
    return [edit for path in journals(journal_folder, KIND) if (edit := _heading(path)) is not None]


def take_back(edit: Edit) -> Undone:
    """Undo an edit as far as files are still as it left them. May be repeated after a crash in its midst.

    Raises:
        FolderError: a file cannot be put back, or the journal not be read.
    """
    restored, left = 0, []
    try:
        for line in reversed(read_lines(edit.path)[1:]):
            try:
                reason = _take_step_back(line)
            except transfer.SourceChanged:
                reason = "it is being changed just now"
            if reason == "":
                restored += 1
            elif reason is not None:
                left.append((Path(line.get("target") or line["path"]), reason))
        mark_undone(edit.path)
    except OSError as error:
        raise FolderError(
            f"{error.filename or edit.path} could not be put back ({error.strerror}).", "Mend this and undo again."
        ) from error
    return Undone(edit, restored, tuple(left))


def _take(step: Step, number: int, journal: Journal) -> None:
    match step:
        case MoveFile(source, target):
            content = file_sha256(source)
            part = target.with_name(f".{journal.path.stem}-{number}.part")
            made = [str(parent) for parent in target.parents if not parent.exists()]
            names = {"source": str(source), "target": str(target), "part": str(part)}
            journal.promise({"move": number, **names, "sha256": content, "made": made})
            target.parent.mkdir(parents=True, exist_ok=True)
            transfer.move(source, target, part, content)
        case RenameFolder(source, target):
            journal.promise({"rename": number, "source": str(source), "target": str(target)})
            os.rename(source, target)
        case RemoveEmptyFolder(path):
            journal.promise({"remove": number, "path": str(path)})
            with suppress(OSError):
                path.rmdir()
        case RewriteTable(path, content_after):
            kept = journal.path.with_name(f"{journal.path.stem}.{number}.kept")
            before = path.read_bytes()
            write_atomically(kept, before)
            hashes = {"before": sha256(before).hexdigest(), "after": sha256(content_after).hexdigest()}
            journal.promise({"rewrite": number, "path": str(path), "kept": str(kept), **hashes})
            _replace(path, content_after)
    journal.note({"done": number})


def _take_step_back(line: dict[str, Any]) -> str | None:
    """Empty when it was put back, None when there was nothing to do, else why it was left."""
    if "move" in line:
        reason = _move_back(Path(line["source"]), Path(line["target"]), Path(line["part"]), line["sha256"])
        for folder in line["made"]:
            # Not empty: the person put something there.
            with suppress(OSError):
                os.rmdir(folder)
        return reason
    if "remove" in line:
        Path(line["path"]).mkdir(parents=True, exist_ok=True)
        return None
    if "rename" in line:
        return _rename_back(Path(line["source"]), Path(line["target"]))
    if "rewrite" in line:
        return _write_back(Path(line["path"]), Path(line["kept"]), line["before"], line["after"])
    return None


def _move_back(source: Path, target: Path, part: Path, content: str) -> str | None:
    part.unlink(missing_ok=True)
    original = os.path.lexists(source)
    if not os.path.lexists(target):
        return None if original else "it is no longer where it was put"
    if not target.is_file() or file_sha256(target) != content:
        return None if original else "it was changed since"
    if not original:
        source.parent.mkdir(parents=True, exist_ok=True)
        transfer.move(target, source, source.with_name(part.name), content)
    elif source.is_file() and file_sha256(source) == content:
        # The crash came when it was at both places.
        transfer.remove(target)
    else:
        return f"another file stands at {source} now"
    return ""


def _rename_back(source: Path, target: Path) -> str | None:
    if not target.is_dir():
        return None if source.is_dir() else "it is no longer where it was put"
    if source.exists() and not os.path.samefile(source, target):
        return f"there is another folder {source} now"
    os.rename(target, source)
    return ""


def _write_back(path: Path, kept: Path, before: str, after: str) -> str | None:
    now = file_sha256(path) if path.is_file() else ""
    if now == before:
        return None
    if now != after:
        return "it was changed since"
    _replace(path, kept.read_bytes())
    return ""


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode
    write_atomically(path, content)
    # The rights are a courtesy; some file systems cannot hold them.
    with suppress(OSError):
        path.chmod(mode)


def _heading(path: Path) -> Edit | None:
    lines = read_journal(path, "labels", FORMAT)
    if not lines:
        return None
    return Edit(path, lines[0]["title"], lines[0]["at"], Path(lines[0]["folder"]))
