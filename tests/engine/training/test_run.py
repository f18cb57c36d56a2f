from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.bulletin import Bulletin, News
from engine.errors import (
    DatasetError,
    FolderError,
    ModelProtected,
    PlanError,
    TrainingBusy,
    TrainingUnavailable,
    WeightsUnavailable,
)
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training.events import Cancelled, Failed, Finished, Notice, Stage, TrainingEvent
from engine.training.plan import Recipe, TrainingPlan
from engine.training.process import Target
from engine.training.run import Trainer, TrainingReported, TrainingRun
from tests.bundles import make_bundle
from tests.engine.training import children

CHECKOUT = Path(__file__).resolve().parents[3]
A_SECOND = 1.0


@pytest.fixture
def bulletin() -> Bulletin:
    return Bulletin()


@pytest.fixture
def shelf(home: Path, tmp_path: Path, bulletin: Bulletin) -> ModelShelf:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    return ModelShelf(Home(home), tmp_path / "builtin", bulletin)


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return TrainingPlan(folder, "pets")


MakeTrainer = Callable[[Target], Trainer]


@pytest.fixture
def trainer_with(home: Path, shelf: ModelShelf, bulletin: Bulletin) -> Iterator[MakeTrainer]:
    made: list[Trainer] = []

    def make(target: Target) -> Trainer:
        made.append(Trainer(Home(home), shelf, bulletin, target=target))
        return made[-1]

    yield make
    for trainer in made:
        trainer.close()


def pids(plan: TrainingPlan) -> list[int]:
    """The children that took up this plan's job."""
    return [int(line.split()[0]) for line in (plan.folder / "pids").read_text(encoding="utf-8").splitlines()]


def the_child() -> psutil.Process:
    """The one child process that is alive."""
    (child,) = multiprocessing.active_children()
    return psutil.Process(child.pid)


def left_behind(home: Path) -> list[Path]:
    return [*Home(home).staging.glob("*"), *Home(home).checkpoints.glob("*")]


def until_at_work(run: TrainingRun) -> Iterator[TrainingEvent]:
    """Follow a run until its child is in the middle of it."""
    events = run.events()
    for event in events:
        if isinstance(event, Stage):
            return events
    raise AssertionError("it ended before it was at work")


def the_last(events: Iterator[TrainingEvent]) -> TrainingEvent:
    return list(events)[-1]


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


def test_that_only_one_runs_at_a_time_and_the_next_may_start_when_the_end_is_told(
    trainer_with: MakeTrainer, plan: TrainingPlan
) -> None:
    trainer = trainer_with(children.finishes)
    run = trainer.start(plan)
    with pytest.raises(TrainingBusy):
        trainer.start(plan)
    for event in run.events():
        if isinstance(event, Finished):
            second = trainer.start(plan)
    finished = the_last(second.events())
    assert isinstance(finished, Finished)
    assert finished.version == 2


def test_that_a_run_followed_in_another_thread_frees_the_home_for_the_next(
    trainer_with: MakeTrainer, plan: TrainingPlan
) -> None:
    trainer = trainer_with(children.finishes)
    for version in (1, 2):
        run = trainer.start(plan)
        ends: list[TrainingEvent] = []
        thread = threading.Thread(target=lambda run=run, ends=ends: ends.append(the_last(run.events())))
        thread.start()
        thread.join()
        (finished,) = ends
        assert isinstance(finished, Finished)
        assert finished.version == version


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from engine.bulletin import Bulletin
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.training.plan import TrainingPlan
from engine.training.run import Trainer
from tests.engine.training import children

if __name__ == "__main__":
    home, folder, target = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    shelf = ModelShelf(Home(home), home / "builtin", Bulletin())
    trainer = Trainer(Home(home), shelf, Bulletin(), target=getattr(children, target))
    for event in trainer.start(TrainingPlan(folder, "pets")).events():
        print(event.kind(), flush=True)
"""


@pytest.fixture
def other(home: Path, plan: TrainingPlan) -> Iterator[subprocess.Popen[str]]:
    """Another program that trains on this home; its child is at work."""
    script = home / "other.py"
    script.write_text(IN_ANOTHER_PROCESS, encoding="utf-8")
    command = [sys.executable, str(script), str(home), str(plan.folder), "does_not_listen"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stage\n"
        yield process
        process.kill()


def test_that_a_killed_program_takes_its_child_along_and_frees_the_home(
    other: subprocess.Popen[str], trainer_with: MakeTrainer, plan: TrainingPlan, home: Path
) -> None:
    trainer = trainer_with(children.finishes)
    with pytest.raises(TrainingBusy):
        trainer.start(plan)
    (child,) = pids(plan)
    assert psutil.pid_exists(child)
    assert len(left_behind(home)) == 2
    other.send_signal(signal.SIGKILL)
    other.wait()
    died = time.monotonic()
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - died < A_SECOND
        time.sleep(0.02)
    run = trainer.start(plan)
    # What the killed one had half made is gone; its finished epochs wait for this very plan.
    assert [path.name for path in left_behind(home)] == [run.plan.fingerprint()]
    assert isinstance(the_last(run.events()), Finished)
    assert not left_behind(home)


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
    assert first == Notice("Memory ran out, so it starts once more with 32 pictures at a time.")
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


def test_that_closing_ends_a_run_that_nobody_follows(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    trainer = trainer_with(children.does_not_listen)
    trainer.start(plan)
    trainer.close()
    assert trainer.running is None
    second = trainer_with(children.finishes).start(plan)
    assert isinstance(the_last(second.events()), Finished)


def test_that_closing_ends_a_run_that_a_thread_follows(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    trainer = trainer_with(children.does_not_listen)
    events = until_at_work(trainer.start(plan))
    ends: list[TrainingEvent] = []
    thread = threading.Thread(target=lambda: ends.append(the_last(events)))
    thread.start()
    trainer.close()
    thread.join(5)
    assert not thread.is_alive()
    assert isinstance(ends[0], Failed)


def test_that_a_child_kept_warm_takes_the_job(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    trainer = trainer_with(children.finishes)
    trainer.warm_up()
    warm = the_child()
    assert isinstance(the_last(trainer.start(plan).events()), Finished)
    assert pids(plan) == [warm.pid]


def test_that_a_warm_child_that_died_is_replaced(trainer_with: MakeTrainer, plan: TrainingPlan) -> None:
    trainer = trainer_with(children.finishes)
    trainer.warm_up()
    warm = the_child()
    warm.kill()
    while warm.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert isinstance(the_last(trainer.start(plan).events()), Finished)


def test_that_a_warm_child_that_is_not_needed_goes(trainer_with: MakeTrainer) -> None:
    trainer = trainer_with(children.hangs)
    trainer.warm_up()
    warm = the_child()
    assert trainer.processes() == [warm.pid]
    trainer.cool_down()
    assert not warm.is_running()
    assert trainer.processes() == []


def test_that_epochs_of_long_ago_are_forgotten(trainer_with: MakeTrainer, plan: TrainingPlan, home: Path) -> None:
    old, recent = (Home(home).checkpoints / name for name in ("old", "recent"))
    for folder in (old, recent):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    trainer_with(children.finishes).start(plan)
    assert recent.is_dir()
    assert not old.exists()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"folder": Path("nowhere")}, DatasetError),
        ({"folder": Path(__file__)}, DatasetError),
        ({"test": Path("nowhere")}, DatasetError),
        ({"name": "cats-dogs"}, ModelProtected),
        ({"name": " / "}, FolderError),
        ({"epochs": 0}, PlanError),
        ({"recipe": Recipe.VGG16}, WeightsUnavailable),
    ],
)
def test_that_what_cannot_be_is_said_before_anything_starts(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path, change: dict[str, object], error: type[Exception]
) -> None:
    trainer = trainer_with(children.finishes)
    with pytest.raises(error):
        trainer.start(replace(plan, **change))
    assert trainer.running is None
    assert not list(home.iterdir())


def test_that_a_home_that_cannot_be_written_is_a_sentence(
    shelf: ModelShelf, plan: TrainingPlan, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    trainer = Trainer(Home(tmp_path / "file" / "home"), shelf, Bulletin(), target=children.finishes)
    with pytest.raises(FolderError):
        trainer.start(plan)


def test_that_a_log_folder_that_cannot_be_made_leaves_the_home_free(
    trainer_with: MakeTrainer, plan: TrainingPlan, home: Path
) -> None:
    (home / "logs").write_text("in the way")
    trainer = trainer_with(children.finishes)
    with pytest.raises(FolderError):
        trainer.start(plan)
    (home / "logs").unlink()
    assert isinstance(the_last(trainer.start(plan).events()), Finished)


def test_that_an_edition_without_tensorflow_says_so(
    trainer_with: MakeTrainer, plan: TrainingPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    trainer = trainer_with(children.finishes)
    trainer.warm_up()
    assert not trainer.available()
    with pytest.raises(TrainingUnavailable):
        trainer.start(plan)
