from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from engine.training.events import Failed, Last
from engine.training.messages import GetReady, Job, Warm
from engine.training.plan import TrainingPlan
from engine.training.process import Child
from tests.engine.training import children


@pytest.mark.slow
def test_that_the_process_of_a_training_leaves_nothing_in_the_persons_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras, TensorFlow, onnxruntime and what they import have habits: settings, lists of fonts, identities."""
    person = tmp_path / "person"
    person.mkdir()
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(person))
    monkeypatch.setattr(tempfile, "tempdir", str(person))
    child = Child(tmp_path / "home" / "logs")
    try:
        child.connection.send(GetReady(tmp_path / "home" / "cache"))
        assert isinstance(child.connection.recv(), Warm)
    finally:
        child.end()
        child.connection.close()
    assert sorted(person.rglob("*")) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_that_a_full_disk_is_said_though_it_holds_the_log_too(tmp_path: Path, labelled_folder: Path) -> None:
    """Where the bundle should be written is no folder, and what Python says of that cannot be logged."""
    plan = TrainingPlan(folder=labelled_folder, name="pets").checked()
    nowhere = tmp_path / "gone" / "staging"
    child = Child(tmp_path / "logs", children.logs_on_a_full_disk)
    try:
        child.connection.send(Job(plan, nowhere, tmp_path / "checkpoints", tmp_path / "cache", None, None))
        said = child.connection.recv()
        while not isinstance(said, Last):
            said = child.connection.recv()
    finally:
        child.end()
        child.connection.close()
    assert isinstance(said, Failed)
    assert said.code == "folder_error"
    assert said.hint


def test_that_what_a_killed_program_left_is_cleared_away_and_what_others_use_is_not(tmp_path: Path) -> None:
    scratch = tmp_path / "cache" / "scratch"
    gone = psutil.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f"{gone.pid}-left", f"{os.getppid()}-used", "notes"):
        (scratch / name).mkdir(parents=True)
        (scratch / name / "generated.py").touch()
    child = Child(tmp_path / "logs", children.hangs)
    try:
        names = sorted(path.name.partition("-")[0] for path in scratch.iterdir())
        assert names == sorted(["notes", str(os.getpid()), str(os.getppid())])
    finally:
        child.end()
        child.connection.close()
    assert sorted(path.name for path in scratch.iterdir()) == sorted(["notes", f"{os.getppid()}-used"])
