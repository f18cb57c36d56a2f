"""Trainings with a stand-in for the child that imports TensorFlow, and what such a child leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.bulletin import Bulletin
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training.events import Stage, TrainingEvent
from engine.training.plan import TrainingPlan
from engine.training.process import Target
from engine.training.run import TrainingRun
from engine.training.trainer import Trainer
from tests.bundles import make_bundle


@pytest.fixture
def bulletin() -> Bulletin:
    return Bulletin()


@pytest.fixture
def shelf(home: Path, tmp_path: Path, bulletin: Bulletin) -> ModelShelf:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    return ModelShelf(Home(home), tmp_path / "builtin", bulletin)


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return TrainingPlan(folder, "pets")


MakeTrainer = Callable[[Target], Trainer]


@pytest.fixture
def trainer_with(home: Path, shelf: ModelShelf, bulletin: Bulletin) -> Iterator[MakeTrainer]:
    made: list[Trainer] = []

    def make(target: Target) -> Trainer:
        made.append(Trainer(Home(home), shelf, bulletin, target=target))
        return made[-1]

    yield make
    for trainer in made:
        trainer.close()


def pids(plan: TrainingPlan) -> list[int]:
    """The children that took up this plan's job."""
    return [int(line.split()[0]) for line in (plan.folder / "pids").read_text(encoding="utf-8").splitlines()]


def left_behind(home: Path) -> list[Path]:
    return [*Home(home).staging.glob("*"), *Home(home).checkpoints.glob("*")]


def until_at_work(run: TrainingRun) -> Iterator[TrainingEvent]:
    """Follow a run until its child is in the middle of it."""
    events = run.events()
    for event in events:
        if isinstance(event, Stage):
            return events
    raise AssertionError("it ended before it was at work")


def the_last(events: Iterator[TrainingEvent]) -> TrainingEvent:
    return list(events)[-1]
