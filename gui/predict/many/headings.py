"""The words above the grid, and those in its place while there is nothing in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gui.predict.correction_bar import KEYS

if TYPE_CHECKING:
    from engine.card import Card


def line(total: int, shown: int, chosen: int, classes: Sequence[str], card: Card | None) -> str:
    """What is to be said of so many photos.

    Args:
        classes: Of the current photo, in the order of their keys.
        card: Of the model that answers.
    """
    if chosen:
        return f"{chosen:,} selected  ·  wrong? {keys(classes)}"
    if shown < total:
        return f"{shown:,} shown"
    return f"Answered by {card.name} v{card.version}" if card is not None else ""


def keys(classes: Sequence[str]) -> str:
    """Which keys correct what is selected."""
    if 0 < len(classes) <= 4:
        return ", ".join(f"{number} {name}" for number, name in enumerate(classes, start=1))
    return "1 to 9, or C" if len(classes) <= KEYS else "1 to 5, or C"


def nothing_there(total: int, name: str) -> tuple[str, str, str]:
    """A title, a line, and what the button says; `name` is what names must hold."""
    if not total:
        return "There are no photos in there", "Drop others, or go back to the start.", "Back"
    if name:
        return "Nothing found", f"None of these has “{name}” in its name.", "Show all"
    return "None of these", "There is nothing of this kind any more.", "Show all"
