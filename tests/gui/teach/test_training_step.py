from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.errors import TrainingBusy
from engine.training.events import Batch, Cancelled, Epoch, Exported, Failed, Notice, Stage
from gui.teach.page import RECIPE
from tests.gui.teach.conftest import PREPARED, Taught


def test_that_a_run_is_shown_live_and_in_the_status_bar_on_other_pages(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    training = taught.page.training
    taught.trainer.feed(
        PREPARED,
        Stage("looking", "Looking at each photo once: 3 of 16", 3, 16, 8.0),
        Notice("A word."),
        Batch(1, 1, 2, 0.7, 6.0),
        Epoch(1, 3, 0.7, 0.5, 0.6, 0.75, 1.0),
    )
    taught.wait(lambda: training.accuracies == [(0.5, 0.75)])
    assert training.stage.text() == "Learning: epoch 1 of 3"
    assert "A word." in training.notes.text()
    taught.wait(lambda: "left" in training.line.text())
    taught.opened.window.show_page("predict")
    assert taught.opened.window.status.jobs.text().startswith("Teaching pets")
    assert not training._timer.isActive()
    taught.opened.window.status.jobs.click()
    assert training.isVisible()
    training.fold.click()
    taught.wait(lambda: "Epoch 1" in training.log.toPlainText())
    training.cancel.click()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_cancelling_twice_is_as_good_as_once_and_the_wizard_goes_on(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    run.deaf = True
    taught.trainer.feed(Stage("extracting", "Looking at each photo once", seconds_left=300.0))
    taught.wait(lambda: "left" in taught.page.training.line.text())
    taught.page.training.cancel.click()
    taught.wait(lambda: "left" not in taught.page.training.line.text())
    assert taught.page.training.cancel.text() == "Cancelling…"
    assert not taught.page.training.cancel.isEnabled()
    taught.page.teaching.cancel()
    taught.wait(lambda: "does not answer" in taught.page.training.stage.text())
    taught.trainer.feed(Cancelled("killed"))
    taught.wait(lambda: not taught.page.teaching.running)
    assert "cancelled" in taught.page.training.message.text.text()
    taught.page.back.click()
    assert taught.page.step == RECIPE
    assert taught.page.next.isEnabled()
    assert not taught.opened.desk.jobs.running
    taught.settle()


@pytest.mark.parametrize("first", [True, False])
def test_that_a_failure_is_a_sentence_with_the_logs_path(taught: Taught, photos: Path, first: bool) -> None:
    taught.open(photos)
    taught.begin()
    if not first:
        taught.trainer.feed(PREPARED, Epoch(1, 3, math.nan, 0.5, math.inf, math.nan, 1.0))
    taught.trainer.feed(Failed("training_died", "Training ended unexpectedly.", "The log says more.", "a/b.log"))
    taught.wait(lambda: not taught.page.teaching.running)
    message = taught.page.training.message
    assert message.text.text() == "Training ended unexpectedly."
    assert "a/b.log" in message.hint.text()
    assert taught.page.training.stage.text() == "No model was made"
    message.action.click()
    taught.wait(lambda: len(taught.trainer.runs) == 2)
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_a_child_that_ends_without_a_word_is_said_too(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(PREPARED, None)
    taught.wait(lambda: not taught.page.teaching.running)
    assert "without a word" in taught.page.training.message.text.text()
    assert str(taught.trainer.log) in taught.page.training.message.hint.text()
    taught.settle()


def test_that_a_loss_that_is_no_number_is_said_and_the_run_goes_on(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    training = taught.page.training
    taught.trainer.feed(PREPARED, Epoch(1, 3, math.nan, math.nan, math.inf, math.nan, 1.0))
    taught.wait(lambda: "no longer a number" in training.notes.text())
    taught.trainer.feed(Epoch(2, 3, 0.5, 0.8, 0.6, 0.75, 1.0))
    taught.wait(lambda: len(training.accuracies) == 2)
    training._draw()
    assert training.curves.accuracy_value.text().startswith("75")
    run.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_events_in_no_order_and_an_end_that_nobody_asked_for_do_no_harm(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(
        Epoch(7, 3, 0.5, 0.8, 0.6, 0.75, 1.0),
        Batch(9, 4, 0, 0.1, None),
        Stage("looking", "Looking", 5, 0, None),
        Exported("int8", 0.0, 1.0, "fast"),
        PREPARED,
        Cancelled("asked"),
        Epoch(8, 3, 0.5, 0.8, 0.6, 0.75, 1.0),
    )
    taught.wait(lambda: not taught.page.teaching.running)
    training = taught.page.training
    assert training.message.text.text() == "Training was cancelled"
    assert training.accuracies[-1] == (0.8, 0.75)
    assert len(training.accuracies) == 7, "each epoch has its place, told of or not"
    taught.page.teaching.cancel()
    assert not taught.opened.desk.jobs.running
    taught.settle()


def test_that_cancelling_before_the_run_has_begun_ends_it_too(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.page.next.click()
    taught.page.next.click()
    taught.page.teaching.cancel()
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    assert taught.trainer.runs[0].cancels
    assert taught.page.training.message.text.text() == "Training was cancelled"
    taught.settle()


def test_that_a_run_that_failed_at_once_shows_no_empty_charts(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    taught.trainer.feed(Failed("out_of_memory", "The memory was not enough.", "Choose Quick.", "a/b.log"))
    taught.wait(lambda: not taught.page.teaching.running)
    training = taught.page.training
    assert not training._charts.isVisible()
    assert not training.bar.isVisible()
    training.message.action.click()
    taught.wait(lambda: len(taught.trainer.runs) == 2)
    assert training._charts.isVisible()
    taught.page.teaching.cancel()
    taught.wait(lambda: not taught.page.teaching.running)
    taught.settle()


def test_that_a_refused_start_is_said(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.trainer.refuses = TrainingBusy("Another training is under way.", "Wait for it.")
    taught.page.next.click()
    taught.page.next.click()
    taught.wait(taught.page.training.message.isVisible)
    taught.wait(lambda: not taught.page.teaching.running)
    assert taught.page.training.message.text.text() == "Another training is under way."
    assert taught.page.training.message.action.hasFocus()
    taught.settle()


def test_that_after_cancelling_by_keyboard_the_keyboard_stands_on_trying_again(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    taught.begin()
    page = taught.page
    taught.wait(page.training.cancel.hasFocus)
    taught.opened.qtbot.keyClick(page.training.cancel, Qt.Key.Key_Space)
    taught.wait(lambda: not page.teaching.running)
    assert page.training.message.text.text() == "Training was cancelled"
    assert page.training.message.action.hasFocus()
    taught.settle()


def test_that_a_single_epoch_is_seen_as_a_dash(taught: Taught) -> None:
    from gui.teach.curve_chart import CurveChart

    chart = CurveChart(taught.opened.desk.theme, "Loss", share=False)
    taught.opened.qtbot.addWidget(chart)
    chart.show_curves([0.4], [0.5], 1)
    x, y = chart._validation.getData()
    assert len(x) == 2
    assert set(y) == {0.5}
    chart.show_curves([0.4, 0.3], [0.5, 0.4], 2)
    assert list(chart._validation.getData()[0]) == [1, 2]


def test_that_a_curve_is_open_where_it_is_no_number_and_passes_over_what_was_not_told(taught: Taught) -> None:
    from gui.teach.curve_chart import CurveChart

    chart = CurveChart(taught.opened.desk.theme, "Loss", share=False)
    taught.opened.qtbot.addWidget(chart)
    chart.show_curves([], [0.5, 0.4, None, None, 0.3, math.nan, 0.3, 0.2], 8)
    x, y = chart._validation.getData()
    assert list(x) == [1, 2, 5, 6, 7, 8]
    assert [math.isfinite(value) for value in y] == [True, True, True, False, True, True]
    assert chart._validation.opts["connect"] == "finite"
    chart.show_curves([], [0.5, 0.4, math.inf, 0.3, math.nan], 8)
    x, y = chart._validation.getData()
    assert [*x[:3], x[3]] == [1, 2, 3, 4]
    assert y[3] == y[4] == 0.3, "a value between two gaps is a dash"


def test_that_the_bar_tells_of_the_whole_run_by_time_and_never_goes_back(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    run = taught.begin()
    training, teaching = taught.page.training, taught.page.teaching
    teaching.began_at -= 30
    taught.trainer.feed(Batch(1, 1, 2, 0.7, 30.0))
    taught.wait(lambda: 480 <= training.bar.value() < 600 and training.bar.maximum() == 1000)
    assert "Teaching pets · 5" in taught.opened.window.status.jobs.text()
    taught.trainer.feed(Batch(1, 2, 2, 0.7, 300.0))
    taught.wait(lambda: "5\u00a0min left" in training.line.text())
    assert training.bar.value() >= 480
    taught.trainer.feed(Stage("exporting", "Writing the model", seconds_left=0.0))
    taught.wait(lambda: "longer than expected" in training.line.text())
    assert 900 < training.bar.value() < 1000
    run.cancel()
    taught.wait(lambda: not teaching.running)
    taught.settle()
