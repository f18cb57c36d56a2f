"""From a labelled folder to pictures with labels, each on its side of the split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.dataset.layouts import Item, read_labelled
from engine.dataset.likeness import find_copies, groups_of
from engine.dataset.picture_files import natural_key
from engine.dataset.split import TEST, Split, naive_split, split
from engine.dataset.survey import Look, Progress, survey
from engine.errors import DatasetError, TrainingCancelled
from engine.training.plan import TrainingPlan

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

FEWEST = 2  # pictures in a class: one to learn from, one to judge by
RARE = 3.0  # a class this many times smaller than the largest gets a note
FEW_TO_JUDGE = 30
FEWEST_TO_DIVIDE = 10  # pictures in a class from which on a split must give some of them to each side
_ALIKE: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.0, ()),
    (
        0.985,
        (
            "The photos look much alike, so only those that are all but the same were kept together. If they are "
            "of one camera or one day, judge the model by photos of another as well.",
        ),
    ),
    (
        1.0,
        (
            "The photos look so much alike that copies cannot be told from the rest. If they are frames of one "
            "video, the score is too high: judge the model by photos of another day.",
        ),
    ),
)
"""Correlations from which on pictures are copies, and what is said when it takes that much to divide them."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Labelled pictures that can all be opened.

    Attributes:
        classes: In the model's order.
        paths: n files.
        labels: int64 [n], indices into `classes`.
        parts: For each, "train", "test", "val" or None: where the folder put it.
        looks: What the survey saw of each.
        variants: float32 [n, v, d], features of each picture and then of altered copies of it, if the recipe asks.
        unreadable: Sentences about pictures that were left out.
        notes: Sentences about the folder as a whole.
    """

    classes: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: Labels
    parts: tuple[str | None, ...]
    looks: tuple[Look, ...] = field(repr=False)
    unreadable: tuple[str, ...]
    notes: tuple[str, ...]
    variants: Floats | None = field(default=None, repr=False)

    @property
    def contents(self) -> tuple[str, ...]:
        """SHA-256 of each file."""
        return tuple(look.content for look in self.looks)

    @property
    def fingerprint(self) -> str:
        """Names this data: the same pictures with the same labels give the same, wherever they lie."""
        digest = hashlib.sha256()
        labelled = zip(self.contents, self.labels, self.parts, strict=True)
        for line in sorted(f"{content} {self.classes[label]} {part or ''}" for content, label, part in labelled):
            digest.update(line.encode())
        return digest.hexdigest()

    def counts(self) -> dict[str, int]:
        """Pictures of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(number) for name, number in zip(self.classes, numbers, strict=True)}

    def divide(self, seed: int) -> tuple[Split, Split]:
        """The honest split, with copies on one side, and the naive one that a careless tool would have made.

        Where there are features, copies are told by them as well as by their pixels. Pictures of one fixed camera may
        all look like copies of one another; then less and less is taken for a copy, until there is a split that can
        judge each class.
        """
        features = None
        if self.variants is not None:
            plain = self.variants[:, 0]
            features = plain / np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-12)
        pairs = find_copies(self.looks, features)
        for alike, notes in _ALIKE:
            copies = pairs.similarity >= alike
            groups = groups_of(len(self.paths), pairs.first[copies], pairs.second[copies])
            honest = split(self.labels, groups, self.parts, classes=self.classes, seed=seed, contents=self.contents)
            honest = replace(honest, notes=(*honest.notes, *notes))
            if self._judges(honest):
                break
        return honest, naive_split(self.labels, self.parts, classes=self.classes, seed=seed)

    def _judges(self, honest: Split) -> bool:
        """Whether each class gives at least half of what it should to the test, and some to validate with."""
        if honest.leaked.size or any(part in ("test", "val") for part in self.parts):
            return True  # The folder's own split is as it is.
        counts, judged, steering = (
            np.bincount(self.labels[rows], minlength=len(self.classes))
            for rows in (np.arange(len(self.labels)), honest.test, honest.validation)
        )
        enough = counts >= FEWEST_TO_DIVIDE
        return bool((judged[enough] >= TEST * counts[enough] / 2).all() and (steering[enough] > 0).all())

    def class_weights(self, chosen: npt.NDArray[np.intp]) -> Floats:
        """float32 [classes]: so that every class weighs the same among the `chosen`; 1 on average over pictures."""
        counts = np.bincount(self.labels[chosen], minlength=len(self.classes)).astype(np.float32)
        present = np.count_nonzero(counts)
        weights: Floats = np.where(counts > 0, counts.sum() / (present * np.maximum(counts, 1)), 0).astype(np.float32)
        return weights


Seeing = Callable[[Sequence[Path], Progress], tuple[Sequence[Look], Floats | None]]
"""Looks at pictures, and their features (see `Pictures.variants`) where the recipe wants them; told of its progress."""


def prepare(plan: TrainingPlan, progress: Progress, check: Callable[[], None], see: Seeing | None = None) -> Pictures:
    """Read and open every picture of the plan's folder, and of its test folder.

    Args:
        progress: Told how many pictures are opened, and of how many.
        check: Called between pictures; raises when the run is cancelled.
        see: Opens them; a plain survey unless given.

    Raises:
        DatasetError: nothing can be learnt from this folder.
    """
    items, notes = _items(plan)
    labels = sorted({item.label for item in items}, key=natural_key)

    def opened(done: int, total: int) -> None:
        check()
        progress(done, total)

    looks, variants = (see or _survey)([item.path for item in items], opened)
    if len(looks) < len(items):
        raise TrainingCancelled("Cancelled.")
    readable = [(item, look) for item, look in zip(items, looks, strict=True) if look.error is None]
    unreadable = tuple(str(look.error) for look in looks if look.error is not None)
    if not readable:
        raise DatasetError(f"None of the photos in {plan.folder.name} can be opened.", "Copy them again.")
    counts: dict[str, int] = {}
    for item, _ in readable:
        if item.split != "test":
            counts[item.label] = counts.get(item.label, 0) + 1
    classes = tuple(name for name in labels if counts.get(name, 0) >= FEWEST)
    dropped = [name for name in labels if name not in classes]
    if dropped:
        notes.append(f"Left out for having fewer than {FEWEST} usable photos: {', '.join(dropped[:5])}.")
    if len(classes) < 2:
        raise DatasetError(
            f"{plan.folder.name} has {'one class' if classes else 'no class'} with at least {FEWEST} usable photos.",
            "Show at least two classes, with twenty photos each or more.",
        )
    position = {name: number for number, name in enumerate(classes)}
    rows = [at for at, (item, look) in enumerate(zip(items, looks, strict=True)) if _usable(item, look, position)]
    kept = [(items[row], looks[row]) for row in rows]
    _note_rare_classes(counts, classes, notes)
    return Pictures(
        classes=classes,
        paths=tuple(item.path for item, _ in kept),
        labels=np.array([position[item.label] for item, _ in kept], dtype=np.int64),
        parts=tuple(item.split for item, _ in kept),
        looks=tuple(look for _, look in kept),
        unreadable=unreadable,
        notes=tuple(notes),
        variants=None if variants is None else variants[rows],
    )


def _survey(paths: Sequence[Path], progress: Progress) -> tuple[Sequence[Look], Floats | None]:
    return survey(paths, progress=progress), None


def _usable(item: Item, look: Look, classes: Container[str]) -> bool:
    return look.error is None and item.label in classes


def _items(plan: TrainingPlan) -> tuple[list[Item], list[str]]:
    labelled = read_labelled(plan.folder)
    items, notes = list(labelled.items), list(labelled.problems)
    if plan.test is not None:
        if any(item.split == "test" for item in items):
            items = [item for item in items if item.split != "test"]
            notes.append("The folder's own test photos were left out in favour of the test folder.")
        judged = read_labelled(plan.test, one_class_will_do=True)
        strangers = sorted({item.label for item in judged.items} - set(labelled.classes))
        if strangers:
            notes.append(f"Test photos of classes that are not taught were left out: {', '.join(strangers[:5])}.")
        known = set(labelled.classes)
        items += [Item(item.path, item.label, "test") for item in judged.items if item.label in known]
        notes += judged.problems
    return items, notes


def _note_rare_classes(counts: dict[str, int], classes: tuple[str, ...], notes: list[str]) -> None:
    largest = max(counts[name] for name in classes)
    rare = [name for name in classes if counts[name] * RARE <= largest]
    if rare:
        notes.append(
            f"Rare classes count for more, so that they are not overlooked: {', '.join(rare[:5])}"
            f"{' and others' if len(rare) > 5 else ''}."
        )
