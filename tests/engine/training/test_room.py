from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import FolderError
from engine.training.events import Finished
from engine.training.plan import Recipe, TrainingPlan
from engine.training.room import MEGABYTE, NEED
from tests.engine.training import children
from tests.engine.training.conftest import MakeTrainer, left_behind, the_last


def leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


@pytest.mark.parametrize("recipe", [Recipe.QUICK, Recipe.FINETUNE, Recipe.CNN])
def test_that_a_disk_that_is_nearly_full_is_said_before_a_training_begins_and_one_with_room_is_used(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path, monkeypatch: pytest.MonkeyPatch, recipe: Recipe
) -> None:
    trainer, need = trainer_with(children.finishes), NEED[recipe]
    leave(monkeypatch, need - MEGABYTE)
    with pytest.raises(FolderError) as refused:
        trainer.start(replace(plan, recipe=recipe))
    said = f"The disk has only {need // MEGABYTE - 1} MB left; a training needs about {need // MEGABYTE} MB."
    assert str(refused.value) == f"{said} Make room and start again."
    assert trainer.running is None
    assert not left_behind(home)
    leave(monkeypatch, need)
    assert isinstance(the_last(trainer.start(replace(plan, recipe=recipe)).events()), Finished)


def test_that_weights_that_are_to_be_fetched_need_room_as_well(
    trainer_with: MakeTrainer, plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trainer_with(children.finishes)
    leave(monkeypatch, NEED[Recipe.VGG16])
    with pytest.raises(FolderError, match="The disk has only"):
        trainer.start(replace(plan, recipe=Recipe.VGG16, fetch_weights=True))
    (plan.folder / "w.h5").touch()
    own = replace(plan, recipe=Recipe.VGG16, weights=plan.folder / "w.h5")
    assert isinstance(the_last(trainer.start(own).events()), Finished)


def test_that_a_disk_that_does_not_say_how_full_it_is_keeps_nobody_from_training(
    trainer_with: MakeTrainer, plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    assert isinstance(the_last(trainer_with(children.finishes).start(plan).events()), Finished)
