from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.bulletin import Bulletin, News
from engine.errors import FolderError
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training.events import Cancelled, Failed, Finished, Notice, TrainingReported
from engine.training.plan import TrainingPlan
from engine.training.process import Target
from engine.training.trainer import Trainer
from tests.engine.training import children
from tests.engine.training.conftest import MakeTrainer, left_behind, pids, the_last, until_at_work

A_SECOND = 1.0


def test_that_events_come_in_order_and_end_with_a_model_on_the_shelf(
    trainer_with: MakeTrainer, shelf: ModelShelf, plan: TrainingPlan, home: Path, bulletin: Bulletin
) -> None:
    heard: list[News] = []
    bulletin.listen(heard.append)
    run = trainer_with(children.finishes).start(plan)
    events = list(run.events())
    assert [event.kind() for event in events] == ["stage", "prepared", "exported", "finished"]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.model, finished.version, finished.metrics) == ("pets", 1, children.METRICS)
    assert finished.seconds > 0
    assert shelf.find("pets@1").card.classes == ("cat", "dog")
    assert [news.event for news in heard if isinstance(news, TrainingReported)] == events
    assert run.log.read_text(encoding="utf-8") == "at work\n"
    assert not left_behind(home)


def test_that_what_happens_in_a_run_is_recorded(home: Path, shelf: ModelShelf, plan: TrainingPlan) -> None:
    recorded = []
    trainer = Trainer(
        Home(home), shelf, Bulletin(), record=lambda *what: recorded.append(what), target=children.finishes
    )
    last = the_last(trainer.start(plan).events())
    names, plans, events, seconds = zip(*recorded, strict=True)
    assert len(set(names)) == 1
    assert set(plans) == {plan.checked()}
    assert [event.kind() for event in events] == ["stage", "prepared", "exported", "finished"]
    assert events[-1] is last
    assert seconds[-1] > 0


@pytest.mark.parametrize(
    ("target", "how"),
    [(children.obeys, "asked"), (children.does_not_listen, "terminated"), (children.clings, "killed")],
)
def test_that_a_run_ends_within_a_second_however_its_child_behaves(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path, shelf: ModelShelf, target: Target, how: str
) -> None:
    run = trainer_with(target).start(plan)
    events = until_at_work(run)
    asked = time.monotonic()
    run.cancel()
    assert the_last(events) == Cancelled(how)
    assert time.monotonic() - asked < A_SECOND
    assert not psutil.pid_exists(pids(plan)[0])
    assert not left_behind(home)
    assert [entry.name for entry in shelf.list()] == ["cats-dogs"]


def test_that_a_run_can_be_cancelled_before_its_child_is_there(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path
) -> None:
    run = trainer_with(children.hangs).start(plan)
    run.cancel()
    assert isinstance(the_last(run.events()), Cancelled)
    assert not left_behind(home)


def test_that_a_child_that_dies_is_a_sentence_and_its_epochs_are_kept(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path, shelf: ModelShelf
) -> None:
    run = trainer_with(children.dies).start(plan)
    failed = the_last(run.events())
    assert isinstance(failed, Failed)
    assert (failed.code, failed.log) == ("training_died", str(run.log))
    assert "7" in failed.message
    assert [path.parent for path in left_behind(home)] == [Home(home).checkpoints]
    assert [entry.name for entry in shelf.list()] == ["cats-dogs"]


def test_that_a_child_that_dies_at_once_is_a_sentence_too(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    failed = the_last(trainer_with(children.dies_before_its_job).start(plan).events())
    assert isinstance(failed, Failed)
    assert "5" in failed.message


def test_that_want_of_memory_is_answered_with_half_the_batch_once(
    trainer_with: MakeTrainer, plan: TrainingPlan
) -> None:
    plan = replace(plan, batch_size=64)
    first, finished = trainer_with(children.is_killed_at_first).start(plan).events()
    assert first == Notice("Memory ran out, so it starts once more with 32 photos at a time.")
    assert isinstance(finished, Finished)
    batches = [line.split()[1] for line in (plan.folder / "pids").read_text(encoding="utf-8").splitlines()]
    assert batches == ["64", "32"]


def test_that_want_of_memory_twice_is_a_failure(trainer_with: MakeTrainer, plan: TrainingPlan, home: Path) -> None:
    notice, failed = trainer_with(children.is_killed).start(plan).events()
    assert isinstance(notice, Notice)
    assert isinstance(failed, Failed)
    assert failed.code == "out_of_memory"
    assert len(pids(plan)) == 2
    assert not left_behind(home)


def test_that_a_child_that_hangs_is_given_up(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    run = trainer_with(children.hangs).start(plan)
    events = run.events()
    assert next(events) == children.PREPARED
    run.stalled_after = 0.2
    failed = the_last(events)
    assert isinstance(failed, Failed)
    assert failed.code == "training_stalled"
    assert not psutil.pid_exists(pids(plan)[0])


def test_that_a_child_that_computes_without_a_word_is_let_finish(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    run = trainer_with(children.computes_in_silence).start(plan)
    events = run.events()
    assert next(events) == children.PREPARED
    run.stalled_after = 0.2
    assert isinstance(the_last(events), Finished)


def test_that_a_plan_that_went_astray_is_not_taken_up_where_it_was(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path
) -> None:
    run = trainer_with(children.goes_astray).start(plan)
    failed = the_last(run.events())
    assert isinstance(failed, Failed)
    assert (failed.code, failed.log) == ("training_error", str(run.log))
    assert not left_behind(home)


def test_that_a_shelf_that_refuses_is_a_sentence(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FolderError("The disk is full.", "Make room.")

    monkeypatch.setattr(shelf, "publish", refuse)
    failed = the_last(trainer_with(children.finishes).start(plan).events())
    assert isinstance(failed, Failed)
    assert failed.message == "The disk is full."
    assert not left_behind(home)


def test_that_a_run_no_longer_followed_is_over(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    trainer = trainer_with(children.does_not_listen)
    events = until_at_work(trainer.start(plan))
    events.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pids(plan)[0])
    assert trainer.running is None
    trainer.start(plan)
