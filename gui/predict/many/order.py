"""In which order pictures stand, and which of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gui.predict.many.picture import Group, Picture

Key = Callable[[Picture], tuple[Any, ...]]


class Order(Enum):
    """Ways to sort. The value is what a person reads."""

    NAME = "Name"
    LEAST_SURE = "Least sure first"
    MOST_SURE = "Most sure first"
    CLASS = "Class"


def _by_name(picture: Picture) -> tuple[Any, ...]:
    return (picture.by_name, picture.number)


def _least_sure(picture: Picture) -> tuple[Any, ...]:
    # What has no answer stands last either way.
    return (picture.kept is None, picture.confidence, picture.number)


def _most_sure(picture: Picture) -> tuple[Any, ...]:
    return (picture.kept is None, -picture.confidence, picture.number)


def _by_class(picture: Picture) -> tuple[Any, ...]:
    group = picture.group
    name = group.casefold() if isinstance(group, str) else group.value
    return (not isinstance(group, str), name, -picture.confidence, picture.number)


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
