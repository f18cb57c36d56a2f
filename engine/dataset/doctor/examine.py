"""Examine a labelled folder: what is wrong with it, and what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import images
from engine.dataset.doctor import classes, quality
from engine.dataset.doctor.copies import copies
from engine.dataset.doctor.findings import Finding, Kind, in_order, relabel_to
from engine.dataset.doctor.mislabelled import Opinion, judge
from engine.dataset.layouts import Item, LabelledFolder, read_labelled
from engine.dataset.likeness import find_copies
from engine.dataset.look_memory import LookMemory
from engine.dataset.survey import Look, survey

Floats = npt.NDArray[np.float32]

Stage = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""

Features = Callable[[Sequence[Path], Callable[[int], None], threading.Event], Floats]
"""Features of pictures: float32 [n, d], rows of zeros where there are none. Told a progress callback and a cancel."""

READING = "Looking at each photo"
KNOWING = "Finding out what they show"
COMPARING = "Comparing them"


@dataclass(frozen=True)
class Report:
    """The doctor's report.

    Attributes:
        folder: What was examined.
        pictures: How many labelled pictures it holds, unreadable ones included.
        classes: Class names, in natural order.
        findings: Worst kinds first, then by path; the same for the same folder.
        complete: False when it was cancelled; then findings that take the whole folder are missing.
    """

    folder: Path
    pictures: int
    classes: tuple[str, ...]
    findings: tuple[Finding, ...]
    complete: bool

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind is kind)


def examine(
    folder: Path,
    features: Features | None = None,
    *,
    progress: Stage | None = None,
    cancel: threading.Event | None = None,
    cache: Path | None = None,
) -> Report:
    """Examine a labelled folder; nothing in it is changed.

    Args:
        features: Where embeddings come from (`engine.training`); without them mislabelled pictures are not looked
            for, and copies are told by their pixels alone.
        cancel: Ends it early, with what was found so far.
        cache: Where looks at unchanged pictures are remembered; None looks at all of them anew.

    Raises:
        DatasetError: the folder holds no labelled pictures.
    """
    cancel = cancel or threading.Event()
    tell = progress or (lambda stage, done, total: None)
    labelled = read_labelled(folder, one_class_will_do=True)
    items = labelled.items
    paths = [item.path for item in items]
    with closing(LookMemory(cache)) as memory:
        looks = survey(paths, progress=lambda done, total: tell(READING, done, total), cancel=cancel, memory=memory)
    findings = [*quality.unreadable(looks), *quality.misnamed(looks), *quality.poor(looks, folder)]
    if len(looks) < len(items):
        return _report(labelled, findings, complete=False)
    usable = [item for item, look in zip(items, looks, strict=True) if look.error is None]
    findings += classes.class_sizes(folder, usable)
    findings += classes.left_out(folder, labelled.problems)
    findings += classes.other_files(folder, items)
    vectors = None
    if features is not None:
        vectors = _features(features, looks, lambda done: tell(KNOWING, done, len(usable)), cancel)
    if not cancel.is_set():
        findings += _compared(labelled, looks, vectors, tell, cancel)
    return _report(labelled, findings, complete=not cancel.is_set())


def _report(labelled: LabelledFolder, findings: list[Finding], complete: bool) -> Report:
    return Report(labelled.folder, len(labelled.items), labelled.classes, tuple(in_order(findings)), complete)


def _features(
    features: Features, looks: Sequence[Look], progress: Callable[[int], None], cancel: threading.Event
) -> Floats | None:
    """float32 [n, d], L2-normalised, zeros for what cannot be opened; None if it was cancelled or there is nothing."""
    rows = [at for at, look in enumerate(looks) if look.error is None]
    if not rows:
        return None
    found = features([looks[at].path for at in rows], progress, cancel)
    if cancel.is_set():
        return None
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    vectors = np.zeros((len(looks), found.shape[1]), dtype=np.float32)
    vectors[rows] = found / np.maximum(lengths, 1e-12)
    return vectors


def _compared(
    labelled: LabelledFolder, looks: Sequence[Look], vectors: Floats | None, tell: Stage, cancel: threading.Event
) -> list[Finding]:
    items = labelled.items
    pairs = find_copies(looks, vectors, progress=lambda done, total: tell(COMPARING, done, total), cancel=cancel)
    opinion = None
    if vectors is not None and not cancel.is_set():
        position = {name: number for number, name in enumerate(labelled.classes)}
        labels = np.array([position[item.label] for item in items], dtype=np.intp)
        opinion = judge(vectors, labels, pairs.groups(len(items)), cancel)
    if cancel.is_set():
        return []
    doubt = (lambda at: 0.5) if opinion is None else (lambda at: 1.0 - float(opinion.own[at]))
    findings = list(copies(items, looks, pairs, doubt))
    if opinion is not None:
        settled = {finding.path for finding in findings if finding.kind is Kind.CONFLICTING_LABELS and finding.fixable}
        findings += _mislabelled(items, labelled.classes, opinion, settled)
    return findings


def _mislabelled(items: Sequence[Item], names: Sequence[str], opinion: Opinion, settled: set[Path]) -> list[Finding]:
    findings = []
    for at in opinion.doubted.tolist():
        item, better = items[at], names[int(opinion.best[at])]
        if item.path not in settled:
            message = f"{images.display_name(item.path)} is called {item.label}, but looks like {better}."
            findings.append(Finding(Kind.MISLABELLED, item.path, None, message, relabel_to(better)))
    return findings
