"""What the system keeps to itself is unknown, never made up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.monitor.machine import Machine, _busy_percent


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("error", [None, RuntimeError("not here"), OSError("not here")])
def test_that_without_disk_counters_the_rest_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    def counters(**_: object) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(psutil, "disk_io_counters", counters)
    look = machine.look()
    assert (look.disk_read_per_second, look.disk_written_per_second) == (None, None)
    assert look.memory_percent > 0


def test_that_a_disk_taken_out_is_no_negative_activity(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = iter([(500, 500), (900, 700), (100, 800)])
    monkeypatch.setattr(
        psutil,
        "disk_io_counters",
        lambda **_: SimpleNamespace(**dict(zip(("read_bytes", "write_bytes"), next(counters), strict=True))),
    )
    machine.look()
    assert (machine.look().disk_read_per_second or 0) > 0
    look = machine.look()
    assert look.disk_read_per_second is None
    assert (look.disk_written_per_second or 0) > 0


def test_that_a_child_of_ours_counts_as_ours_and_one_that_ended_as_nothing(tmp_path: Path) -> None:
    burn = "import time\nwhile True: pass"
    child = subprocess.Popen([sys.executable, "-c", burn])
    try:
        machine = Machine(tmp_path, lambda: [child.pid, 2**22 + 1])
        machine.look()
        until = psutil.Process(child.pid).cpu_times().user + 0.15
        while psutil.Process(child.pid).cpu_times().user < until:
            pass
        look = machine.look()
    finally:
        child.kill()
        child.wait()
    assert look.process_cpu_percent > 10
    assert look.process_memory_bytes > psutil.Process().memory_info().rss
    after = machine.look()
    assert after.process_memory_bytes < look.process_memory_bytes


def test_that_a_clock_of_the_processor_that_stands_still_or_runs_back_gives_a_share_all_the_same() -> None:
    now = SimpleNamespace(_fields=("user", "idle"), user=5.0, idle=5.0)
    before = SimpleNamespace(_fields=("user", "idle"), user=6.0, idle=1.0)
    assert _busy_percent(now, now) == 0.0
    assert 0.0 <= _busy_percent(before, now) <= 100.0
    assert 0.0 <= _busy_percent(now, before) <= 100.0
