"""Teach with a thousand classes and ten thousand pictures: the class strips and the table of mix-ups, by heartbeat.

    python -m benchmarks.window_classes [--classes 1000] [--pictures 10000] [--folder FOLDER]

FOLDER holds a folder for each class; without one, pictures are made. They are dropped on the real window. Then the
class strips are scrolled while the check of the photos runs beside it and after it has ended, and at last the matrix of
a result with as many classes and pictures is scrolled, its cells are pressed and its views are changed. A timer of
16 ms in the window's thread notes how long it really took from one beat to the next. Needs no display.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.heartbeat import Heartbeat
from benchmarks.real_window import open_window, settle, wait

CALM_S = 5.0
LONGEST_S = 1800.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=1_000)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="a folder for each class, instead of made pictures")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["WHISKER_HOME"] = str(Path(scratch, "home"))
        folder = arguments.folder or make_classes(Path(scratch, "many things"), arguments.classes, arguments.pictures)
        return measure(folder.absolute())


def make_classes(folder: Path, classes: int, pictures: int) -> Path:
    """Small JPEGs, each different, as many of each class."""
    random = np.random.default_rng(0)
    for index in range(pictures):
        into = folder / f"thing {index % classes:04}"
        into.mkdir(parents=True, exist_ok=True)
        rough = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(rough).resize((160, 120), Image.Resampling.BILINEAR).save(into / f"{index}.jpg")
    return folder


def measure(folder: Path) -> int:
    with open_window(Path(os.environ["WHISKER_HOME"]), page="teach") as opened:
        settle(4.0)
        return watched(opened.window.page("teach"), folder)


def watched(page: Any, folder: Path) -> int:
    watch = Heartbeat()

    began = time.perf_counter()
    with watch.phase("read and shown"):
        page.lesson.add([folder])
        wait(lambda: page.lesson.pictures > 0, LONGEST_S)
        shown = time.perf_counter() - began
        settle(0.3)
    with watch.phase("strips, while the check runs"), hands(lambda turn: scroll(page.images.list, turn)):
        wait(lambda: page.checkup.report is not None or page.checkup.error is not None, LONGEST_S)
        settle(1.0)
    checked = time.perf_counter() - began
    with watch.phase("strips, nothing else running"), hands(lambda turn: scroll(page.images.list, turn)):
        settle(CALM_S)
    views = page.result.views
    outcome = imagined_outcome(page.lesson)
    page.show_step(3)
    with watch.phase("a result comes"):
        views.show_outcome(outcome)
        settle(1.0)
    with watch.phase("matrix scrolled"), hands(lambda turn: scroll(views.confusion, turn, across=True)):
        views.show_view(1)
        settle(CALM_S)
    with watch.phase("cells pressed"), hands(lambda turn: press(views.confusion, turn)):
        settle(CALM_S)
    with watch.phase("views changed"), hands(lambda turn: views.show_view(turn % 5)):
        settle(CALM_S)

    print(f"{len(page.lesson.rows):,} classes, {page.lesson.pictures:,} pictures; load {os.getloadavg()[0]:.1f}")
    print(f"shown after {shown:.1f} s, checked after {checked:.1f} s\n")
    good = watch.report()
    print("\nas it should be" if good else "\nNOT as it should be")
    return 0 if good else 1


class hands:
    """Somebody who does something four times a second."""

    def __init__(self, do: Callable[[int], None]) -> None:
        from PySide6.QtCore import QTimer

        self._turn = 0
        self._do = do
        self._timer = QTimer(interval=250)
        self._timer.timeout.connect(self._on_time)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def _on_time(self) -> None:
        self._do(self._turn)
        self._turn += 1


def scroll(view: Any, turn: int, *, across: bool = False) -> None:
    bars = [view.verticalScrollBar(), *([view.horizontalScrollBar()] if across else [])]
    for bar in bars:
        bar.setValue((turn * 700) % max(1, bar.maximum()))


def press(view: Any, turn: int) -> None:
    classes = len(view.counts.classes)
    at = turn * 37 % classes
    view.choose(at, at if turn % 2 else (at + 1) % classes)


def imagined_outcome(lesson: Any) -> Any:
    """A result for these classes in which every fifth picture is taken for one of the next class."""
    from gui.teach.outcome import Judged, Outcome

    classes = lesson.classes
    place = {name: at for at, name in enumerate(classes)}
    matrix = [[0] * len(classes) for _ in classes]
    judged = []
    for number, (path, label) in enumerate(lesson.labels.items()):
        said = classes[(place[label] + (number % 5 == 0)) % len(classes)]
        matrix[place[label]][place[said]] += 1
        judged.append(Judged(path, label, said, 0.5 + number % 50 / 100, number % 11 == 0))
    right = sum(each.right for each in judged)
    score = {"precision": 0.8, "recall": 0.8, "f1": 0.8, "support": 10, "recall_interval": (0.5, 0.95)}
    metrics = {
        "images": len(judged),
        "accuracy": right / len(judged),
        "accuracy_interval": (0.78, 0.82),
        "per_class": dict.fromkeys(classes, score),
        "ece": 0.03,
    }
    return Outcome("many", 1, classes, matrix, metrics, None, (), 60.0, tuple(judged))


if __name__ == "__main__":
    raise SystemExit(main())
