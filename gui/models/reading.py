"""The shelf as the page shows it, read off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model_shelf import Entry, ModelShelf


@dataclass(frozen=True)
class Model:
    """All versions of one name, the newest first; at least one."""

    versions: tuple[Entry, ...]

    @property
    def newest(self) -> Entry:
        return self.versions[0]

    @property
    def name(self) -> str:
        return self.newest.name

    @property
    def title(self) -> str:
        return self.newest.title

    @property
    def builtin(self) -> bool:
        return self.newest.builtin


@dataclass(frozen=True)
class Shelf:
    """Attributes:
    models: People's own first, then those that ship with Whisker.
    problems: Sentences about damaged ones.
    earlier: The reference to which rolling back would lead.
    """

    models: tuple[Model, ...]
    problems: tuple[str, ...]
    earlier: str | None

    def entries(self) -> list[Entry]:
        return [entry for model in self.models for entry in model.versions]

    def find(self, reference: str) -> Entry | None:
        return next((entry for entry in self.entries() if entry.reference == reference), None)

    @property
    def active(self) -> Entry | None:
        return next((entry for entry in self.entries() if entry.active), None)


def read(shelf: ModelShelf) -> Shelf:
    entries = shelf.list()
    problems = tuple(shelf.problems)
    models = [Model(tuple(versions)) for _, versions in groupby(entries, key=lambda entry: entry.name)]
    models.sort(key=lambda model: model.builtin)
    return Shelf(tuple(models), problems, shelf.earlier)


def axis_start(entries: list[Entry]) -> float:
    """Where the range bars begin, 0 to 0.9: at a full ten per cent below every score, so that they can be compared."""
    from gui.models import said

    lows = [between[0] for entry in entries if (between := said.interval(entry.card)) is not None]
    return max(0.0, min(0.9, int(min(lows, default=0.9) * 10) / 10))
