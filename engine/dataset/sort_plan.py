"""Decide where each picture goes when a folder is sorted; nothing is written."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.card import file_sha256
from engine.dataset.folder_names import FreeNames, folder_names, numbered
from engine.errors import FolderError
from engine.prediction import Failure, Outcome, Prediction

UNSURE = "unsure"


@dataclass(frozen=True)
class Move:
    """A picture and where it goes; `label` is its folder's name."""

    source: Path
    target: Path
    label: str


@dataclass(frozen=True)
class SortPlan:
    """What a sorting would do.

    Attributes:
        move: Whether the originals go; else they stay and copies are made.
        moves: In the order they were given.
        skipped: Pictures that cannot be sorted, with the reason.
        settled: Pictures that are where they belong already, and repetitions.
        counts: How many pictures go to each folder.
    """

    destination: Path
    move: bool
    moves: tuple[Move, ...]
    skipped: tuple[tuple[Path, str], ...]
    settled: tuple[Path, ...]
    counts: dict[str, int]


def plan(outcomes: Sequence[Outcome], destination: Path, *, min_confidence: float, move: bool) -> SortPlan:
    """Decide where each picture goes. Nothing is written.

    Unknown pictures, and those answered with less than `min_confidence` (0 to 1), go to `unsure/`. A second `a.jpg`
    becomes `a (2).jpg`; a copy that is there already, byte for byte, is not made again, so that sorting a growing
    folder into itself or below itself copies only what is new.

    Raises:
        FolderError: `destination` is a file.
    """
    destination = Path(os.path.abspath(destination))
    if destination.exists() and not destination.is_dir():
        raise FolderError(f"{destination} is a file, not a folder.", "Choose a folder to sort into.")
    known = {name for classes in {o.classes for o in outcomes if isinstance(o, Prediction)} for name in classes}
    folders = folder_names(known, reserved=[UNSURE])
    sorted_into = {_same(destination / name) for name in (UNSURE, *folders.values())}
    around = _Surroundings()
    names = FreeNames()
    moves: list[Move] = []
    skipped: list[tuple[Path, str]] = []
    settled: list[Path] = []
    seen: set[str] = set()
    for outcome in outcomes:
        if outcome.path is None:
            skipped.append((Path(outcome.source), "it came without a file"))
            continue
        source = Path(os.path.abspath(outcome.path))
        if isinstance(outcome, Failure):
            skipped.append((source, outcome.error.message))
            continue
        unsure = outcome.unknown or outcome.confidence < min_confidence
        label = UNSURE if unsure else folders[outcome.predicted_class]
        wanted = destination / label / source.name
        # A copy of a copy helps nobody, whatever another model says of it now.
        homes = {_same(wanted.parent)} if move else sorted_into
        place = _same(source)
        if place in seen or around[source.parent] & homes or (not move and _copy_exists(wanted, source)):
            settled.append(source)
        elif move and source.is_symlink():
            skipped.append((source, "it is a link to another file, which moving would break"))
        else:
            moves.append(Move(source, names.take(wanted), label))
        seen.add(place)
    counts = dict(Counter(each.label for each in moves))
    return SortPlan(destination, move, tuple(moves), tuple(skipped), tuple(settled), counts)


class _Surroundings(dict[Path, set[str]]):
    """The folders around a folder and itself, links resolved; looked up once for all its pictures."""

    def __missing__(self, folder: Path) -> set[str]:
        self[folder] = {_same(each) for each in (folder, *folder.parents)}
        return self[folder]


def _copy_exists(wanted: Path, source: Path) -> bool:
    """Whether the disk holds the source's very bytes under that name or one numbered after it."""
    number = 1
    while (path := numbered(wanted, number)).exists():
        if _same_bytes(path, source):
            return True
        number += 1
    return False


def _same(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        same_size = one.is_file() and one.stat().st_size == other.stat().st_size
        return same_size and file_sha256(one) == file_sha256(other)
    except OSError:
        # What cannot be read is not known to be the same.
        return False
