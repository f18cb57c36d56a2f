"""In which order pictures stand, and which of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gui.predict.many.picture import Group, Picture

Key = Callable[[Picture], Any]
"""Gives each picture a key of its own; keys of one order are all of one type."""
_LAST = 2.0


class Order(Enum):
    """Ways to sort. The value is what a person reads."""

    NAME = "Name"
    LEAST_SURE = "Least sure first"
    MOST_SURE = "Most sure first"
    CLASS = "Class"


def _by_name(picture: Picture) -> str:
    return picture.by_name


def _least_sure(picture: Picture) -> tuple[float, int]:
    # What has no answer stands last either way.
    return (_LAST if picture.kept is None else picture.kept.confidence, picture.number)


def _most_sure(picture: Picture) -> tuple[float, int]:
    return (_LAST if picture.kept is None else -picture.kept.confidence, picture.number)


def _by_class(picture: Picture) -> str:
    group = picture.group
    name = f"0{group.casefold()}" if isinstance(group, str) else f"1{group.value}"
    return f"{name}\0{1 - picture.confidence:.6f}\0{picture.number:09}"


KEYS: dict[Order, Key] = {
    Order.NAME: _by_name,
    Order.LEAST_SURE: _least_sure,
    Order.MOST_SURE: _most_sure,
    Order.CLASS: _by_class,
}


@dataclass(frozen=True)
class Filter:
    """Which pictures are shown.

    Attributes:
        group: Only this one; None for all.
        corrected: Only what a person has corrected.
        name: Only names that have this in them, whatever the case.
    """

    group: Group | None = None
    corrected: bool = False
    name: str = ""

    @property
    def all(self) -> bool:
        return self == Filter()

    def wants(self, picture: Picture) -> bool:
        if self.group is not None and picture.group != self.group:
            return False
        if self.corrected and picture.correction is None:
            return False
        return not self.name or self.name.casefold() in picture.name.casefold()
