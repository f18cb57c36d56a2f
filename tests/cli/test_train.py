from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pytest

from cli.app import run
from engine.paths import Home
from engine.run_log import RunLog
from engine.training.process import Target
from engine.training.trainer import Trainer
from engine.whisker import Whisker
from tests.cli.conftest import Command, Ran
from tests.conftest import MakeImage
from tests.engine.training import children

CHECKOUT = Path(__file__).resolve().parents[2]

Train = Callable[..., Ran]


class WhiskerWithChild(Whisker):
    """The engine, but for what its training child does."""

    child: Target = staticmethod(children.finishes)

    @cached_property
    def trainer(self) -> Trainer:  # type: ignore[override]
        return Trainer(
            self.home, self.shelf, self.bulletin, record=RunLog(lambda: self.history).hear, target=self.child
        )


@pytest.fixture
def train(home: Path, builtin: Path, capfd: pytest.CaptureFixture[str]) -> Train:
    """train(folder, "--json", child=...) runs the command with that child in the place of TensorFlow's."""

    def call(*arguments: str | Path, child: Target = children.finishes) -> Ran:
        engine = type("WhiskerWithThisChild", (WhiskerWithChild,), {"child": staticmethod(child)})
        capfd.readouterr()
        code = run(["train", *map(str, arguments)], lambda: engine(Home(home), builtin))
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return Ran(code, said.out.splitlines(), said.err)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pets"
    folder.mkdir()
    return folder


def test_that_the_outcome_is_said_in_plain_words(train: Train, folder: Path) -> None:
    ran = train(folder)
    assert ran.code == 0
    assert ran.out[0].startswith("pets@1 is on the shelf after ")
    assert ran.out[1:] == [
        "9 of 10 right on photos it never saw (95 % sure: 60 to 98 of 100).",
        "A note.",
        "`models use pets@1` lets it answer from now on.",
    ]
    assert "Reading the photos ..." in ran.err
    assert "2 classes, 18 photos: 8 to learn from, 10 to judge by. About 2 s." in ran.err
    assert "  A note." in ran.err


def test_that_json_is_one_event_a_line_and_the_last_has_what_a_program_needs(train: Train, folder: Path) -> None:
    ran = train(folder, "--json", "--name", "beasts")
    events = [json.loads(line) for line in ran.out]
    assert [event["event"] for event in events] == ["stage", "prepared", "exported", "finished"]
    last = events[-1]
    assert (last["model"], last["version"], last["metrics"]) == ("beasts", 1, children.METRICS)
    assert last["seconds"] > 0
    assert ran.err == ""


def test_that_classes_too_small_to_be_judged_are_named_as_the_check_names_them(
    train: Train, command: Command, labelled_folder: Path
) -> None:
    said = [
        "cat has only 4 photos to learn from; 20 or more are needed.",
        "dog has only 4 photos to learn from; 20 or more are needed.",
    ]
    ran = train(labelled_folder)
    assert (ran.code, ran.err.splitlines()[:2]) == (0, said)
    checked = [line.strip() for line in command("check", labelled_folder).out]
    assert all(sentence in checked for sentence in said)
    assert train(labelled_folder, "--json").err == ""


def test_that_large_enough_classes_are_not_complained_of(train: Train, tmp_path: Path, make_image: MakeImage) -> None:
    for number in range(20):
        for label in ("cat", "dog"):
            make_image(tmp_path / "many" / label / f"{number}.png", seed=number)
    assert "are needed" not in train(tmp_path / "many").err


def test_that_training_activates_only_when_told_to(train: Train, folder: Path, home: Path, builtin: Path) -> None:
    def active() -> str:
        whisker = Whisker(Home(home), builtin)
        try:
            return whisker.shelf.active.reference
        finally:
            whisker.close()

    train(folder)
    assert active() == "cats-dogs@1"
    assert train(folder, "--use").out[-1] == "pets@2 answers from now on."
    assert active() == "pets@2"


def test_that_runs_are_in_the_history(train: Train, folder: Path, home: Path, builtin: Path) -> None:
    train(folder, "--seed", "7")
    train(folder, child=children.dies)
    whisker = Whisker(Home(home), builtin)
    failed, finished = whisker.history.runs()
    whisker.close()
    assert (finished.model, finished.version, finished.state, finished.metrics) == (
        "pets",
        1,
        "finished",
        children.METRICS,
    )
    assert finished.plan["seed"] == 7
    assert (failed.version, failed.state, failed.metrics) == (None, "failed", None)


@pytest.mark.parametrize(
    ("named", "called"),
    [("flowers", "flowers"), ("cats-dogs", "my-cats-dogs"), ("holiday/train", "holiday"), ("Bäume 🌳", "Bäume -")],
)
def test_that_a_model_without_a_name_is_called_after_its_folder(
    train: Train, tmp_path: Path, named: str, called: str
) -> None:
    (tmp_path / named).mkdir(parents=True)
    last = json.loads(train(tmp_path / named, "--json").out[-1])
    assert last["model"] == called.removesuffix(" -")


def test_that_every_field_of_the_plan_is_an_option(train: Train, folder: Path, home: Path, builtin: Path) -> None:
    (folder / "w.h5").touch()
    options = (
        "--recipe vgg16 --epochs 3 --seed 5 --image-size 64 --batch-size 8 --learning-rate 0.01 --dropout 0.2 "
        "--augmentation 0.4 --fetch-weights"
    )
    assert train(folder, *options.split(), "--weights", folder / "w.h5", "--test", folder).code == 0
    whisker = Whisker(Home(home), builtin)
    plan = whisker.history.runs()[0].plan
    whisker.close()
    expected = {
        "recipe": "vgg16",
        "epochs": 3,
        "seed": 5,
        "image_size": 64,
        "batch_size": 8,
        "learning_rate": 0.01,
        "dropout": 0.2,
        "augmentation": 0.4,
        "fetch_weights": True,
        "weights": str(folder / "w.h5"),
        "test": str(folder),
    }
    assert {key: plan[key] for key in expected} == expected


@pytest.mark.parametrize(
    "options",
    [
        ["--epochs", "0"],
        ["--recipe", "magic"],
        ["--dropout", "2"],
        ["--recipe", "cnn", "--backbone", "lite0"],
        ["--weights", "nowhere.h5"],
    ],
)
def test_that_options_out_of_range_are_wrong_usage(train: Train, folder: Path, options: list[str]) -> None:
    ran = train(folder, *options)
    assert ran.code == 2
    assert not ran.out


def test_that_a_folder_that_is_not_there_is_a_sentence(train: Train, tmp_path: Path) -> None:
    ran = train(tmp_path / "nowhere", "--json")
    assert (ran.code, ran.out) == (1, [])
    assert ran.err == f"{tmp_path / 'nowhere'} is not there. Choose a folder with labelled photos.\n"


def test_that_weights_need_consent(train: Train, folder: Path) -> None:
    ran = train(folder, "--recipe", "resnet50")
    assert ran.code == 1
    assert "95 MB" in ran.err
    assert "--fetch-weights" in ran.err


def test_that_a_failure_is_an_event_a_sentence_and_exit_code_1(train: Train, folder: Path) -> None:
    ran = train(folder, "--json", child=children.dies)
    assert ran.code == 1
    (event,) = map(json.loads, ran.out)
    assert (event["event"], event["code"]) == ("failed", "training_died")
    assert "exit status 7" in ran.err
    assert event["log"] in ran.err


STOPPED = """
import sys
from pathlib import Path
from tests.cli.test_train import WhiskerWithChild
from tests.engine.training import children
from engine.paths import Home, default_home
from cli.app import run

class Slow(WhiskerWithChild):
    child = staticmethod(getattr(children, sys.argv[1]))

if __name__ == "__main__":
    sys.exit(run(["train", sys.argv[2], "--json"], lambda: Slow(Home(default_home()), Path(sys.argv[3]))))
"""


@pytest.fixture
def terminal(tmp_path: Path, folder: Path, builtin: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """terminal(child) starts a training in a process group of its own, as a shell does, and waits until it works."""
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED, encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def start(child: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, script, child, folder, builtin],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "stage"
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("child", ["obeys", "does_not_listen", "clings", "uses_locks"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_that_a_signal_to_the_terminal_ends_it_within_a_second_and_leaves_nothing(
    terminal: Callable[[str], subprocess.Popen[str]], home: Path, child: str, number: signal.Signals, code: int
) -> None:
    process = terminal(child)
    sent = time.monotonic()
    os.killpg(process.pid, number)
    assert process.stdout is not None
    events = [json.loads(line) for line in process.stdout]
    assert time.monotonic() - sent < 1.5
    assert events[-1]["event"] == "cancelled"
    process.wait(5)
    assert process.returncode == code
    assert process.stderr is not None
    assert process.stderr.read() == "Stopped. Nothing was kept.\n"
    assert not list((home / "staging").iterdir())
    assert not list((home / "models").glob("*/*"))
    number_of_child = int(re.split(r"\s", (Path(process.args[3]) / "pids").read_text())[0])  # type: ignore[index]
    with pytest.raises(ProcessLookupError):
        os.kill(number_of_child, 0)
