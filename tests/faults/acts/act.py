"""An act: done in a process that is killed, judged in one that lives on."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.paths import Home
from engine.whisker import Whisker
from tests.bundles import make_bundle, solid

CHECKOUT = Path(__file__).resolve().parents[3]
PHOTOS = 40

Say = Callable[..., None]


@dataclass(frozen=True)
class Place:
    """Where an act happens: a home that lives through all its kills, built-in models, and somebody's photos."""

    root: Path

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def builtin(self) -> Path:
        return self.root / "builtin"

    @property
    def photos(self) -> list[Path]:
        return sorted((self.root / "photos").glob("*.png"))

    @property
    def spare(self) -> Path:
        """A sound bundle that is on no shelf."""
        return self.root / "spare"

    def make(self) -> None:
        make_bundle(self.builtin / "cats-dogs")
        make_bundle(self.spare, name="spare")
        for number in range(PHOTOS):
            red = number % 2 == 0
            colour = (255 - number, number, 0) if red else (0, number, 255 - number)
            solid(self.root / "photos" / f"{number:03}.png", colour)

    @contextmanager
    def open(self) -> Iterator[Whisker]:
        whisker = Whisker(self.home, self.builtin)
        try:
            yield whisker
        finally:
            whisker.close()


@dataclass
class Said:
    """What the killed processes of one act said before they were killed, in all rounds.

    Attributes:
        log: In order, whether it was acknowledged, and what: what a process had begun and not acknowledged when it was
            killed may have happened or not, then and for ever.
    """

    log: list[tuple[bool, list[str]]] = field(default_factory=list)

    @property
    def did(self) -> list[list[str]]:
        return [words for acknowledged, words in self.log if acknowledged]

    @property
    def unsure(self) -> list[list[str]]:
        return [words for acknowledged, words in self.log if not acknowledged]

    def read(self, text: str) -> None:
        """Take in what one process printed; a line that the kill tore was never acknowledged."""
        trying: list[str] | None = None
        for line in text.splitlines(keepends=True):
            if not line.endswith("\n") or not line.startswith("["):
                continue
            kind, *words = json.loads(line)
            if kind == "did":
                self.log.append((True, words))
            trying = words if kind == "try" else None
        if trying is not None:
            self.log.append((False, trying))


class Act:
    """Something that Whisker does all the time.

    Attributes:
        name: "correcting" and so on.
        span_s: Kills come so long after it is ready, at most.
    """

    name = ""
    span_s = 0.5

    def command(self, place: Place, seed: int) -> list[str]:
        """The program that is killed."""
        return [sys.executable, "-m", "tests.faults.kills", self.name, str(place.root), str(seed)]

    def environment(self, place: Place) -> dict[str, str]:
        return os.environ | {"WHISKER_HOME": str(place.home.root), "QT_QPA_PLATFORM": "offscreen"}

    def ready(self, text: str) -> bool:
        """Whether what the program printed says that it is at work."""
        return '["ready"]\n' in text

    def begin(self, place: Place) -> None:
        """Before each round."""

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        """Inside the program: work until killed."""

    def meanwhile(self, place: Place, text: str, rng: random.Random, say: Say) -> None:
        """Outside the program, while it works: what a client does. Ends when the program does."""

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        """After the kill: sentences about what was acknowledged and is not there."""
        return []
