from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine import priority
from engine.dataset.picture_files import pictures_below
from engine.folder_run import find_images
from engine.priority import LAST, NICENESS
from tests.bundles import RED, solid

READERS: list[Callable[[Path], list[Path]]] = [
    lambda folder: find_images([folder]),
    lambda folder: pictures_below(folder, []),
]


class Clock:
    """Every look at it finds a millisecond gone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses = 0

    def perf_counter(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses += 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(priority, "time", SimpleNamespace(perf_counter=clock.perf_counter, sleep=clock.sleep))
    return clock


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for number in range(30):
        (tmp_path / f"{number}").mkdir()
    solid(tmp_path / "7" / "red.png", RED)
    return tmp_path


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("read", READERS)
def test_that_a_thread_which_reads_many_folders_lets_the_window_in_now_and_then(
    read: Callable[[Path], list[Path]], folders: Path, clock: Clock
) -> None:
    found: list[Path] = []
    in_a_thread(lambda: found.extend(read(folders)))
    assert found == [folders / "7" / "red.png"]
    assert 5 <= clock.pauses < 30, "not at every folder, which would cost time for nothing"


@pytest.mark.parametrize("read", READERS)
def test_that_a_command_which_reads_many_folders_makes_no_pauses(
    read: Callable[[Path], list[Path]], folders: Path, clock: Clock
) -> None:
    assert read(folders) == [folders / "7" / "red.png"]
    assert clock.pauses == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system counts a niceness for the whole process")
def test_that_the_threads_that_a_library_began_before_give_way_too() -> None:
    program = (
        "import os, threading\n"
        "import numpy\n"
        "from engine.priority import step_back_whole\n"
        "over = threading.Event()\n"
        "threading.Thread(target=over.wait).start()\n"
        "step_back_whole()\n"
        "tasks = os.listdir('/proc/self/task')\n"
        "print(len(tasks), *{os.getpriority(os.PRIO_PROCESS, int(task)) for task in tasks})\n"
        "over.set()\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    threads, *niceness = map(int, said.stdout.split())
    assert threads >= 2
    assert niceness == [min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, LAST)]
