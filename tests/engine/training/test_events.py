from __future__ import annotations

import json
import pickle
from typing import get_args

import pytest

from engine.training.events import (
    Batch,
    Cancelled,
    Epoch,
    Exported,
    Failed,
    Finished,
    Last,
    Notice,
    Prepared,
    Resumed,
    Stage,
    TrainingEvent,
)

EVENTS = [
    Notice("A word."),
    Prepared(("cat", "Hündin 🐕"), 8, 1, 2, 0, ("A note.",), 12.5),
    Stage("reading", "Reading", 1, 2, None),
    Batch(1, 2, 3, 0.5, 1.5),
    Epoch(1, 4, 0.5, 0.9, 0.6, 0.8, 2.0),
    Resumed(2),
    Exported("int8", 1e-6, 0.99, "Faster."),
    Finished("pets", 1, {"accuracy": 1.0}, 3.2, {"verdict": "better"}, ("A note.",)),
    Cancelled("asked"),
    Failed("training_died", "It died.", "Again.", "/log"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind())
def test_that_an_event_travels_through_a_pipe_and_as_json(event: TrainingEvent) -> None:
    assert pickle.loads(pickle.dumps(event)) == event
    plain = json.loads(json.dumps(event.as_json()))
    assert plain.pop("event") == event.kind()
    assert list(plain) == list(vars(event))


def test_that_every_kind_is_tried_here() -> None:
    assert {type(event) for event in EVENTS} == set(TrainingEvent.__subclasses__())
    assert {type(event) for event in EVENTS if isinstance(event, Last)} == set(get_args(Last))


def test_that_what_is_no_number_does_not_spoil_json() -> None:
    event = Epoch(1, 4, float("nan"), 0.9, float("inf"), 0.8, 2.0)
    plain = json.loads(json.dumps(event.as_json(), allow_nan=False))
    assert (plain["loss"], plain["val_loss"], plain["accuracy"]) == (None, None, 0.9)
