"""Labelled photos that are elsewhere in Whisker and could be taught with: those corrected, those sent to the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    here: Whether they are among the pictures already, under other labels.
    """

    name: str
    said: str
    items: tuple[Item, ...]
    here: bool = False

    def words(self) -> str:
        return f"{words.count(len(self.items), 'photo', 'photos')} {self.said}"


def find_offers(whisker: Whisker, known: Mapping[Path, str]) -> tuple[Offer, ...]:
    """What is not among the `known` pictures yet, or with another label; too slow for the GUI thread."""
    corrected, confirmed = _judged(whisker)
    judged = (*corrected, *confirmed)
    elsewhere = _without(judged, known)
    wrong = sum(item in corrected for item in elsewhere)
    said = "corrected" if wrong == len(elsewhere) else "corrected or confirmed" if wrong else "confirmed"
    offers = (
        Offer("corrected photos", "here that you call something else", _unlike(judged, known), here=True),
        Offer("corrected photos", f"that you {said}", elsewhere),
        Offer("sent photos", "sent through the API", _without(_sent(whisker.home.uploads), known)),
    )
    return tuple(each for each in offers if each.items)


def _without(items: tuple[Item, ...], known: Collection[Path]) -> tuple[Item, ...]:
    return tuple(item for item in items if item.path not in known)


def _unlike(items: tuple[Item, ...], known: Mapping[Path, str]) -> tuple[Item, ...]:
    # What is called a cat elsewhere may well be a Siamese here.
    classes = set(known.values())
    return tuple(item for item in items if known.get(item.path, item.label) != item.label and item.label in classes)


def _judged(whisker: Whisker) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The photos of which a person said that the answer was wrong, and those of which they said that it was right."""
    from engine.dataset.layouts import Item

    try:
        said = whisker.history.corrections()
    except HistoryError:
        return (), ()
    last = {each.path: each for each in said if each.path is not None}
    there = [(each, Item(path, each.label)) for path, each in last.items() if path.is_file()]
    corrected = tuple(item for each, item in there if each.predicted_class != each.label)
    return corrected, tuple(item for each, item in there if each.predicted_class == each.label)


def _sent(folder: Path) -> tuple[Item, ...]:
    from engine.dataset.layouts import Item, read_labelled

    if not folder.is_dir():
        return ()
    try:
        labelled = read_labelled(folder, one_class_will_do=True)
    except (DatasetError, OSError):
        return ()
    return tuple(Item(item.path.absolute(), item.label) for item in labelled.items)
