"""The doctor's eyes: the features that training uses, from the same cache, so that neither computes them twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.dataset.doctor.examine import Features
from engine.paths import Home
from engine.training.features import FeatureExtractor, backbone_graph
from engine.training.plan import BACKBONE_SIDE, DEFAULT_BACKBONE


def backbone_features(home: Home) -> Features | None:
    """Features of the default backbone, remembered below the home; None where the program came without backbones."""
    if not backbone_graph(DEFAULT_BACKBONE).is_file():
        return None
    extractor = FeatureExtractor(DEFAULT_BACKBONE, BACKBONE_SIDE[DEFAULT_BACKBONE], home.features)

    def features(
        paths: Sequence[Path], progress: Callable[[int], None], cancel: threading.Event
    ) -> npt.NDArray[np.float32]:
        return extractor.extract(paths, progress=progress, cancel=cancel).features[:, 0]

    return features
