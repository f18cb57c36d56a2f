"""The answers as a table, with the columns that the command line writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gui.predict.many.picture import Picture


def write(file: Path, pictures: Sequence[Picture]) -> int:
    """Write a CSV file with a row for each picture that has an outcome; how many there were.

    Raises:
        FolderError: it cannot be written.
    """
    from engine.table import BEST, Table

    answered_by = {picture.kept.classes for picture in pictures if picture.kept is not None}
    classes = max(answered_by, key=len, default=())
    # Models with other classes cannot share a column for each: then the best ones are named in every row.
    top = BEST if len(answered_by) > 1 else None
    written = 0
    with Table(file, classes, (Path(picture.path) for picture in pictures), top) as table:
        for picture in pictures:
            outcome = picture.outcome()
            if outcome is not None:
                table.add(outcome)
                written += 1
    return written
