"""Whisker is started while it runs: the second hands its files to the first and leaves. Real processes, offscreen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.history import History
from tests.bundles import RED, make_bundle, solid
from tests.faults.acts.act import CHECKOUT
from tests.faults.conftest import Tried

PATIENCE_S = 30.0
KIND = "a second Whisker is started"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Start]:
    """start(file, …) starts `main.py` with these files."""
    model = make_bundle(tmp_path / "cats-dogs")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "MODEL_PATH": str(model), "WHISKER_HOME": str(home)}
    started: list[subprocess.Popen[str]] = []

    def begin(*files: Path) -> subprocess.Popen[str]:
        command = [sys.executable, str(CHECKOUT / "main.py"), *map(str, files)]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def answered(home: Path, names: set[str]) -> bool:
    """Waits until the history holds answers to files of these names."""
    return _until(home, lambda there: names <= there)


def any_answered(home: Path) -> bool:
    return _until(home, lambda there: there != set())


def _until(home: Path, wanted: Callable[[set[str]], bool]) -> bool:
    history = History(home / "whisker.db")
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and not wanted({row.name for row in history.recent(100)}):
        time.sleep(0.02)
    found = wanted({row.name for row in history.recent(100)})
    history.close()
    return found


def test_that_the_second_hands_over_its_files_and_leaves(
    home: Path, tmp_path: Path, start: Start, tried: Tried
) -> None:
    photos = [solid(tmp_path / f"{name}.png", RED) for name in "abcd"]
    first = start(photos[0])
    assert answered(home, {"a.png"})
    for photo in photos[1:]:
        second = start(photo)
        _, said = second.communicate(timeout=PATIENCE_S)
        assert (second.returncode, said) == (0, "")
        assert answered(home, {photo.name})
        tried(KIND)
    assert first.poll() is None
    first.terminate()
    _, said = first.communicate(timeout=PATIENCE_S)
    assert (first.returncode, said) == (0, "")


def test_that_of_several_at_the_same_moment_one_stays_and_answers(
    home: Path, tmp_path: Path, start: Start, tried: Tried
) -> None:
    photos = [solid(tmp_path / f"{name}.png", RED) for name in "abcd"]
    processes = [start(photo) for photo in photos]
    end = time.monotonic() + PATIENCE_S
    while sum(process.poll() is None for process in processes) > 1 and time.monotonic() < end:
        time.sleep(0.02)
    left = [process for process in processes if process.poll() is None]
    assert len(left) == 1
    # Each is shown as it comes; a photo that the next one replaces at once need not be answered.
    assert any_answered(home)
    left[0].terminate()
    assert left[0].wait(PATIENCE_S) == 0
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    tried(KIND, 3)


def test_that_after_a_kill_the_next_one_is_the_first(home: Path, tmp_path: Path, start: Start, tried: Tried) -> None:
    for number in range(4):
        photo = solid(tmp_path / f"{number}.png", RED)
        process = start(photo)
        assert answered(home, {photo.name})
        if number < 3:
            process.send_signal(signal.SIGKILL)
            process.wait()
            tried("the only Whisker is killed and started again")
    process.terminate()
    _, said = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (0, "")
