"""A Teach page with a trainer that trains nothing: a test feeds it events, kind and unkind."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.dataset.doctor import Report, examine
from engine.errors import WhiskerError
from engine.paths import Home
from engine.training.evaluation import evaluate_predictions
from engine.training.events import Cancelled, Exported, Finished, Last, Prepared, TrainingEvent
from engine.training.plan import TrainingPlan
from gui.teach.page import RESULT, TeachPage
from tests.bundles import make_bundle
from tests.conftest import picture
from tests.gui.conftest import Opened

CLASSES = ("cat", "dog")
PREPARED = Prepared(("cat", "dog"), 12, 2, 2, 0, ("A note.",), 9.0)


class FakeRun:
    """Gives what is fed to it; ends when asked, unless it is deaf."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.fed: queue.Queue[TrainingEvent | None] = queue.Queue()
        self.cancels = 0
        self.deaf = False

    def cancel(self) -> None:
        self.cancels += 1
        if not self.deaf:
            self.fed.put(Cancelled("asked"))

    def events(self) -> Iterator[TrainingEvent]:
        while (event := self.fed.get()) is not None:
            yield event
            if isinstance(event, Last):
                return


@dataclass
class FakeTrainer:
    """Stands for `engine.training.trainer.Trainer`."""

    log: Path
    there: bool = True
    refuses: WhiskerError | None = None
    plans: list[TrainingPlan] = field(default_factory=list)
    runs: list[FakeRun] = field(default_factory=list)
    warmed: int = 0
    cooled: int = 0

    def available(self) -> bool:
        return self.there

    def warm_up(self) -> None:
        self.warmed += 1

    def cool_down(self) -> None:
        self.cooled += 1

    def start(self, plan: TrainingPlan) -> FakeRun:
        self.plans.append(plan)
        if self.refuses is not None:
            raise self.refuses
        self.runs.append(FakeRun(self.log))
        return self.runs[-1]

    def feed(self, *events: TrainingEvent | None) -> None:
        for event in events:
            self.runs[-1].fed.put(event)


@dataclass
class Taught:
    """The window with the Teach page in front, and its trainer."""

    opened: Opened
    page: TeachPage
    trainer: FakeTrainer

    def wait(self, fact: Callable[[], object]) -> None:
        self.opened.wait(fact)

    def settle(self) -> None:
        self.wait(lambda: not self.opened.desk.tasks.busy and not self.page.lesson.busy and not self.page.checkup.busy)

    def open(self, *paths: Path) -> None:
        """As if dropped, and wait until they are read and checked."""
        before = self.page.lesson.pictures
        self.page.lesson.add(list(paths))
        self.wait(lambda: self.page.lesson.pictures > before)
        self.settle()

    def begin(self) -> FakeRun:
        """From step 1 to a run under way."""
        self.page.next.click()
        self.page.next.click()
        self.wait(lambda: self.trainer.runs and self.page.teaching.running)
        return self.trainer.runs[-1]


def examined_here(folder: Path, home: Home, cancel: threading.Event) -> Iterator[Report]:
    """The doctor without a process of its own and without a backbone's eyes: in no time."""
    yield examine(folder, cancel=cancel)


@pytest.fixture
def trainer(tmp_path: Path) -> FakeTrainer:
    log = tmp_path / "training.log"
    log.write_text("Epoch 1\n", encoding="utf-8")
    return FakeTrainer(log)


@pytest.fixture
def taught(opened: Opened, trainer: FakeTrainer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Taught]:
    monkeypatch.setattr("engine.dataset.doctor.apart.examine_apart", examined_here)
    opened.whisker._trainer = trainer  # type: ignore[assignment]
    opened.window.show_page("teach")
    page = opened.window.page("teach")
    assert isinstance(page, TeachPage)
    under_test = Taught(opened, page, trainer)
    under_test.settle()
    yield under_test
    opened.window.end()
    opened.whisker._trainer = None


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with eight different photos in each of cat/ and dog/."""
    folder = tmp_path / "pets"
    for number, label in enumerate(CLASSES):
        (folder / label).mkdir(parents=True)
        for at in range(8):
            tint = Image.new("RGB", (120, 90), (200, 60, 40) if number == 0 else (40, 60, 200))
            Image.blend(picture(100 * number + at, (120, 90)), tint, 0.4).save(folder / label / f"{at}.png")
    return folder


def finished(taught: Taught, photos: Path, tmp_path: Path, *, comparison: dict[str, Any] | None = None) -> Finished:
    """A published model of these classes whose proof says that dog/0 was taken for a cat."""
    shelf = taught.opened.whisker.shelf
    staged = make_bundle(shelf.stage() / "bundle", name="pets")
    paths = [photos / label / f"{at}.png" for label in ("cat", "dog") for at in range(4)]
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    said = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    probabilities = np.where(np.eye(2)[said] > 0, 0.9, 0.1).astype(np.float32)
    metrics = evaluate_predictions(probabilities, truth, ("cat", "dog"))
    rows = [
        {
            "path": str(path),
            "label": ("cat", "dog")[truth[at]],
            "predicted_class": ("cat", "dog")[said[at]],
            "confidence": 0.9,
            "flips": comparison is not None and at >= 6,
        }
        for at, path in enumerate(paths)
    ]
    part = {"low": 0.8, "high": 0.9, "count": 8, "confidence": 0.9, "accuracy": 0.875}
    proof = {"test": rows, "reliability": [part], "epochs": [], "comparison": comparison}
    (staged / "evaluation.json").write_text(json.dumps(proof), encoding="utf-8")
    entry = shelf.publish(staged, "pets", proved=True)
    return Finished(entry.name, entry.version, metrics, 3.0, comparison, ("Only 8 photos were left to judge by.",))


def to_result(taught: Taught, photos: Path, tmp_path: Path, comparison: dict[str, Any] | None = None) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(
        PREPARED, Exported("int8", 0.0, 1.0, "fast"), finished(taught, photos, tmp_path, comparison=comparison)
    )
    taught.wait(lambda: taught.page.step == RESULT and not taught.page.teaching.running)
    taught.settle()
