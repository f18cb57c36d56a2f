"""Labelled photos that are elsewhere in Whisker and could be taught with: those corrected, those sent to the API."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DatasetError, HistoryError
from gui import words

if TYPE_CHECKING:
    from engine.dataset.layouts import Item
    from engine.whisker import Whisker


@dataclass(frozen=True)
class Offer:
    """Attributes:
    name: What the whole may be called.
    said: After the number of photos: "that you corrected".
    """

    name: str
    said: str
    items: tuple[Item, ...]

    def words(self) -> str:
        return f"{words.count(len(self.items), 'photo', 'photos')} {self.said}"


def find_offers(whisker: Whisker, known: Collection[Path]) -> tuple[Offer, ...]:
    """What is not among the `known` pictures yet; slow enough not to be done on the GUI thread."""
    offers = (
        Offer("corrected photos", "that you corrected", _corrected(whisker)),
        Offer("sent photos", "sent through the API", _sent(whisker.home.uploads)),
    )
    fresh = (Offer(each.name, each.said, _without(each.items, known)) for each in offers)
    return tuple(each for each in fresh if each.items)


def _without(items: tuple[Item, ...], known: Collection[Path]) -> tuple[Item, ...]:
    return tuple(item for item in items if item.path not in known)


def _corrected(whisker: Whisker) -> tuple[Item, ...]:
    from engine.dataset.layouts import Item

    try:
        said = whisker.history.corrections()
    except HistoryError:
        return ()
    found = {each.path: each.label for each in said if each.path is not None}
    return tuple(Item(path, label) for path, label in found.items() if path.is_file())


def _sent(folder: Path) -> tuple[Item, ...]:
    from engine.dataset.layouts import Item, read_labelled

    if not folder.is_dir():
        return ()
    try:
        labelled = read_labelled(folder, one_class_will_do=True)
    except (DatasetError, OSError):
        return ()
    return tuple(Item(item.path.absolute(), item.label) for item in labelled.items)
