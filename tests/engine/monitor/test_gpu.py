"""A graphics card is asked through what its driver brought; without one nothing happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.monitor.gpu import Gpu, GpuLoad


class Nvml:
    """NVIDIA's library with `loads` cards: (busy percent, used, total)."""

    def __init__(self, *loads: tuple[int, int, int], broken: bool = False) -> None:
        self.loads, self.broken, self.open = loads, broken, 0

    def nvmlInit_v2(self) -> int:
        if self.broken:
            return 9  # the driver is not loaded
        self.open += 1
        return 0

    def nvmlShutdown(self) -> int:
        self.open -= 1
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self.loads)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, handle: Any) -> int:
        handle._obj.value = index.value + 1
        return 0

    def nvmlDeviceGetUtilizationRates(self, handle: Any, use: Any) -> int:
        use._obj.gpu = self.loads[handle.value - 1][0]
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:
        _, memory._obj.used, memory._obj.total = self.loads[handle.value - 1]
        return 0 if memory._obj.total else 3


def absent() -> Any:
    raise OSError("no such library")


def test_that_the_busiest_card_is_told(tmp_path: Path) -> None:
    nvml = Nvml((7, 1, 4), (80, 2, 4))
    assert Gpu(lambda: nvml, tmp_path).look() == GpuLoad(80.0, 50.0)


def test_that_a_card_that_hides_its_memory_tells_its_load_all_the_same(tmp_path: Path) -> None:
    assert Gpu(lambda: Nvml((7, 0, 0)), tmp_path).look() == GpuLoad(7.0, None)


@pytest.mark.parametrize("load", [absent, lambda: Nvml(broken=True), lambda: Nvml(), lambda: object()])
def test_that_without_a_card_there_is_nothing_and_it_is_not_looked_for_again(tmp_path: Path, load: Any) -> None:
    asked = []

    def once() -> Any:
        asked.append(1)
        return load()

    gpu = Gpu(once, tmp_path)
    assert [gpu.look(), gpu.look()] == [None, None]
    assert len(asked) == 1


def test_that_a_card_may_sleep_when_nobody_looks_and_is_asked_again_later(tmp_path: Path) -> None:
    nvml = Nvml((7, 1, 4))
    gpu = Gpu(lambda: nvml, tmp_path)
    gpu.look()
    gpu.let_go()
    gpu.let_go()
    assert nvml.open == 0
    assert gpu.look() == GpuLoad(7.0, 25.0)


def test_that_what_amds_driver_writes_is_read(tmp_path: Path) -> None:
    device = tmp_path / "card0" / "device"
    device.mkdir(parents=True)
    (device / "gpu_busy_percent").write_text("41\n")
    assert Gpu(absent, tmp_path).look() == GpuLoad(41.0, None)
    (device / "mem_info_vram_used").write_text("1\n")
    (device / "mem_info_vram_total").write_text("4\n")
    gpu = Gpu(absent, tmp_path)
    assert gpu.look() == GpuLoad(41.0, 25.0)
    (device / "gpu_busy_percent").write_text("")  # asleep
    assert gpu.look() is None
