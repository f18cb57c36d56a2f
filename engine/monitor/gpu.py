"""How busy the graphics card is, where there is one that says so; nothing is installed or started for it.

NVIDIA's driver brings a library (NVML) that ctypes can call; AMD's driver writes the same to files. Asking keeps a
card awake that a laptop would have put to sleep, so it is asked only while somebody looks, and let go afterwards.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LIBRARIES = ("nvml.dll",) if sys.platform == "win32" else ("libnvidia-ml.so.1", "libnvidia-ml.so")
_CARDS = Path("/sys/class/drm")


@dataclass(frozen=True)
class GpuLoad:
    """Of the busiest card, 0 to 100; the memory's is None where the driver keeps it to itself."""

    percent: float
    memory_percent: float | None


class Gpu:
    """The graphics cards of this machine.

    Args:
        load: Gives NVIDIA's library; raises OSError when there is none.
        cards: Where AMD's driver writes.
    """

    def __init__(self, load: Callable[[], Any] | None = None, cards: Path = _CARDS) -> None:
        self._load = load or _library
        self._cards = cards
        self._nvml: Any = None
        self._handles: list[Any] = []
        self._opened = self._absent = False

    def look(self) -> GpuLoad | None:
        """None when there is no card, or none that says."""
        if self._absent:
            return None
        if not self._opened:
            self._open()
        loads = [*self._nvidia(), *self._amd()]
        if not loads:
            self._absent = True
            return None
        return max(loads, key=lambda load: load.percent)

    def let_go(self) -> None:
        """Let the card sleep; the next look opens it again."""
        if self._nvml is not None:
            self._nvml.nvmlShutdown()
        self._nvml, self._handles, self._opened = None, [], False

    def _open(self) -> None:
        self._opened = True
        try:
            nvml = self._load()
            if nvml.nvmlInit_v2() != 0:
                return
            self._nvml = nvml
            count = ctypes.c_uint()
            if nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
                return
            for index in range(count.value):
                handle = ctypes.c_void_p()
                if nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) == 0:
                    self._handles.append(handle)
        except (OSError, AttributeError):
            # No such library, or one too old to have these functions.
            return

    def _nvidia(self) -> Iterable[GpuLoad]:
        for handle in self._handles:
            use, memory = _Utilization(), _Memory()
            if self._nvml.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(use)) != 0:
                continue
            known = self._nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0 and memory.total
            yield GpuLoad(float(use.gpu), 100.0 * memory.used / memory.total if known else None)

    def _amd(self) -> Iterable[GpuLoad]:
        for file in self._cards.glob("card*/device/gpu_busy_percent"):
            percent = _number(file)
            used = _number(file.with_name("mem_info_vram_used"))
            total = _number(file.with_name("mem_info_vram_total"))
            if percent is not None:
                yield GpuLoad(percent, 100.0 * used / total if used is not None and total else None)


class _Utilization(ctypes.Structure):
    """nvmlUtilization_t"""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    """nvmlMemory_t"""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def _library() -> Any:
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise OSError("no NVML")


def _number(file: Path) -> float | None:
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        # A card that is asleep says nothing.
        return None
