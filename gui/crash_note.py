"""A crash of native code, which Python's hooks never see, leaves a note of where it happened; the next start tells."""

from __future__ import annotations

import contextlib
from contextlib import ExitStack
from pathlib import Path

NAME = "crash.txt"
EARLIER = "crash-before.txt"


def keep_note(logs: Path, shutdown: ExitStack) -> str:
    """From now on a crash is noted, until `shutdown`; a home that cannot be written goes without.

    Returns:
        A sentence when the time before ended in a crash, else "".
    """
    import faulthandler

    said = _take_up(logs)
    try:
        logs.mkdir(parents=True, exist_ok=True)
        note = (logs / NAME).open("w", encoding="utf-8")
    except OSError:
        return said
    faulthandler.enable(note)

    def end() -> None:
        faulthandler.disable()
        note.close()
        with contextlib.suppress(OSError):
            (logs / NAME).unlink()

    shutdown.callback(end)
    return said


def _take_up(logs: Path) -> str:
    """Put the note of the time before aside. A program that was merely killed has left an empty one."""
    note = logs / NAME
    try:
        if not note.stat().st_size:
            return ""
        note.replace(logs / EARLIER)
    except OSError:
        return ""
    return (
        f"Whisker ended unexpectedly the last time; what you did is kept. Where it happened stands in {logs / EARLIER}."
    )
