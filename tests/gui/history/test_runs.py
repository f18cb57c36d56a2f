from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.errors import HistoryError
from engine.history import TrainingRun
from engine.run_log import RunLog
from engine.training.events import Cancelled, Epoch, Failed, Finished, Prepared, TrainingEvent, TrainingReported
from engine.training.plan import Recipe, TrainingPlan
from gui.history import run_words
from gui.history.page import HistoryPage
from gui.history.runs_view import RunsView
from tests.gui.conftest import Opened

PLAN = TrainingPlan(Path("/photos/pets"), "pets", Recipe.FINETUNE, epochs=5).checked()
PREPARED = Prepared(("cat", "dog"), 80, 10, 10, 0, ("A note.",), 60.0)
METRICS = {"accuracy": 0.96, "images": 100, "accuracy_interval": [0.9, 0.98], "f1": 0.955}


class Trained:
    """The tab of trainings, and trainings that are told event by event."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.log = RunLog(lambda: opened.whisker.history)

    def tell(self, name: str, *events: TrainingEvent) -> None:
        for event in events:
            self.log.hear(name, PLAN, event, 12.0)
            self.opened.whisker.bulletin.tell(TrainingReported(name, event))

    def show(self) -> RunsView:
        self.opened.window.show_page("history")
        page = self.opened.window.page("history")
        assert isinstance(page, HistoryPage)
        page.tabs[1].click()
        self.opened.settle()
        return page.runs


@pytest.fixture
def trained(opened: Opened) -> Trained:
    return Trained(opened)


def epoch(number: int, accuracy: float = 0.8) -> Epoch:
    return Epoch(number, 5, 1 / number, accuracy, 1.1 / number, accuracy, 2.0)


def points(chart: object) -> list[float]:
    return list(chart._validation.getData()[1])  # type: ignore[attr-defined]


def test_that_without_any_training_the_tab_leads_to_teach(trained: Trained) -> None:
    view = trained.show()
    assert view.nothing.isVisible()
    view.nothing.action.click()
    assert trained.opened.window.pages.currentWidget() is trained.opened.window.page("teach")
    trained.opened.settle()


def test_that_each_training_says_what_came_of_it_and_shows_its_curves(trained: Trained) -> None:
    trained.tell("first", PREPARED, epoch(1), epoch(2, 0.9), Finished("pets", 3, METRICS, 12.0))
    trained.tell("second", PREPARED, Cancelled("asked"))
    view = trained.show()
    assert view.model.rowCount() == 2
    assert view.details.headline.text() == "This training was cancelled"
    assert view.details.without.text() == "No epoch was finished, so there are no curves."
    trained.opened.qtbot.keyClick(view.list, Qt.Key.Key_Down)
    trained.opened.settle()
    assert view.details.headline.text() == "96 of 100 right on photos it never saw, give or take\u00a04"
    assert view.details.notes.text() == "A note."
    assert view.details.show_model.isVisible()
    assert view.details.curves.accuracy is not None
    assert points(view.details.curves.accuracy) == [0.8, 0.9]
    assert view.details.without.isHidden()


def test_that_a_failed_training_says_why_and_where_the_log_is(trained: Trained) -> None:
    trained.tell("run", PREPARED, Failed("out_of_memory", "Memory ran out.", "Use smaller images.", "/logs/t.log"))
    view = trained.show()
    assert view.details.headline.text() == "This training failed"
    assert view.details.line.text() == "Memory ran out. Use smaller images."
    assert ("Log", "/logs/t.log") in run_words.facts(trained.opened.whisker.history.runs()[0])
    assert view.details.show_model.isHidden()


def test_that_the_curves_grow_while_a_training_goes_on(trained: Trained) -> None:
    trained.tell("run", PREPARED, epoch(1))
    view = trained.show()
    assert view.details.headline.text() == "This training is under way"
    trained.tell("run", epoch(2), epoch(3))
    trained.opened.wait(
        lambda: view.details.curves.accuracy is not None and len(points(view.details.curves.accuracy)) == 3
    )
    trained.tell("run", Finished("pets", 1, METRICS, 12.0))
    trained.opened.wait(lambda: "96 of 100" in view.details.headline.text())
    trained.opened.settle()


def test_that_a_training_that_went_on_from_an_interrupted_one_has_a_gap(trained: Trained) -> None:
    trained.tell("run", PREPARED, epoch(3), epoch(4))
    view = trained.show()
    assert view.details.curves.accuracy is not None
    assert list(view.details.curves.accuracy._validation.getData()[0]) == [3, 4]


def test_that_a_training_that_told_of_some_epochs_only_has_one_line_through_them(trained: Trained) -> None:
    trained.tell("run", PREPARED, epoch(1, 0.5), epoch(3, 0.7), epoch(5, 0.9), Finished("pets", 1, METRICS, 12.0))
    view = trained.show()
    assert view.details.curves.accuracy is not None
    x, y = view.details.curves.accuracy._validation.getData()
    assert (list(x), list(y)) == ([1, 3, 5], [0.5, 0.7, 0.9])


def test_that_trainings_that_cannot_be_read_are_said_and_tried_again(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained.tell("run", PREPARED, Cancelled("asked"))
    with monkeypatch.context() as patch:

        def refused(*_args: object, **_kwargs: object) -> list[TrainingRun]:
            raise HistoryError("The history is damaged.", "Start Whisker again.")

        patch.setattr(trained.opened.whisker.history, "runs", refused)
        view = trained.show()
        assert view.message.isVisible()
    view.message.action.click()
    trained.opened.settle()
    assert not view.message.isVisible()
    assert view.model.rowCount() == 1


def test_that_a_model_that_is_gone_is_said_to_be(trained: Trained) -> None:
    trained.tell("run", PREPARED, Finished("pets", 3, METRICS, 12.0))
    view = trained.show()
    view.details.show_model.click()
    models = trained.opened.window.page("models")
    trained.opened.wait(lambda: models.message.isVisible())  # type: ignore[attr-defined]
    assert models.message.text.text() == "pets v3 is no longer on the shelf."  # type: ignore[attr-defined]
    trained.opened.settle()


def test_that_few_photos_are_said_to_be_too_few() -> None:
    few = {"accuracy": 0.9, "images": 10, "accuracy_interval": [0.6, 0.99]}
    run = TrainingRun(1, datetime(2026, 11, 23, 12, tzinfo=UTC), "pets", 1, "quick", {}, few, 12.0, "finished")
    assert run_words.headline(run) == "9 of 10 right on photos it never saw: too few to tell"
    assert run_words.title(run) == "pets v1  ·  Quick"
    assert run_words.spell(200) == "3\u00a0min 20\u00a0s"
