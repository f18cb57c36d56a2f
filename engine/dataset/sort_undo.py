"""Put back what was sorted, as far as it still is what it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.card import file_sha256
from engine.dataset import transfer
from engine.dataset.sort_journal import Entry, Sorting, last_sorting, note_files_undone
from engine.errors import FolderError
from engine.journal import mark_undone

OnLeft = Callable[[Path, str], None]


def undo(journal_folder: Path, on_left: OnLeft | None = None) -> int:
    """Put back the last sorting that was not undone yet. May be repeated after a crash or failure in its midst.

    What a person changed, moved or removed since is left as it is: a copy goes only while it is what was copied and
    its original is there, and a moved file comes back only while nothing else stands in its old place.

    Args:
        on_left: Called with each file that was left, and the reason.

    Returns:
        How many files were put back (copies removed, or moved files returned).

    Raises:
        FolderError: there is nothing to undo, the sorted folder is not there, or a file cannot be put back.
    """
    sorting = last_sorting(journal_folder)
    if sorting is None:
        raise FolderError("There is no sorting to undo.", "Only the sortings of this home can be undone.")
    try:
        restored = _put_files_back(sorting, on_left) if sorting.put_back is None else sorting.put_back
        note_files_undone(sorting, restored)
        for folder in reversed(sorting.folders):
            # Not empty: the person put something there, or something was left.
            with suppress(OSError):
                folder.rmdir()
        mark_undone(sorting.path)
    except OSError as error:
        raise FolderError(
            f"The journal {sorting.path} could not be written ({error.strerror}).", "Mend this and undo again."
        ) from error
    return restored


def _put_files_back(sorting: Sorting, on_left: OnLeft | None) -> int:
    if not sorting.destination.is_dir() and sorting.done:
        raise FolderError(
            f"The sorted folder {sorting.destination} is not there.",
            "Connect its disk or move it back, then undo again.",
        )
    restored = 0
    for entry in reversed(sorting.entries):
        try:
            left = _put_back(entry, sorting)
        except transfer.SourceChanged:
            left = "it is being changed just now"
        except OSError as error:
            before = f"{restored:,} {'was' if restored == 1 else 'were'} put back before it"
            raise FolderError(
                f"{entry.target} could not be put back ({error.strerror}).",
                f"{before}; mend this and undo again for the others.",
            ) from error
        if left == "":
            restored += 1
        elif left is not None and on_left is not None:
            on_left(entry.target, left)
    return restored


def _put_back(entry: Entry, sorting: Sorting) -> str | None:
    """Undo one entry: empty when it was put back, None when there was nothing to do, else why it was left."""
    backwards = entry.source.with_name(entry.part.name)
    for part in (entry.part, backwards):
        # A file where the folder should be holds no part.
        with suppress(NotADirectoryError):
            part.unlink(missing_ok=True)
    original = os.path.lexists(entry.source)
    if not os.path.lexists(entry.target):
        return None if original or not sorting.move else "it is no longer where it was sorted to"
    if not entry.target.is_file() or file_sha256(entry.target) != entry.sha256:
        # Never done, and since then somebody else's file stands there.
        never = entry.number not in sorting.done and original
        return None if never else "it was changed since it was sorted"
    if not sorting.move:
        if not original:
            return f"it is the only one left: {entry.source} is gone"
        transfer.remove(entry.target)
    elif not original:
        entry.source.parent.mkdir(parents=True, exist_ok=True)
        transfer.move(entry.target, entry.source, backwards, entry.sha256)
    elif entry.source.is_file() and file_sha256(entry.source) == entry.sha256:
        # The crash came when it was at both places.
        transfer.remove(entry.target)
    else:
        return f"another file stands at {entry.source} now"
    return ""
