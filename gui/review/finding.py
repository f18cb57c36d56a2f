"""Finding what is worth a look, off the GUI thread: among recent answers, or in files and folders."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gui.review.queue import Photo

if TYPE_CHECKING:
    from datetime import datetime

    from engine.card import Card
    from engine.prediction import Prediction
    from engine.whisker import Whisker

POOL = 500
"""Recent answers among which to choose."""
ROUND = 40
"""Photos of one round of recent answers: a few minutes."""
FEW = 12
"""With fewer doubtful ones than this, answers it was sure of are looked at as well."""


@dataclass(frozen=True)
class Found:
    """Attributes:
    photos: In the order in which to ask.
    more: Others that would be worth a look after these.
    unread: Files of a folder that could not be read.
    """

    photos: list[Photo]
    more: int = 0
    unread: int = 0


@dataclass(frozen=True)
class Progress:
    done: int
    total: int


def samples() -> Path | None:
    """The photos that come with Whisker, if they are there."""
    from engine import paths

    return paths.samples() if any(paths.samples().glob("*.jpg")) else None


def among_recent(whisker: Whisker, card: Card, without: frozenset[int]) -> Found:
    """What the model was least sure of, but for the rows `without`.

    Raises:
        HistoryError: the history cannot be read.
    """
    from engine import review

    classes = set(card.classes)
    rows = [
        row
        for row in whisker.history.least_sure(card.name, POOL)
        if row.id not in without and row.path is not None and row.top and row.predicted_class in classes
    ]
    sure_above = float(whisker.settings["sure_above"])
    doubtful = [row for row in rows if row.unknown or row.confidence < sure_above]
    # What it was sure of is asked about only while there is hardly anything else.
    sure = [row for row in rows if not row.unknown and row.confidence >= sure_above]
    rows = doubtful + sure[: max(0, FEW - len(doubtful))]
    photos = [Photo(row.id, row.name, row.path, row.top, row.unknown) for row in rows if row.path is not None]
    order = review.worth_asking(
        [review.uncertainty([share for _, share in photo.top], photo.unknown) for photo in photos],
        review.answer_vectors([photo.top for photo in photos], [row.at for row in rows]),
    )
    chosen = order[:ROUND]
    return Found([photos[index] for index in chosen], len(order) - len(chosen))


def in_folders(
    whisker: Whisker, paths: Sequence[Path], stop: threading.Event, halt: threading.Event
) -> Iterator[Progress | Found]:
    """Ask the model about every picture there; those that people have labelled before are left out.

    Args:
        halt: Ends the asking, with what was answered until then.

    Raises:
        FolderError: a path is not there.
        HistoryError: answers cannot be kept, so neither could labels.
    """
    from datetime import UTC, datetime

    from engine.errors import HistoryError
    from engine.folder_run import find_images
    from engine.prediction import Failure

    known = {correction.path for correction in whisker.history.corrections()}
    files = [file for file in (path.absolute() for path in find_images(paths, stop)) if file not in known]
    yield Progress(0, len(files))
    answered: list[tuple[int, Prediction]] = []
    unread = 0
    for row, outcome in whisker.classify_many(files, origin="window", cancel=_Either(stop, halt)):
        if isinstance(outcome, Failure):
            unread += 1
        elif row is None:
            raise HistoryError("Answers cannot be kept now, so labels could not be either.", "Make room and try again.")
        else:
            answered.append((row, outcome))
        yield Progress(len(answered) + unread, len(files))
    yield _worth_asking(answered, datetime.now(UTC), unread)


def similar_last(whisker: Whisker, photos: Sequence[Photo], stop: threading.Event) -> Iterator[list[int]]:
    """Look at the photos with the model's eyes, and then give a better order: copies and bursts come last."""
    import numpy as np

    from engine import review

    seen: dict[int, review.Floats] = {}
    for index, vector in review.features(whisker.predictor, [photo.path for photo in photos], stop):
        if vector is not None:
            seen[index] = vector
    if not seen or stop.is_set():
        return
    width = len(next(iter(seen.values())))
    vectors = np.full((len(photos), width), np.nan, dtype=np.float32)
    for index, vector in seen.items():
        vectors[index] = vector
    uncertain = [review.uncertainty([share for _, share in photo.top], photo.unknown) for photo in photos]
    yield review.worth_asking(uncertain, vectors)


class _Either(threading.Event):
    """Set when either of two events is."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self._events = (first, second)

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)


def _worth_asking(answered: Sequence[tuple[int, Prediction]], at: datetime, unread: int) -> Found:
    from engine import review
    from engine.history_rows import TOP

    photos = [
        Photo(row, prediction.source, prediction.path, tuple(prediction.top(TOP)), prediction.unknown)
        for row, prediction in answered
        if prediction.path is not None
    ]
    order = review.worth_asking(
        [review.uncertainty([share for _, share in photo.top], photo.unknown) for photo in photos],
        review.answer_vectors([photo.top for photo in photos], [at] * len(photos)),
    )
    return Found([photos[index] for index in order], unread=unread)
