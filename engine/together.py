"""A few pictures answered by one run of the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import images
from engine.errors import ImageError
from engine.images import Limits
from engine.prediction import Failure, Outcome
from engine.predictor import Predictor

# Small batches answer fastest (docs/performance.md), and keep a cancelled run from lingering.
BATCH = 4


def answer_together(
    predictor: Predictor,
    sources: Sequence[Path | bytes],
    names: Sequence[str] = (),
    *,
    limits: Limits = images.DESKTOP,
    many: bool = True,
    ended: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Answer each of `sources`, in order; one that cannot be read becomes a `Failure`. Up to BATCH are quickest.

    Args:
        sources: Files, or the contents of some.
        names: What to call them; a file's own name unless given.
        many: Whether other threads ask as well.
        ended: Asked between pictures; nothing is answered once it says yes.

    Raises:
        ModelBroken: the network gave up.
    """
    began = time.perf_counter()
    size = predictor.card.input
    called = [
        names[number] if names else images.display_name(source) if isinstance(source, Path) else "photo"
        for number, source in enumerate(sources)
    ]
    arrays: list[npt.NDArray[np.uint8]] = []
    failures: dict[int, ImageError] = {}
    for number, source in enumerate(sources):
        if ended():
            return []
        try:
            arrays.append(images.load(source, size.width, size.height, name=called[number], limits=limits))
        except ImageError as error:
            failures[number] = error
    if ended():
        return []
    outputs = predictor.run(np.stack(arrays), many=many) if arrays else None
    elapsed_ms = (time.perf_counter() - began) * 1e3 / len(sources)
    outcomes: list[Outcome] = []
    row = 0
    for number, source in enumerate(sources):
        path = source if isinstance(source, Path) else None
        if number in failures:
            outcomes.append(Failure(called[number], failures[number], path))
        elif outputs is not None:
            outcomes.append(predictor.answer(outputs, row, called[number], path, elapsed_ms))
            row += 1
    return outcomes
