from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.training.estimate import FILE, Pace
from engine.training.plan import Recipe, TrainingPlan

PLAN = TrainingPlan(Path("/pictures"), "pets")


@pytest.mark.parametrize("recipe", Recipe)
def test_that_more_pictures_take_longer(recipe: Recipe) -> None:
    plan = replace(PLAN, recipe=recipe)
    few, many = (Pace().seconds(plan, images) for images in (100, 5000))
    assert 0 < few < many


def test_that_more_epochs_and_larger_pictures_take_longer_from_scratch() -> None:
    plan = replace(PLAN, recipe=Recipe.CNN, epochs=10, image_size=128)
    seconds = Pace().seconds(plan, 1000)
    assert Pace().seconds(replace(plan, epochs=20), 1000) > seconds
    assert Pace().seconds(replace(plan, image_size=256), 1000) > seconds


def test_that_the_smaller_backbone_is_quicker() -> None:
    lite0, lite2 = (Pace().seconds(replace(PLAN, backbone=name), 2000) for name in ("lite0", "lite2"))
    assert lite0 < lite2


def test_that_an_estimate_comes_true_after_a_training_was_timed() -> None:
    pace = Pace().learnt(PLAN, 1000, 123.0)
    assert pace.seconds(PLAN, 1000) == pytest.approx(123.0)
    later = pace.learnt(PLAN, 1000, 61.5)
    assert 61.5 < later.seconds(PLAN, 1000) < 123.0
    other = replace(PLAN, recipe=Recipe.CNN)
    assert pace.seconds(other, 1000) == Pace().seconds(other, 1000)


def test_that_a_pace_is_kept(tmp_path: Path) -> None:
    pace = Pace().learnt(PLAN, 1000, 50.0)
    pace.write(tmp_path / "new")
    assert Pace.read(tmp_path / "new") == pace
    assert os.listdir(tmp_path / "new") == [FILE]


@pytest.mark.parametrize("content", ["", "[1]", '{"quick": "x"}', "{"])
def test_that_a_damaged_pace_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert Pace.read(tmp_path) == Pace()
    assert Pace.read(tmp_path / "nowhere") == Pace()


def test_that_a_disk_that_refuses_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Pace({"quick": 2.0}).write(tmp_path / "file" / "below")
    assert Pace.read(tmp_path / "file" / "below") == Pace()


def test_that_an_absurd_pace_is_tamed(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"quick": 1e9}')
    assert Pace.read(tmp_path).factors["quick"] == 50.0


def test_that_a_machine_is_measured_once_before_its_first_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.training import speed

    turns = iter((4 * speed.REFERENCE_S,))
    monkeypatch.setattr(speed, "seconds_a_picture", lambda: next(turns))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    slow = speed.measured(tmp_path)
    assert slow.seconds(PLAN, 1000) == pytest.approx(4 * Pace({"quick": 1.0}).seconds(PLAN, 1000))
    assert not slow.timed(PLAN)
    assert speed.measured(tmp_path) == slow
    learnt = slow.learnt(PLAN, 1000, 9.0)
    assert learnt.timed(PLAN)
    assert learnt.seconds(PLAN, 1000) == pytest.approx(9.0)
    other = replace(PLAN, recipe=Recipe.CNN)
    assert learnt.seconds(other, 1000) == slow.seconds(other, 1000)


def test_that_the_backbone_is_really_timed() -> None:
    from engine.training.speed import seconds_a_picture

    assert 0 < seconds_a_picture() < 60
