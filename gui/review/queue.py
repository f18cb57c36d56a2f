"""The photos to be looked at in one round, and what was said of those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


@dataclass(frozen=True)
class Photo:
    """A photo to be looked at.

    Attributes:
        row: Its row in the history, which keeps what is said of it.
        top: The best classes with their shares, best first.
        unknown: Whether the model said that it does not know.
    """

    row: int
    name: str
    path: Path
    top: tuple[tuple[str, float], ...]
    unknown: bool

    @property
    def predicted(self) -> str:
        return self.top[0][0]


class Kind(Enum):
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    SKIPPED = "skipped"
    GONE = "gone"
    """It could not be shown, so nobody was asked."""


@dataclass(frozen=True)
class Said:
    photo: Photo
    kind: Kind
    label: str | None = None


class Queue:
    """Goes through photos once, and back."""

    def __init__(self, photos: Sequence[Photo]) -> None:
        self._photos = list(photos)
        self.said: list[Said] = []

    def __len__(self) -> int:
        return len(self._photos)

    @property
    def position(self) -> int:
        """How many are done with."""
        return len(self.said)

    @property
    def now(self) -> Photo | None:
        return self._photos[self.position] if self.position < len(self) else None

    def ahead(self, count: int) -> list[Photo]:
        """The present photo and those after it, `count` together."""
        return self._photos[self.position : self.position + count]

    def label(self, label: str) -> Said:
        """Say what the present photo is."""
        assert self.now is not None
        kind = Kind.CONFIRMED if label == self.now.predicted else Kind.CORRECTED
        return self._say(Said(self.now, kind, label))

    def skip(self) -> Said:
        assert self.now is not None
        return self._say(Said(self.now, Kind.SKIPPED))

    def pass_over(self) -> Said:
        """Go on, because the present photo cannot be shown."""
        assert self.now is not None
        return self._say(Said(self.now, Kind.GONE))

    def back(self) -> Said | None:
        """Return to the last photo somebody was asked about; what had been said of it, None at the start."""
        while self.said:
            last = self.said.pop()
            if last.kind is not Kind.GONE:
                return last
        return None

    def unsay(self, row: int) -> str:
        """What was said of this row could not be kept: it counts as skipped. The photo's name, "" if it is not here."""
        for at, said in enumerate(self.said):
            if said.photo.row == row:
                self.said[at] = Said(said.photo, Kind.SKIPPED)
                return said.photo.name
        return ""

    @property
    def can_go_back(self) -> bool:
        return any(said.kind is not Kind.GONE for said in self.said)

    def count(self, kind: Kind) -> int:
        return sum(said.kind is kind for said in self.said)

    def rearrange(self, order: Sequence[int], keep: int) -> None:
        """Put what comes after the next `keep` photos into the order of `order`, indexes of the whole queue."""
        fixed = self.position + keep
        rest = [index for index in order if index >= fixed]
        self._photos[fixed:] = [self._photos[index] for index in rest]

    def all(self) -> list[Photo]:
        return list(self._photos)

    def _say(self, said: Said) -> Said:
        self.said.append(said)
        return said
