"""kill -9 in each stage of a real training: nothing half-made, no lock, no child left, and the next one ends well."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.paths import Home, sample_set
from engine.training.trainer import Trainer
from engine.whisker import Whisker
from tests.faults import kills
from tests.faults.acts.act import CHECKOUT
from tests.faults.conftest import Tried

STAGES = ("importing", "looking", "learning", "exporting", "exported", "judging")
PICTURES = "*-0[0-5].jpg"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve labelled pictures."""
    folder = tmp_path_factory.mktemp("few")
    for picture in sorted(sample_set().rglob(PICTURES)):
        target = folder / picture.parent.name / picture.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(picture, target)
    return folder


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all of them, so that each meets what the kill before has left."""
    return tmp_path_factory.mktemp("home")


def train(pictures: Path, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHECKOUT / "main.py"), "train", str(pictures), "--name", "few", "--json"],
        env=os.environ | {"WHISKER_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stage", STAGES)
def test_that_a_training_killed_in_any_stage_leaves_nothing_behind(
    stage: str, pictures: Path, lived: Path, tried: Tried
) -> None:
    running = train(pictures, lived)
    assert running.stdout is not None
    if stage != "importing":
        for line in running.stdout:
            event = json.loads(line)
            if stage in (event["event"], event.get("name")):
                break
        else:
            pytest.fail(f"the training ended before it was {stage}")
    # The program alone in every other stage: its child, busy in TensorFlow, has to notice by itself.
    alone = STAGES.index(stage) % 2 == 1
    (os.kill if alone else os.killpg)(running.pid, signal.SIGKILL)
    running.communicate()
    lost = kills.outlived(running.pid, patience=60.0)
    whisker = Whisker(Home(lived))
    lost += whisker.tidy()
    lost += [entry.reference for entry in whisker.shelf.list() if entry.name == "few"]
    lost += [str(path) for path in kills.half_made(lived)]
    trainer = Trainer(whisker.home, whisker.shelf, whisker.bulletin)
    trainer._locked().release()
    whisker.close()
    tried("a real training killed, in each of its stages", lost=len(lost))
    assert lost == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_after_all_that_a_training_ends_well(pictures: Path, lived: Path) -> None:
    running = train(pictures, lived)
    said, _ = running.communicate()
    assert running.returncode == 0
    assert json.loads(said.splitlines()[-1])["version"] == 1
