"""Running a graph in the child: one-thread sessions, as many pictures at once as there are cores."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

Floats = npt.NDArray[np.float32]
Images = npt.NDArray[np.uint8]

SPEED_ROUNDS = 10


def one_thread_session(graph: Path | bytes) -> ort.InferenceSession:
    """A session that any number of threads may run at once, each on a core of its own."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source = graph if isinstance(graph, bytes) else str(graph)
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run(session: ort.InferenceSession, images: Images, names: Sequence[str], batch: int = 4) -> dict[str, Floats]:
    """The named outputs for uint8 pictures [n, height, width, 3], on every core."""
    starts = range(0, len(images), batch)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(lambda at: session.run(names, {"image": images[at : at + batch]}), starts))
    return {name: np.concatenate(part) for name, part in zip(names, zip(*parts, strict=True), strict=True)}


def speed_ratio(
    slow: ort.InferenceSession, fast: ort.InferenceSession, images: Images, rounds: int = SPEED_ROUNDS
) -> float:
    """How many times faster one picture goes through `fast`, on one core: a busy machine must not decide it.

    The best of alternating runs of each is compared, which other programs disturb least.
    """
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for index, session in enumerate((slow, fast)):
            began = time.perf_counter()
            session.run(["probabilities"], {"image": images[:1]})
            best[index] = min(best[index], time.perf_counter() - began)
    return best[0] / best[1]
