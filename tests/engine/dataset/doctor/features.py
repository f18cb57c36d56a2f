"""Features to examine pictures by, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def by_class(paths: Sequence[Path], *_: object) -> np.ndarray:
    """Features that tell cats from dogs by the file's name."""
    random = np.random.default_rng(0)
    centre = {"cat": [4.0, 0.0], "dog": [0.0, 4.0]}
    rows = [[*centre.get(path.name[:3], [2.0, 2.0]), *random.normal(0, 0.3, 6)] for path in paths]
    return np.array(rows, dtype=np.float32).reshape(-1, 8)
