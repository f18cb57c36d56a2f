"""Sort pictures into a folder for each class, with a way back.

`plan` only looks (sort_plan.py), `apply` does, `undo` puts back (sort_undo.py). Nothing is ever overwritten, and
whatever happens in between (cancelling, a full disk, a crash) what was done so far can be undone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from engine.card import file_sha256
from engine.dataset import transfer
from engine.dataset.folder_names import FreeNames
from engine.dataset.sort_journal import Entry, SortJournal
from engine.dataset.sort_plan import Move, SortPlan, plan
from engine.dataset.sort_undo import undo
from engine.errors import FolderError, remedy

__all__ = ["Journal", "Move", "SortPlan", "apply", "plan", "undo"]

# Files promised with one sync of the journal: a sync takes milliseconds, on a hard disk tens of them.
TOGETHER = 32

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Journal:
    """What a sorting did.

    Attributes:
        path: The journal that undoes it; None when nothing was done.
        sorted: How many pictures were copied or moved.
        skipped: Pictures that were gone or changed when their turn came, with the reason.
        cancelled: Whether it was stopped before the end.
    """

    path: Path | None
    sorted: int
    skipped: tuple[tuple[Path, str], ...]
    cancelled: bool


def apply(
    plan: SortPlan,
    journal_folder: Path,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Journal:
    """Do what is planned, each step noted on the disk before it is taken.

    Args:
        progress: Called after each picture with how many are through, and how many there are.
        cancel: Stops before the next picture when set; what was done stays and can be undone.

    Raises:
        FolderError: a picture could not be copied or moved, or the journal not be written. The sentence names the
            file; what was done before stays and can be undone.
    """
    if not plan.moves:
        return Journal(None, 0, (), False)
    try:
        with SortJournal(journal_folder, plan.destination, plan.move) as journal:
            run = _Run(plan, journal, progress, cancel)
            run.go()
    except OSError as error:
        # The pictures' own failures were put into words where they happened.
        raise FolderError(
            f"The journal in {journal_folder} could not be written ({error.strerror}).",
            remedy(error),
        ) from error
    return Journal(journal.path if journal.entries else None, run.sorted, tuple(run.skipped), run.cancelled)


class _Run:
    """One sorting under way."""

    def __init__(
        self, plan: SortPlan, journal: SortJournal, progress: Progress | None, cancel: threading.Event | None
    ) -> None:
        self.sorted = 0
        self.skipped: list[tuple[Path, str]] = []
        self.cancelled = False
        self._plan = plan
        self._journal = journal
        self._progress = progress
        self._cancel = cancel or threading.Event()
        self._act = transfer.move if plan.move else transfer.copy
        self._names = FreeNames()

    def go(self) -> None:
        moves = iter(self._plan.moves)
        while batch := list(islice(moves, TOGETHER)):
            for entry in self._promise(batch):
                if self._stopping():
                    return
                self._carry_out(entry)
            if self._stopping():
                return

    def _stopping(self) -> bool:
        # A cancel that comes with the last picture stops nothing.
        all_through = self.sorted + len(self.skipped) == len(self._plan.moves)
        self.cancelled = self._cancel.is_set() and not all_through
        return self.cancelled

    def _promise(self, batch: list[Move]) -> list[Entry]:
        files = []
        for move in batch:
            if self._cancel.is_set():
                break
            try:
                sha256 = file_sha256(move.source)
            except FileNotFoundError:
                self._skip(move.source, "it is no longer there")
            except OSError as error:
                raise self._stopped(move.source, move.target, error) from error
            else:
                files.append((move.source, self._target(move), sha256))
        folders = _missing({target.parent for _, target, _ in files})
        entries = self._journal.promise_files(folders, files)
        for folder in folders:
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise self._stopped(files[0][0], folder, error) from error
        return entries

    def _target(self, move: Move) -> Path:
        # As planned, unless something came to stand there since.
        if self._names.claim(move.target):
            return move.target
        return self._names.take(move.target.with_name(move.source.name))

    def _carry_out(self, entry: Entry) -> None:
        try:
            self._act(entry.source, entry.target, entry.part, entry.sha256)
        except FileExistsError:
            # Somebody put a file there between the promise and now: the next free name, promised anew.
            self._journal.void(entry)
            target = self._names.take(entry.target.with_name(entry.source.name))
            (again,) = self._journal.promise_files([], [(entry.source, target, entry.sha256)])
            self._carry_out(again)
        except transfer.SourceChanged:
            self._journal.void(entry)
            self._skip(entry.source, "it was changed while it was being sorted")
        except OSError as error:
            if not os.path.lexists(entry.source):
                self._journal.void(entry)
                self._skip(entry.source, "it is no longer there")
                return
            raise self._stopped(entry.source, entry.target, error) from error
        else:
            self._journal.done(entry)
            self.sorted += 1
            self._tell()

    def _skip(self, source: Path, reason: str) -> None:
        self.skipped.append((source, reason))
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self.sorted + len(self.skipped), len(self._plan.moves))

    def _stopped(self, source: Path, target: Path, error: OSError) -> FolderError:
        verb = "moved" if self._plan.move else "copied"
        done = f"{self.sorted:,} photos were" if self.sorted > 1 else "1 photo was" if self.sorted else "Nothing was"
        undo = " before it; undo takes that back" if self.sorted else ""
        return FolderError(
            f"{source} could not be {verb} to {target} ({error.strerror}).", f"{done} {verb}{undo}. {remedy(error)}"
        )


def _missing(folders: set[Path]) -> list[Path]:
    """The folders that have to be made for `folders`, outer ones first."""
    missing = {each for folder in folders for each in (folder, *folder.parents) if not each.exists()}
    return sorted(missing, key=lambda folder: len(folder.parts))
