from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine import priority
from engine.dataset.picture_files import pictures_below
from engine.folder_run import find_images
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
