"""What the system says of the machine and of this program; whatever it keeps to itself is None."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

FIRST_LOOK_S = 0.1


@dataclass(frozen=True)
class Look:
    """The machine and the program at one moment; the attributes are those of `Sample`."""

    cpu_percent: float
    memory_percent: float
    memory_total_bytes: int
    disk_percent: float | None
    disk_read_per_second: float | None
    disk_written_per_second: float | None
    process_cpu_percent: float
    process_memory_bytes: int
    process_threads: int


class Machine:
    """Compares each look with the one before; not for two threads at once.

    Args:
        disk: A path on the disk whose use is watched.
        children: The numbers of processes that this program has started, counted with it.
    """

    def __init__(self, disk: Path, children: Callable[[], Iterable[int]] = tuple) -> None:
        self._disk = disk
        self._children = children
        self._process = psutil.Process()
        self._others: dict[int, Any] = {}
        self.cores = psutil.cpu_count() or 1
        self._remember()
        # Load is measured between two looks; the first has nothing to compare with and makes its own.
        time.sleep(FIRST_LOOK_S)

    def look(self) -> Look:
        then, cpu, disk, spent = self._at, self._cpu, self._moved, self._spent
        self._remember()
        passed = max(1e-3, self._at - then)
        # A child that was not there before has spent all it has spent since.
        burnt = sum(max(0.0, now - spent.get(number, 0.0)) for number, now in self._spent.items())
        memory = psutil.virtual_memory()
        with self._process.oneshot():
            threads, resident = int(self._process.num_threads()), int(self._process.memory_info().rss)
        return Look(
            cpu_percent=_busy_percent(cpu, self._cpu),
            memory_percent=float(memory.percent),
            memory_total_bytes=int(memory.total),
            disk_percent=self._disk_percent(),
            disk_read_per_second=_rate(disk, self._moved, 0, passed),
            disk_written_per_second=_rate(disk, self._moved, 1, passed),
            process_cpu_percent=round(100.0 * burnt / passed, 2),
            process_memory_bytes=resident + sum(self._resident(child) for child in self._others.values()),
            process_threads=threads,
        )

    def _remember(self) -> None:
        self._at = time.monotonic()
        # psutil.cpu_percent() would compare with the last call of the same thread, not with ours.
        self._cpu = psutil.cpu_times()
        self._moved = self._disk_moved()
        self._spent = self._processor_seconds()

    def _processor_seconds(self) -> dict[int, float]:
        alive = set(self._children())
        self._others = {number: child for number, child in self._others.items() if number in alive}
        spent = {os.getpid(): time.process_time()}
        for number in alive:
            try:
                child = self._others.get(number) or psutil.Process(number)
                times = child.cpu_times()
            except (psutil.Error, OSError):
                self._others.pop(number, None)
                continue
            self._others[number] = child
            spent[number] = times.user + times.system
        return spent

    def _resident(self, child: Any) -> int:
        try:
            return int(child.memory_info().rss)
        except (psutil.Error, OSError):
            return 0

    def _disk_moved(self) -> tuple[int, int] | None:
        """Bytes read and written by all disks since the machine started; a container may not be told."""
        try:
            counters = psutil.disk_io_counters(nowrap=False)
        except (OSError, RuntimeError, ValueError, NotImplementedError):
            return None
        return None if counters is None else (int(counters.read_bytes), int(counters.write_bytes))

    def _disk_percent(self) -> float | None:
        path = self._disk
        while not path.exists() and path != path.parent:
            path = path.parent
        try:
            return float(psutil.disk_usage(str(path)).percent)
        except OSError:
            return None


def _rate(before: tuple[int, int] | None, after: tuple[int, int] | None, which: int, passed: float) -> float | None:
    """None as well when the sum fell: a disk was taken out."""
    if before is None or after is None or after[which] < before[which]:
        return None
    return (after[which] - before[which]) / passed


def _busy_percent(before: Any, after: Any) -> float:
    """Share of processor time, 0 to 100, that was not idle between two psutil.cpu_times()."""
    # Linux counts a guest's time in user time already.
    spent = {
        name: getattr(after, name) - getattr(before, name)
        for name in after._fields
        if name not in ("guest", "guest_nice", "dpc", "interrupt")
    }
    total = sum(spent.values())
    idle = spent["idle"] + spent.get("iowait", 0.0)
    return round(min(100.0, max(0.0, 100.0 * (1.0 - idle / total))), 1) if total > 0 else 0.0
