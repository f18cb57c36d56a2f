from __future__ import annotations

import math
import threading
from pathlib import Path

import filelock
import pytest

from engine.history import History, RunEpoch
from engine.paths import Home
from engine.run_log import RunLog
from engine.training.events import Batch, Cancelled, Epoch, Failed, Finished, Notice, Prepared, Resumed, TrainingEvent
from engine.training.plan import Recipe, TrainingPlan
from engine.whisker import Whisker
from tests.engine.histories import NOON

PLAN = TrainingPlan(Path("/photos/pets"), "pets", Recipe.FINETUNE).checked()
PREPARED = Prepared(("cat", "dog"), 80, 10, 10, 1, ("Rare classes count for more.",), 60.0)
METRICS = {"accuracy": 0.9, "images": 10}


def epoch(number: int, loss: float = 0.5) -> Epoch:
    return Epoch(number, 3, loss, 0.8, loss + 0.1, 0.75, 2.0)


def tell(history: History, *events: TrainingEvent, run: str = "run") -> RunLog:
    log = RunLog(lambda: history)
    for seconds, event in enumerate(events, start=1):
        log.hear(run, PLAN, event, float(seconds))
    return log


def test_that_a_finished_run_is_kept_with_its_plan_its_curves_and_its_model(history: History) -> None:
    done = Finished("pets", 4, METRICS, 9.0, {"verdict": "better"}, (*PREPARED.notes, "Kept."))
    tell(history, PREPARED, epoch(1), Batch(2, 1, 9, 0.4), epoch(2, 0.3), done)
    (run,) = history.runs()
    assert (run.model, run.version, run.recipe, run.state) == ("pets", 4, "finetune", "finished")
    assert (run.at, run.seconds, run.metrics) == (NOON, 5.0, METRICS)
    assert run.plan["folder"] == str(Path("/photos/pets"))
    assert (run.said["classes"], run.said["train"], run.said["comparison"]) == (
        ["cat", "dog"],
        80,
        {"verdict": "better"},
    )
    assert run.said["notes"] == ["Rare classes count for more.", "Kept."]
    assert [(each.number, each.loss, each.val_accuracy) for each in history.epochs(run.id)] == [
        (1, 0.5, 0.75),
        (2, 0.3, 0.75),
    ]


def test_that_a_run_can_be_read_while_it_goes_on(history: History) -> None:
    tell(history, PREPARED, epoch(1))
    (run,) = history.runs()
    assert (run.state, run.version, run.said) == ("running", None, {})
    assert len(history.epochs(run.id)) == 1


def test_that_a_run_that_failed_says_why(history: History) -> None:
    tell(history, PREPARED, Failed("out_of_memory", "Memory ran out.", "Use fewer photos.", "/log"))
    (run,) = history.runs()
    assert (run.state, run.metrics) == ("failed", None)
    assert (run.said["message"], run.said["hint"], run.said["log"]) == (
        "Memory ran out.",
        "Use fewer photos.",
        "/log",
    )


def test_that_a_run_that_was_cancelled_before_anything_happened_is_kept_too(history: History) -> None:
    tell(history, Cancelled("asked"))
    assert [(run.state, run.version) for run in history.runs()] == [("cancelled", None)]
    assert history.epochs(history.runs()[0].id) == []


def test_that_a_loss_that_lost_its_way_is_kept_as_no_number(history: History) -> None:
    tell(history, epoch(1, math.nan), epoch(2, math.inf))
    kept = history.epochs(history.runs()[0].id)
    assert [math.isnan(each.loss) for each in kept] == [True, True]
    assert kept[0].accuracy == 0.8


def test_that_an_epoch_told_again_after_memory_ran_out_replaces_the_first(history: History) -> None:
    tell(history, epoch(1, 0.9), epoch(2, 0.8), Notice("Memory ran out, so it starts once more."), epoch(1, 0.7))
    kept = history.epochs(history.runs()[0].id)
    assert [each.loss for each in kept] == [0.7, 0.8]


def test_that_a_run_the_program_died_in_counts_as_interrupted_once_another_begins(history: History) -> None:
    tell(history, PREPARED, epoch(1), run="first")
    tell(history, PREPARED, Resumed(1), epoch(2), run="second")
    second, first = history.runs()
    assert (first.state, second.state) == ("interrupted", "running")
    assert [each.number for each in history.epochs(first.id)] == [1]


@pytest.mark.parametrize("under_way", [True, False])
def test_that_a_start_tells_a_dead_run_from_one_in_another_program(home: Path, under_way: bool) -> None:
    whisker = Whisker(Home(home))
    tell(whisker.history, PREPARED)
    lock = filelock.FileLock(home / "training.lock")
    if under_way:
        lock.acquire()
    whisker.tidy()
    assert whisker.history.runs()[0].state == ("running" if under_way else "interrupted")
    lock.release()
    whisker.close()


def test_that_runs_come_in_pages_the_latest_first(history: History) -> None:
    for number in range(5):
        tell(history, Cancelled("asked"), run=str(number))
    first = history.runs(2)
    assert [run.id for run in first] == [5, 4]
    assert [run.id for run in history.runs(10, before=first[-1].id)] == [3, 2, 1]


def test_that_a_history_that_cannot_be_written_does_not_end_a_training(history: History) -> None:
    history.close()
    tell(history, PREPARED, epoch(1), Finished("pets", 1, METRICS, 1.0))


def test_that_epochs_are_written_while_the_window_reads(history: History) -> None:
    log = tell(history, PREPARED)
    writing = threading.Thread(target=lambda: [log.hear("run", PLAN, epoch(n), 1.0) for n in range(1, 51)])
    writing.start()
    seen: list[RunEpoch] = []
    while writing.is_alive():
        seen = history.epochs(1)
    writing.join()
    assert len(history.epochs(1)) == 50
    assert len(seen) <= 50
