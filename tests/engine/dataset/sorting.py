"""Pictures to sort, what lies in a folder, and a power cut at any step, for the tests of sorting."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.dataset import sorter
from engine.prediction import Prediction

CLASSES = ("cat", "dog", "fox/wolf")


def answer(path: Path, label: str = "cat", confidence: float = 0.95, unknown: bool = False) -> Prediction:
    probabilities = np.full(len(CLASSES), (1 - confidence) / (len(CLASSES) - 1), dtype=np.float32)
    probabilities[CLASSES.index(label)] = confidence
    return Prediction(str(path), CLASSES, probabilities, None, unknown, "animals", 1, 1.0, path)


def content(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: a file's bytes, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def files(folder: Path) -> list[str]:
    return [name for name, inside in content(folder).items() if inside is not None]


class Desk:
    """An inbox of seven pictures, some in sub-folders, and a place to sort them into."""

    def __init__(self, root: Path) -> None:
        self.root = root / "desk"
        self.inbox = self.root / "inbox"
        self.sorted = self.root / "sorted"
        self.journals = root / "journals"
        names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "x/a.jpg", "y/a.jpg"]
        self.pictures = [self.inbox / name for name in names]
        for number, picture in enumerate(self.pictures):
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(bytes([number]) * (1000 + number))
            os.utime(picture, (1_000_000 + number, 1_000_000 + number))
        self.before = content(self.root)

    def plan(self, move: bool) -> sorter.SortPlan:
        outcomes = [answer(picture, CLASSES[picture.read_bytes()[0] % 2]) for picture in self.pictures]
        return sorter.plan(outcomes, self.sorted, min_confidence=0.8, move=move)

    def sort(self, move: bool, **options: Any) -> sorter.Journal:
        return sorter.apply(self.plan(move), self.journals, **options)

    def undo(self) -> tuple[int, dict[str, str]]:
        """How many were put back, and what was left, with the reason."""
        left: dict[str, str] = {}
        restored = sorter.undo(self.journals, lambda path, reason: left.update({self.name(path): reason}))
        return restored, left

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


SORTED = ["cat/a (2).jpg", "cat/a.jpg", "cat/c.jpg", "cat/e.jpg", "dog/a.jpg", "dog/b.jpg", "dog/d.jpg"]


class Crash(BaseException):
    """The power goes."""


def fail_at(patch: pytest.MonkeyPatch, step: int, error: BaseException, for_good: bool = False) -> None:
    """The file system's `step`-th operation fails, and if `for_good` all after it: the program is no more."""
    steps = iter(range(1, 1_000_000))

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            now = next(steps)
            if now == step or (for_good and now > step):
                raise error
            return real(*args, **options)

        return operation

    for name in ("link", "rename", "unlink", "mkdir", "rmdir", "replace", "fsync"):
        patch.setattr(os, name, failing(getattr(os, name)))


def crashes(act: Callable[[], object]) -> Iterator[int]:
    """Let `act` crash at its first operation on files, then at its second, and so on until it is through."""
    for step in range(1, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            fail_at(patch, step, Crash(), for_good=True)
            try:
                act()
            except Crash:
                pass
            else:
                return
        yield step
