"""Forgetting a picture: everything that Whisker keeps about it goes; the person's own file is never touched.

What goes: its rows in the history with their corrections, its cached features, Whisker's own copies of it (pasted
pictures, pictures sent for retraining), its lines in the lists to teach with, and what models of the shelf show of it
("looks like these", the proof of their score). What stays: what a model has learnt, which nobody can take out of it
again, and the journals by which files of the person's own can be put back.

It cannot be undone. To undo it, one would have to keep what was to be forgotten.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.card import NEIGHBOURS, file_sha256
from engine.durable import write_atomically
from engine.errors import FolderError, HistoryError

if TYPE_CHECKING:
    from engine.history import History
    from engine.paths import Home

EVALUATION = "evaluation.json"
_HASHED = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Traces:
    """What is kept about some pictures.

    Attributes:
        rows: Rows of the history: those asked for, and others of the same file or the same corrected content.
        corrected: How many of them a person has corrected.
        contents: SHA-256 of each picture's content, as far as it can still be told.
        features: Vectors in the caches.
        copies: Whisker's own files of them.
        lists: Tables below the home with lines of them.
        models: Bundles on the shelf that show them.
        originals: The person's own files, which stay.
    """

    rows: tuple[int, ...]
    corrected: int
    contents: frozenset[str]
    features: int
    copies: tuple[Path, ...]
    lists: tuple[Path, ...]
    models: tuple[Path, ...]
    originals: tuple[Path, ...]


def traces(history: History, home: Home, numbers: Iterable[int]) -> Traces:
    """Find everything that is kept about the pictures of these rows; nothing is changed.

    Raises:
        HistoryError: there is no such row, or the history cannot be read.
    """
    kin = history.kin(numbers, _content)
    copies = sorted({*_copies(home, kin.contents), *(path for path in kin.paths if _is_own_copy(home, path))})
    named = frozenset(os.fsencode(path) for path in (*kin.paths, *copies))
    return Traces(
        kin.rows,
        kin.corrected,
        kin.contents,
        sum(_features(home, kin.contents, remove=False)),
        tuple(copy for copy in copies if copy.exists()),
        tuple(table for table in sorted(home.datasets.glob("*/labels.csv")) if _without(table, named) is not None),
        tuple(sorted({bundle for bundle in _bundles(home) if _names_one(bundle, named)})),
        tuple(path for path in sorted(kin.paths) if path not in copies and path.exists()),
    )


def forget(history: History, home: Home, found: Traces) -> None:
    """Remove what `traces` has found. The rows go last, so that after a failure it can be asked for again.

    Raises:
        FolderError: a file cannot be removed or rewritten.
        HistoryError: the history cannot be written.
    """
    named = frozenset(os.fsencode(path) for path in (*found.copies, *history.paths_of(found.rows)))
    try:
        sum(_features(home, found.contents, remove=True))
        for table in found.lists:
            _rewrite(home, table, named)
        for bundle in found.models:
            _clear_bundle(bundle, named)
        for copy in found.copies:
            copy.unlink(missing_ok=True)
    except OSError as error:
        raise FolderError(
            f"{error.filename or home.root} could not be forgotten ({error.strerror}).",
            "Free it for writing and try again; what went before is gone.",
        ) from error
    history.forget(found.rows)


def _content(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except OSError:
        return None


def _is_own_copy(home: Home, path: Path) -> bool:
    """Whether Whisker made this file; $UPLOAD_FOLDER may well be a folder with photos of the person's own."""
    if path.is_relative_to(home.uploads):
        return _HASHED.fullmatch(path.stem) is not None
    return path.is_relative_to(home.pasted)


def _copies(home: Home, contents: Iterable[str]) -> Iterable[Path]:
    for content in contents:
        yield from home.pasted.glob(f"{content[:32]}.*")
        yield from home.uploads.glob(f"*/{content}.*")


def _features(home: Home, contents: Iterable[str], *, remove: bool) -> Iterable[int]:
    """How many vectors of these pictures each cache holds, or held."""
    begins = [bytes.fromhex(content) for content in contents]
    for cache in home.features.glob("*.db"):
        try:
            with closing(sqlite3.connect(cache, timeout=5)) as database, database:
                database.execute("PRAGMA secure_delete = ON")
                tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
                for (table,), begin in itertools.product(tables, begins):
                    what = f"DELETE FROM {table}" if remove else f"SELECT 1 FROM {table}"
                    # A key is the content's hash and the name of a variant, which is ASCII.
                    found = database.execute(f"{what} WHERE key >= ? AND key < ?", (begin, begin + b"\xff"))
                    yield found.rowcount if remove else len(found.fetchall())
        except sqlite3.DatabaseError as error:
            # A damaged cache is of no use to anybody, and is begun anew by the next training.
            if remove and isinstance(error, sqlite3.OperationalError):
                raise HistoryError(
                    f"The cache {cache} cannot be written ({error}).", "Try again in a while."
                ) from error
            yield 0


def _without(table: Path, named: frozenset[bytes]) -> str | None:
    """The content of a list without the lines of these pictures; None when it has none."""
    try:
        rows = list(csv.reader(io.StringIO(table.read_bytes().decode("utf-8"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error):
        # Not one of Whisker's own lists any more.
        return None
    kept = [row for row in rows if not row or os.fsencode(row[0]) not in named]
    if len(kept) == len(rows):
        return None
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(kept)
    return text.getvalue()


def _rewrite(home: Home, table: Path, named: frozenset[bytes]) -> None:
    content = _without(table, named)
    if content is None:
        return
    write_atomically(table, content.encode("utf-8"))
    # Earlier edits of this list keep its former content, and could not be undone over the new one anyway.
    for journal in home.journals.glob("labels-*.*"):
        if journal.suffix in (".jsonl", ".undone") and _edits(journal, table.parent):
            for kept in home.journals.glob(f"{journal.stem}.*.kept"):
                kept.unlink(missing_ok=True)
            journal.unlink(missing_ok=True)


def _edits(journal: Path, folder: Path) -> bool:
    try:
        with journal.open(encoding="utf-8", errors="replace") as lines:
            return bool(json.loads(lines.readline()).get("folder") == str(folder))
    except (OSError, ValueError, AttributeError):
        return False


def _bundles(home: Home) -> Iterable[Path]:
    """Those on the shelf, and those that were removed and can still be brought back."""
    yield from (folder for folder in home.models.glob("*/*") if folder.is_dir())
    for part in (NEIGHBOURS, EVALUATION):
        yield from (file.parent for file in home.trash.rglob(part))


def _names_one(bundle: Path, named: frozenset[bytes]) -> bool:
    from engine.neighbours import read_names

    if any(os.fsencode(name) in named for name in read_names(bundle / NEIGHBOURS)):
        return True
    return any(os.fsencode(str(row.get("path", ""))) in named for row in _proof(bundle).get("test", ()))


def _clear_bundle(bundle: Path, named: frozenset[bytes]) -> None:
    from engine.neighbours import drop_names

    drop_names(bundle / NEIGHBOURS, lambda name: os.fsencode(name) in named)
    proof = _proof(bundle)
    rows: Sequence[dict[str, object]] = proof.get("test", ())
    kept = [row for row in rows if os.fsencode(str(row.get("path", ""))) not in named]
    if len(kept) < len(rows):
        write_atomically(bundle / EVALUATION, json.dumps({**proof, "test": kept}).encode())


def _proof(bundle: Path) -> dict[str, list[dict[str, object]]]:
    try:
        content = json.loads((bundle / EVALUATION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
