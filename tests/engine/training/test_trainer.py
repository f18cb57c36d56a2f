from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.bulletin import Bulletin
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
from engine.training.events import Failed, Finished, TrainingEvent
from engine.training.plan import Recipe, TrainingPlan
from engine.training.trainer import Trainer
from tests.engine.training import children
from tests.engine.training.conftest import MakeTrainer, left_behind, pids, the_last, until_at_work

CHECKOUT = Path(__file__).resolve().parents[3]
A_SECOND = 1.0


def the_child() -> psutil.Process:
    """The one child process that is alive."""
    (child,) = multiprocessing.active_children()
    return psutil.Process(child.pid)


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
from engine.training.trainer import Trainer
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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_that_a_home_whose_name_is_no_text_is_said_before_an_hour_of_training(
    shelf: ModelShelf, plan: TrainingPlan, tmp_path: Path
) -> None:
    home = Home(tmp_path / os.fsdecode(b"h\xe9me"))
    with pytest.raises(FolderError, match="whose name is no UTF-8"):
        Trainer(home, shelf, Bulletin(), target=children.finishes).start(plan)


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
