"""What a search finds, as a table for a spreadsheet or as JSON lines for a program; written page by page."""

from __future__ import annotations

import csv
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.errors import FolderError
from engine.history_rows import TOP

if TYPE_CHECKING:
    from engine.history import History, Row
    from engine.history_search import Search

FORMS = {"csv": "Table for a spreadsheet", "jsonl": "JSON lines for a program"}
PAGE = 1_000
"""Rows read at a time: no longer does any reading keep the write-ahead log from being folded back."""
COLUMNS = (
    "time",
    "name",
    "path",
    "predicted_class",
    "confidence",
    "unknown",
    "corrected_to",
    "source",
    "model",
    "model_version",
    "elapsed_ms",
)


def export(history: History, search: Search, file: Path, stop: threading.Event) -> Iterator[int]:
    """Write everything that `search` finds, the newest first, in the form that the suffix of `file` names.

    The file appears when all of it is there; a stop, or a failure, leaves what was there before. What is answered while
    it is written is not part of it.

    Args:
        file: `.csv` gives UTF-8 with a byte-order mark, which Excel needs, and the columns of COLUMNS followed by
            class_1, probability_1 and so on; any other suffix gives JSON lines.

    Yields:
        How many rows are written so far.

    Raises:
        FolderError: it cannot be written.
        HistoryError: the history cannot be read.
    """
    table = file.suffix.lower() == ".csv"
    half = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        try:
            with half.open(
                "w", encoding="utf-8-sig" if table else "utf-8", errors="backslashreplace", newline=""
            ) as out:
                write = _table(out) if table else _lines(out)
                last, written = None, 0
                while True:
                    if stop.is_set():
                        return
                    rows = history.search(search, PAGE, before=last)
                    for row in rows:
                        write(row)
                    written += len(rows)
                    yield written
                    if len(rows) < PAGE:
                        break
                    last = rows[-1].id
            os.replace(half, file)
        except OSError as error:
            raise FolderError(f"{file} could not be written ({error.strerror}).", "Choose another place.") from error
    finally:
        half.unlink(missing_ok=True)


def _table(out: IO[str]) -> Callable[[Row], object]:
    writer = csv.writer(out)
    writer.writerow(
        [*COLUMNS, *(f"{what}_{place}" for place in range(1, TOP + 1) for what in ("class", "probability"))]
    )

    def write(row: Row) -> None:
        record = as_record(row)
        top = [value for pair in row.top for value in pair]
        cells = [record[name] for name in COLUMNS]
        writer.writerow([*("" if cell is None else _cell(cell) for cell in cells), *top])

    return write


def _lines(out: IO[str]) -> Callable[[Row], object]:
    return lambda row: out.write(
        json.dumps({**as_record(row), "probabilities": dict(row.top)}, ensure_ascii=False) + "\n"
    )


def as_record(row: Row) -> dict[str, Any]:
    """A row with the names of COLUMNS, and nothing that JSON cannot say."""
    return {
        "time": row.at.isoformat(),
        "name": row.name,
        "path": None if row.path is None else str(row.path),
        "predicted_class": row.predicted_class,
        "confidence": round(row.confidence, 6),
        "unknown": row.unknown,
        "corrected_to": row.correction,
        "source": row.source,
        "model": row.model,
        "model_version": row.model_version,
        "elapsed_ms": round(row.elapsed_ms, 3),
    }


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
