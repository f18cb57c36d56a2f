"""Classify thousands of pictures: decoded and answered on every core, delivered in order, in bounded memory."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import numpy as np

from engine import images
from engine.errors import FolderError, ImageError
from engine.prediction import Failure, Outcome
from engine.predictor import Predictor

# Small batches answer fastest (docs/performance.md), and keep a cancelled run from lingering.
BATCH = 4
# Chunks under way for each worker: enough that none waits while an earlier picture is slow.
AHEAD = 4


def find_images(paths: Iterable[Path], cancel: threading.Event | None = None) -> list[Path]:
    """The pictures at `paths`: folders are walked, hidden ones skipped; a file that is named is taken as it is.

    Returns:
        Each file once, sorted by path; what was found so far if `cancel` is set.

    Raises:
        FolderError: one of `paths` is not there or may not be read.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(_walk(path, cancel))
        elif path.exists():
            found.add(path)
        else:
            raise FolderError(f"{path} is not there.", "Check the spelling.")
    return sorted(found)


def _walk(folder: Path, cancel: threading.Event | None) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        # A locked sub-folder must not hide the rest; a locked top folder is what the person asked for.
        if error.filename and Path(error.filename) == folder:
            raise FolderError(f"{folder} may not be read.", "Check the folder's permissions.") from error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        if cancel is not None and cancel.is_set():
            return
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in images.SUFFIXES:
                yield Path(parent, name)


def classify(
    predictor: Predictor,
    paths: Sequence[Path],
    *,
    cancel: threading.Event | None = None,
    workers: int = 0,
) -> Iterator[Outcome]:
    """Answer each picture of `paths`, in order; one that cannot be read becomes a `Failure`.

    Args:
        cancel: Ends the stream early, within one picture's time.
        workers: Threads, each decoding and running batches of four; 0 for one a core.
    """
    cancel = cancel or threading.Event()
    workers = workers or os.cpu_count() or 1
    if len(paths) > BATCH:
        predictor.prepare_for_many()
    chunks = (paths[start : start + BATCH] for start in range(0, len(paths), BATCH))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="classify")
    stop = threading.Event()
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(_answer_chunk, predictor, chunk, cancel, stop))
            if len(waiting) >= workers * AHEAD:
                yield from _first(waiting, cancel)
            if cancel.is_set():
                return
        while waiting:
            yield from _first(waiting, cancel)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _first(waiting: deque[Future[list[Outcome]]], cancel: threading.Event) -> list[Outcome]:
    future = waiting.popleft()
    while not cancel.is_set():
        try:
            return future.result(timeout=0.05)
        except NotYet:
            if future.done():
                raise
    return []


def _answer_chunk(
    predictor: Predictor, chunk: Sequence[Path], cancel: threading.Event, stop: threading.Event
) -> list[Outcome]:
    began = time.perf_counter()
    size = predictor.card.input
    arrays, failures = {}, {}
    for position, path in enumerate(chunk):
        if cancel.is_set() or stop.is_set():
            return []
        try:
            arrays[position] = images.load(path, size.width, size.height)
        except ImageError as error:
            failures[position] = error
    outputs = predictor.run(np.stack(list(arrays.values()))) if arrays else None
    elapsed_ms = (time.perf_counter() - began) * 1e3 / len(chunk)
    outcomes: list[Outcome] = []
    row = 0
    for position, path in enumerate(chunk):
        if position in failures:
            outcomes.append(Failure(path.name, failures[position], path))
        elif outputs is not None:
            outcomes.append(predictor.answer(outputs, row, path.name, path, elapsed_ms))
            row += 1
    return outcomes
