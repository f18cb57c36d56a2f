from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.history import History
from engine.predictor import Predictor
from engine.replay import recent_pictures, replay
from tests.bundles import BLUE, GREY, RED, make_bundle, solid


@pytest.fixture
def before(tmp_path: Path) -> Predictor:
    return Predictor(make_bundle(tmp_path / "pets", version=1))


@pytest.fixture
def after(tmp_path: Path) -> Predictor:
    """Takes blue things for cats: the classes' colours are swapped."""
    return Predictor(make_bundle(tmp_path / "other", ("dog", "cat"), name="pets", version=2))


def test_that_changes_and_what_people_said_are_told(
    history: History, before: Predictor, after: Predictor, tmp_path: Path
) -> None:
    for name, colour in (("red", RED), ("blue", BLUE), ("grey", GREY)):
        history.record([before.predict(solid(tmp_path / f"{name}.png", colour))], "window")
    history.correct(recent_pictures(history, 10)[2].id, "cat")
    grey, blue, red = replay(before, after, recent_pictures(history, 10))
    assert grey is not None
    assert blue is not None
    assert red is not None
    assert (grey.changed, blue.changed, red.changed) == (False, True, True)
    assert (blue.before.predicted_class, blue.after.predicted_class) == ("dog", "cat")
    assert (red.right, red.confirmed) == ((True, False), True)
    assert (blue.right, blue.confirmed) == (None, False)


def test_that_a_label_for_what_the_model_refused_is_no_confirmation(
    history: History, before: Predictor, after: Predictor, tmp_path: Path
) -> None:
    (row,) = history.record([before.predict(solid(tmp_path / "grey.png", GREY))], "window")
    history.correct(row, history.row(row).predicted_class)
    (grey,) = replay(before, after, recent_pictures(history, 10))
    assert grey is not None
    assert (grey.right, grey.confirmed) == ((False, False), False)


def test_that_each_file_is_asked_about_once_with_its_latest_answer(
    history: History, before: Predictor, tmp_path: Path
) -> None:
    path = solid(tmp_path / "a.png", RED)
    for _ in range(3):
        history.record([before.predict(path)], "window")
    history.record([before.predict(path.read_bytes())], "api")
    assert [row.id for row in recent_pictures(history, 10)] == [3]
    assert recent_pictures(history, 0) == []


def test_that_a_picture_that_is_gone_is_passed_over_and_a_cancel_ends_it(
    history: History, before: Predictor, after: Predictor, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        history.record([before.predict(solid(tmp_path / f"{name}.png", RED))], "window")
    (tmp_path / "b.png").unlink()
    rows = recent_pictures(history, 10)
    assert [one is None for one in replay(before, after, rows)] == [True, False]
    stop = threading.Event()
    stop.set()
    assert list(replay(before, after, rows, stop)) == []
