from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from engine.errors import ImageEmpty
from engine.prediction import Prediction
from gui.predict.many.grid_model import MOVES, GridModel
from gui.predict.many.order import Filter, Order
from gui.predict.many.picture import Kept, Picture, State, keep


@pytest.fixture
def model(qapp: object) -> GridModel:
    made = GridModel(0.8)
    made.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]
        made, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return made


def _answer(confidence: float, *, cat: bool = True, unknown: bool = False, row: int | None = None) -> Kept:
    shares = [confidence, 1 - confidence] if cat else [1 - confidence, confidence]
    given = Prediction("x", ("cat", "dog"), np.array(shares, np.float32), 0.5, unknown, "model", 1, 1.0, Path("x"))
    kept = keep(row, given)
    assert isinstance(kept, Kept)
    return kept


def _names(model: GridModel) -> list[str]:
    return [picture.name for picture in model.shown]


def _some(number: int) -> list[Picture]:
    return [Picture(f"/photos/photo {place}.jpg") for place in range(number)]


def test_that_pictures_stand_by_name_however_they_came(model: GridModel) -> None:
    pictures = _some(30)
    random.Random(1).shuffle(pictures)
    model.add(pictures[:10])
    model.add(pictures[10:])
    assert _names(model) == [f"photo {place}.jpg" for place in range(30)]
    assert [model.place(picture) for picture in model.shown] == list(range(30))


def test_that_answers_are_counted_by_what_they_are(model: GridModel) -> None:
    pictures = _some(5)
    model.add(pictures)
    error = ImageEmpty("photo 4.jpg is empty.", "")
    results = [_answer(0.9), _answer(0.95, cat=False), _answer(0.6), _answer(0.9, unknown=True), error]
    model.answer(list(zip(pictures, results, strict=True)))
    wanted = {"cat": 1, "dog": 1, State.UNSURE: 1, State.UNKNOWN: 1, State.FAILED: 1}
    assert {group: number for group, number in model.counts.items() if number} == wanted


@pytest.mark.parametrize("together", [1, 7, MOVES + 20])
@pytest.mark.parametrize("order", list(Order))
def test_that_any_order_holds_while_answers_stream_in(model: GridModel, order: Order, together: int) -> None:
    chance = random.Random(2)
    pictures = _some(200)
    model.choose(order=order)
    model.add(pictures)
    coming = pictures[:]
    chance.shuffle(coming)
    for start in range(0, 200, together):
        some = coming[start : start + together]
        model.answer([(each, _answer(chance.uniform(0.5, 1), cat=chance.random() < 0.5)) for each in some])
        assert model._keys == sorted(model._keys)
        assert all(model.place(picture) == place for place, picture in enumerate(model.shown))
    assert len(model.shown) == 200


def test_that_a_filter_lets_in_what_comes_to_fit_and_drops_what_does_not_any_more(model: GridModel) -> None:
    pictures = _some(3)
    model.add(pictures)
    model.choose(filter=Filter(group="cat"))
    assert _names(model) == []
    model.answer([(pictures[1], _answer(0.9, row=1))])
    assert _names(model) == ["photo 1.jpg"]
    model.correct([pictures[1]], "dog")
    assert _names(model) == []
    model.correct([pictures[1]], None)
    assert _names(model) == ["photo 1.jpg"]


def test_that_names_are_searched_whatever_their_case(model: GridModel) -> None:
    model.add([Picture("/a/Minka.JPG"), Picture("/a/rex.jpg")])
    model.choose(filter=Filter(name="MINK"))
    assert _names(model) == ["Minka.JPG"]


def test_that_a_picture_is_found_by_its_row_in_the_history(model: GridModel) -> None:
    pictures = _some(2)
    model.add(pictures)
    model.answer([(pictures[1], _answer(0.9, row=42))])
    assert model.of_row(42) is pictures[1]
    assert model.of_row(41) is None


def test_that_another_idea_of_sure_regroups_everything(model: GridModel) -> None:
    pictures = _some(2)
    model.add(pictures)
    model.answer([(pictures[0], _answer(0.85)), (pictures[1], _answer(0.95))])
    model.judge(0.9)
    assert (model.counts["cat"], model.counts[State.UNSURE]) == (1, 1)


def test_that_each_tile_speaks_for_itself(model: GridModel) -> None:
    pictures = _some(6)
    model.add(pictures)
    error = ImageEmpty("photo 4.jpg is empty.", "Copy it again.")
    results = [_answer(0.9), _answer(0.6), _answer(0.9, unknown=True), _answer(0.9, row=3), error]
    model.answer(list(zip(pictures, results, strict=False)))
    model.correct([pictures[3]], "dog")
    said = [str(model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(6)]
    assert said[0].replace("\u00a0", " ") == "photo 0.jpg: cat, 90 %"
    assert said[1].replace("\u00a0", " ") == "photo 1.jpg: not sure, perhaps cat, 60 %"
    assert said[2] == "photo 2.jpg: unknown, unlike anything this model was shown (nearest: cat)"
    assert said[3] == "photo 3.jpg: dog, corrected by you"
    assert said[4] == "photo 4.jpg: photo 4.jpg is empty. Copy it again."
    assert said[5] == "photo 5.jpg: not looked at yet"


def test_that_one_answer_changes_one_tile_and_resets_nothing(model: GridModel, qtbot: QtBot) -> None:
    pictures = _some(1000)
    model.add(pictures)
    with (
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.waitSignal(model.dataChanged, check_params_cb=lambda first, last, _: (first.row(), last.row()) == (7, 7)),
    ):
        model.answer([(pictures[7], _answer(0.9))])
