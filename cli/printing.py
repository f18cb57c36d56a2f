"""How the terminal is spoken to: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, TextIO

import click

from engine.errors import FolderError, remedy

# Letters that move the cursor, colour the terminal or begin a line, and bytes that are no text; a file's name may hold
# any of them.
_NO_LETTER = re.compile("[\x00-\x1f\x7f-\x9f\udc80-\udcff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def result(text: str) -> None:
    """A line of what was asked for, one line whatever names are in it.

    Raises:
        FolderError: what standard output leads to cannot be written, a full disk say.
    """
    _write(on_one_line(text))


def _write(text: str) -> None:
    try:
        click.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer would be tried again, and be complained of, when the program ends.
        _silence(sys.stdout)
        raise FolderError(f"The output cannot be written ({error.strerror}).", remedy(error)) from error


def result_json(value: Any) -> None:
    """One JSON value on one line; ASCII, so that no terminal and no file name can spoil it."""
    _write(json.dumps(value))


def say(text: str) -> None:
    """A line for the person, not for a program that reads the results. Where it cannot be written, work goes on."""
    try:
        click.echo(on_one_line(text), err=True)
    except BrokenPipeError:
        raise
    except OSError:
        _silence(sys.stderr)


def on_one_line(text: str) -> str:
    """`text` with whatever is no letter written as in `\\n` or `\\x1b`."""
    return _NO_LETTER.sub(lambda found: _SHORT.get(found[0], f"\\x{ord(found[0]) & 0xFF:02x}"), text)


def count(number: int, one: str, many: str = "") -> str:
    """2, "photo" -> "2 photos"; large numbers with commas."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def table(rows: list[tuple[str, ...]], right: tuple[int, ...] = ()) -> list[str]:
    """Rows as lines with aligned columns; those numbered in `right` are aligned on the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def quiet_streams() -> None:
    """Let nothing be written any more: whoever read us has gone."""
    _silence(sys.stdout, sys.stderr)


def _silence(*streams: TextIO) -> None:
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue
