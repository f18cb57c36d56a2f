"""How fast this machine is, measured before its first training: some pictures through the backbone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from engine.training.estimate import MACHINE, Pace
from engine.training.features import FeatureExtractor, backbone_graph
from engine.training.plan import BACKBONE_SIDE, DEFAULT_BACKBONE

PICTURES = 4
TURNS = 5
REFERENCE_S = 0.006
"""What a core of the machine needs for a picture on which the guesses were made; that one had two."""
REFERENCE_CORES = 2
CORES_THAT_HELP = 8


def measured(folder: Path) -> Pace:
    """The pace kept in `folder`; if nothing was ever measured, this machine is (some 0.3 s), and that is kept too."""
    pace = Pace.read(folder)
    if pace.factors or not backbone_graph(DEFAULT_BACKBONE).is_file():
        return pace
    cores = min(os.cpu_count() or REFERENCE_CORES, CORES_THAT_HELP)
    pace = Pace({MACHINE: seconds_a_picture() / REFERENCE_S * REFERENCE_CORES / cores})
    pace.write(folder)
    return pace


def seconds_a_picture() -> float:
    """On one core, by the network alone: its processor time, so that other work is not taken for slowness."""
    side = BACKBONE_SIDE[DEFAULT_BACKBONE]
    extractor = FeatureExtractor(DEFAULT_BACKBONE, side)
    batch = np.random.default_rng(0).integers(0, 256, (PICTURES, side, side, 3), dtype=np.uint8)
    extractor.run(batch)
    began = time.thread_time()
    for _ in range(TURNS):
        extractor.run(batch)
    return (time.thread_time() - began) / (TURNS * PICTURES)
