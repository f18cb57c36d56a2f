"""A notice comes when what a model is shown has changed, and hardly ever when it has not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.card import Card
from engine.drift import CHANCE, FEWEST, LATEST, LOOK_EVERY, LOOKED_AT, _chi_square_tail, homogeneity, outlook, tail
from engine.history_rows import Glance
from engine.paths import Home
from engine.whisker import Whisker
from tests.bundles import BLUE, GREY, make_bundle, solid

FAR_BELOW = -0.8


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """cat and dog, 250 times each among the pictures it was judged by."""
    made = Card.read(make_bundle(tmp_path / "cats-dogs"))
    metrics: dict[str, Any] = {
        **(made.metrics or {}),
        "confusion_matrix": {"classes": ["cat", "dog"], "matrix": [[249, 1], [1, 249]]},
    }
    return replace(made, metrics=metrics, training={"familiarity": {"far_below": FAR_BELOW, "images": 500}})


def glances(names: list[str], familiarity: list[float] | None = None) -> list[Glance]:
    """Newest first; the newest row's number is one at which is looked anew."""
    newest = (len(names) + LOOK_EVERY - 1) // LOOK_EVERY * LOOK_EVERY
    familiar = familiarity or [0.0] * len(names)
    return [Glance(newest - at, name, False, familiar[at], newest - at) for at, name in enumerate(names)]


def test_that_the_same_mix_is_no_drift(card: Card) -> None:
    seen = outlook(card, glances(["cat", "dog"] * 100))
    assert seen.signs == ()
    assert (seen.pictures, seen.mix, seen.expected) == (200, {"cat": 100, "dog": 100}, {"cat": 0.5, "dog": 0.5})


def test_that_mostly_dogs_is_said_of_the_dogs(card: Card) -> None:
    (sign,) = outlook(card, glances((["dog"] * 4 + ["cat"]) * 40)).signs
    assert (sign.kind, sign.class_name, sign.share, sign.expected) == ("class_mix", "dog", 0.8, 0.5)
    assert sign.chance < CHANCE


def test_that_too_few_pictures_never_make_a_notice(card: Card) -> None:
    assert outlook(card, []).signs == ()
    assert outlook(card, glances(["dog"] * (FEWEST - 1))).signs == ()
    assert outlook(card, glances(["dog"] * FEWEST)).signs


def test_that_one_photo_looked_at_again_and_again_is_one_photo(card: Card) -> None:
    again = [replace(glance, picture="/p/rex.jpg") for glance in glances(["dog"] * 200)]
    seen = outlook(card, again)
    assert (seen.pictures, seen.signs) == (1, ())


def test_that_a_trifle_is_no_drift_however_many_pictures_prove_it(card: Card) -> None:
    names = ["dog"] * 130 + ["cat"] * 70
    assert homogeneity([70, 130], [250, 250]) < CHANCE
    assert outlook(card, glances(names)).signs == ()


def test_that_it_is_looked_anew_only_after_every_fiftieth_prediction(card: Card) -> None:
    cats = glances(["cat", "dog"] * 100)
    newest = cats[0].row
    more = [Glance(newest + at, "dog", False, 0.0, newest + at) for at in range(LOOK_EVERY - 1, 0, -1)]
    assert outlook(card, (more + cats)[:LOOKED_AT]).signs == ()
    assert outlook(card, (more + cats)[:LOOKED_AT]).mix["dog"] > 100  # the bars are up to date all the same


def test_that_many_pictures_far_from_what_was_taught_are_noticed(card: Card) -> None:
    far = [FAR_BELOW - 1.0 if at % 5 < 2 else 0.0 for at in range(LATEST)]
    (sign,) = outlook(card, glances(["cat", "dog"] * 100, far)).signs
    assert (sign.kind, sign.share, sign.expected) == ("distance", 0.4, 0.1)


def test_that_a_card_without_the_distance_goes_by_the_unknown(card: Card) -> None:
    plain = replace(card, training={})
    known = glances(["cat", "dog"] * 100)
    assert outlook(plain, known).signs == ()
    (sign,) = outlook(plain, [replace(glance, unknown=at < 60) for at, glance in enumerate(known)]).signs
    assert (sign.kind, sign.share) == ("distance", 0.3)


def test_that_a_model_that_was_never_judged_is_compared_with_nothing(card: Card) -> None:
    seen = outlook(replace(card, metrics=None, unknown_threshold=None), glances(["dog"] * 200))
    assert (seen.expected, seen.signs, seen.mix) == (None, (), {"dog": 200})


def test_that_a_class_the_model_no_longer_has_does_no_harm(card: Card) -> None:
    assert outlook(card, glances(["fox"] * 200)).signs[0].class_name == "fox"


@pytest.mark.parametrize("classes", [2, 10, 100])
@pytest.mark.parametrize("pictures", [FEWEST, LATEST])
def test_that_false_alarms_are_few_and_real_changes_are_seen(classes: int, pictures: int, card: Card) -> None:
    random = np.random.default_rng(classes + pictures)
    names = [f"class {number}" for number in range(classes)]
    alarms = changes = seen = 0
    for _ in range(100):
        mix = random.dirichlet(np.ones(classes) * 2)
        matrix = np.diag(random.multinomial(500, mix)).tolist()
        model = replace(card, metrics={"confusion_matrix": {"classes": names, "matrix": matrix}})
        same = random.choice(names, pictures, p=mix).tolist()
        alarms += bool(outlook(model, glances(same)).signs)
        # Half of what comes is of one class now.
        shifted = 0.5 * mix
        shifted[random.integers(classes)] += 0.5
        if np.abs(mix - shifted).sum() / 2 > 0.35:
            changes += 1
            seen += bool(outlook(model, glances(random.choice(names, pictures, p=shifted).tolist())).signs)
    assert alarms == 0
    assert changes > 10
    assert seen / changes > 0.95


def test_that_the_tests_agree_with_tables() -> None:
    for square, degrees in ((10.828, 1), (13.816, 2), (18.467, 4), (59.703, 30), (149.449, 100)):
        assert _chi_square_tail(square, degrees) == pytest.approx(0.001, rel=0.001)
    assert homogeneity([5, 5], [0, 0]) == 1.0
    assert homogeneity([1, 0, 0], [0, 1, 0]) == 1.0
    assert tail(0, 100, 10, 90) == pytest.approx(1.0)
    # With very much known beforehand it is the binomial: P(X >= 6 | 10, 1/2) = 0.377
    assert tail(6, 10, 5e8, 5e8) == pytest.approx(0.376953, abs=1e-4)


def test_that_the_engine_looks_at_what_was_answered(home: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "models" / "cats-dogs")
    whisker = Whisker(Home(home), tmp_path / "models")
    for number in range(3):
        whisker.classify(solid(tmp_path / f"{number}.png", BLUE), origin="cli")
    whisker.classify(solid(tmp_path / "grey.png", GREY), origin="api")
    whisker.classify(solid(tmp_path / "grey.png", GREY), origin="api")
    seen = whisker.outlook()
    assert (seen.pictures, seen.mix, seen.unknown) == (4, {"dog": 3}, 1)
    assert whisker.outlook() is seen
    whisker.close()
