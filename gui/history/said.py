"""An answer of the history in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.history_search import COUNTED
from gui import words

if TYPE_CHECKING:
    from engine.history import Row

SOURCES = {"window": "Window", "cli": "Terminal", "api": "API"}


def answer(row: Row, sure_above: float) -> str:
    if row.unknown:
        return f"Not sure (nearest: {row.predicted_class})"
    doubt = "" if row.confidence >= sure_above else "?"
    return f"{words.headline(row.predicted_class)}{doubt}  {words.percent(row.confidence)}"


def verdict(row: Row, sure_above: float) -> str:
    """`sure`, `unsure` or `unknown`."""
    if row.unknown:
        return "unknown"
    return "sure" if row.confidence >= sure_above else "unsure"


def moment(at: datetime) -> str:
    """The whole of it, in the person's own time: "24 Nov 2026, 14:02:07"."""
    here = at.astimezone()
    return f"{here.day}\u00a0{here:%b}\u00a0{here.year}, {here:%H:%M:%S}"


def tip(row: Row, column: int, now: datetime) -> str:
    if column == 0:
        return str(row.path) if row.path is not None else f"{row.name}\nThis photo was not kept."
    if column == 5:
        return f"{moment(row.at)} ({words.when(row.at, now)})"
    if column == 1:
        return "\n".join(f"{name}  {words.percent(share)}" for name, share in row.top)
    return ""


def found(number: int | None, narrowed: bool) -> str:
    """How many there are, as the line above the table says it."""
    if number is None:
        return "Counting…"
    if number > COUNTED:
        return f"More than {COUNTED:,} answers"
    if narrowed:
        return words.count(number, "answer found", "answers found")
    return words.count(number, "answer", "answers")
