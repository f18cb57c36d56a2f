"""The answers as a CSV file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from engine.errors import FolderError

if TYPE_CHECKING:
    from engine.prediction import Outcome

COLUMNS = ("path", "predicted_class", "confidence", "unknown", "error")
WIDEST = 50
"""With more classes than this, a column each would make no readable table: the best five are named instead."""
BEST = 5


class Table:
    """A CSV file that grows by a row a picture.

    The columns of COLUMNS, then one per class with its probability; or, with `top` or very many classes, `class_1`,
    `probability_1`, `class_2` and so on. UTF-8. It begins with a byte-order mark only if a name in it is not plain
    ASCII: Excel needs the mark to read such names, and programs read the file easier without.

    Args:
        file: None writes it to standard output.

    Raises:
        FolderError: the file cannot be written.
    """

    def __init__(self, file: Path | None, classes: Sequence[str], paths: Iterable[Path], top: int | None) -> None:
        if top is None and len(classes) > WIDEST:
            top = BEST
        self._classes = classes
        self._top = None if top is None else min(top, len(classes))
        self._path = file
        plain = all(name.isascii() for name in classes) and all(str(path).isascii() for path in paths)
        target: Path | int
        try:
            if file is None:
                # Row by row, so that whoever reads along need not wait.
                target, buffering = sys.stdout.fileno(), 1
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                target, buffering = file, -1
            self._file = open(  # noqa: SIM115 - closed with the table
                target,
                "w",
                buffering,
                encoding="utf-8" if plain else "utf-8-sig",
                errors="backslashreplace",
                newline="",
                closefd=file is not None,
            )
        except OSError as error:
            raise self._refusal(error) from error
        self._writer = csv.writer(self._file)
        self._write([*COLUMNS, *self._headings()])

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except BrokenPipeError:
            raise
        except OSError as refused:
            raise self._refusal(refused) from refused

    def add(self, outcome: Outcome) -> None:
        from engine.prediction import Prediction

        if not isinstance(outcome, Prediction):
            self._write([outcome.path, "", "", "", str(outcome.error), *("" for _ in self._headings())])
            return
        answer: list[object] = [outcome.path, outcome.predicted_class, f"{outcome.confidence:.6f}"]
        answer += ["true" if outcome.unknown else "false", ""]
        if self._top is None:
            answer += [f"{share:.6f}" for share in outcome.probabilities.tolist()]
        else:
            for name, share in outcome.top(self._top):
                answer += [name, f"{share:.6f}"]
        self._write(answer)

    def _headings(self) -> list[str]:
        if self._top is None:
            return list(self._classes)
        return [f"{what}_{place}" for place in range(1, self._top + 1) for what in ("class", "probability")]

    def _write(self, row: Sequence[object]) -> None:
        try:
            self._writer.writerow(row)
        except BrokenPipeError:
            # Whoever read standard output has gone, and wants no more of it.
            raise
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> FolderError:
        name = self._path or "The table"
        return FolderError(f"{name} could not be written ({error.strerror}).", "Choose another place.")
