from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from engine.errors import PlanError
from engine.training.plan import BACKBONE_SIDE, Recipe, TrainingPlan, knobs

PLAN = TrainingPlan(Path("/pictures"), "pets")


@pytest.mark.parametrize("recipe", Recipe)
def test_that_every_recipe_has_a_default_for_every_number_or_finds_it(recipe: Recipe) -> None:
    """Recipes with a frozen network learn a head in as many steps as that takes."""
    plan = replace(PLAN, recipe=recipe).checked()
    found = {"epochs"} if recipe in (Recipe.QUICK, Recipe.VGG16, Recipe.RESNET50) else set()
    assert {name for name in knobs() if getattr(plan, name) is None} == found
    assert plan.checked() == plan
    assert recipe.title
    assert recipe.description.endswith(".")


@pytest.mark.parametrize("backbone", BACKBONE_SIDE)
def test_that_a_backbone_brings_its_picture_size(backbone: str) -> None:
    plan = replace(PLAN, backbone=backbone)
    assert plan.checked().image_size == BACKBONE_SIDE[backbone]
    assert replace(plan, image_size=288).checked().image_size == 288


def test_that_what_the_person_chose_stays() -> None:
    chosen = replace(PLAN, recipe=Recipe.CNN, epochs=3, dropout=0.0, batch_size=1).checked()
    assert (chosen.epochs, chosen.dropout, chosen.batch_size) == (3, 0.0, 1)


@pytest.mark.parametrize("name", knobs())
def test_that_a_number_past_its_range_is_refused_and_its_ends_are_not(name: str) -> None:
    allowed = knobs()[name]
    for fine in (allowed.low, allowed.high):
        replace(PLAN, **{name: fine}).checked()
    for wrong in (allowed.low - 1, allowed.high + 1, float("nan")):
        with pytest.raises(PlanError, match=allowed.title):
            replace(PLAN, **{name: wrong}).checked()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"seed": 2**31},
        {"backbone": "lite9"},
        {"recipe": Recipe.CNN, "backbone": "lite0"},
        {"weights": Path(__file__)},
        {"recipe": Recipe.VGG16, "weights": Path("nowhere.h5")},
    ],
)
def test_that_what_does_not_go_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(PlanError):
        replace(PLAN, **change).checked()


def test_that_a_plan_is_json_with_every_field() -> None:
    plain = json.loads(json.dumps(replace(PLAN, test=Path("/t")).checked().as_json()))
    assert set(plain) == {field.name for field in fields(TrainingPlan)}
    assert (plain["folder"], plain["recipe"], plain["test"], plain["weights"]) == ("/pictures", "quick", "/t", None)


def test_that_a_fingerprint_names_a_plan_and_no_other() -> None:
    assert PLAN.fingerprint() == replace(PLAN).fingerprint()
    others = [replace(PLAN, seed=1), replace(PLAN, name="x"), replace(PLAN, epochs=2), replace(PLAN, test=Path("/t"))]
    assert len({plan.fingerprint() for plan in [PLAN, *others]}) == 5
