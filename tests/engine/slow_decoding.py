"""Decoding that takes as long as a test wants."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine import images

Loader = Callable[..., npt.NDArray[np.uint8]]


def slow_down(monkeypatch: pytest.MonkeyPatch, slow: Callable[[Path], float]) -> list[Path]:
    """Let decoding of a picture take `slow(path)` seconds; returns the list of those that were begun."""
    real: Loader = images.load
    begun: list[Path] = []

    def load(path: Path, width: int, height: int, **named: Any) -> npt.NDArray[np.uint8]:
        begun.append(path)
        time.sleep(slow(path))
        return real(path, width, height, **named)

    monkeypatch.setattr(images, "load", load)
    return begun
