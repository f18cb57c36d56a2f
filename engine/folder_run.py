"""Classify thousands of pictures: decoded and answered on every core, delivered in order, in bounded memory."""

from __future__ import annotations

import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from engine import images
from engine.errors import FolderError
from engine.prediction import Outcome
from engine.predictor import Predictor
from engine.priority import let_others_in, step_back
from engine.together import BATCH, answer_together

# Chunks under way for each worker: enough that none waits while an earlier picture is slow.
AHEAD = 4
LOOK_UP_S = 0.05

OnLocked = Callable[[Path], None]


def find_images(
    paths: Iterable[Path], cancel: threading.Event | None = None, on_locked: OnLocked | None = None
) -> list[Path]:
    """The pictures at `paths`: folders are walked, hidden ones skipped; a file that is named is taken as it is.

    Args:
        cancel: Ends the search early.
        on_locked: Called with each folder below that may not be read; all others are looked through.

    Returns:
        Each file once, sorted by path; what was found so far if `cancel` is set.

    Raises:
        FolderError: one of `paths` is not there or may not be read.
    """
    found: set[Path] = set()
    for path in paths:
        try:
            kind = path.stat().st_mode
        except (OSError, ValueError) as error:
            # ValueError: a null character, which no file's name can have.
            missing = not isinstance(error, PermissionError)
            raise FolderError(
                f"{path} is not there." if missing else f"{path} may not be read.",
                "Check the spelling." if missing else "Check the permissions.",
            ) from error
        if stat.S_ISDIR(kind):
            found.update(walk(path, cancel, on_locked))
        else:
            found.add(path)
    return sorted(found)


def walk(folder: Path, cancel: threading.Event | None = None, on_locked: OnLocked | None = None) -> Iterator[Path]:
    """The pictures in `folder` and below, one after the other as they are found; hidden ones are skipped.

    Args:
        cancel: Ends the walk early.
        on_locked: Called with each folder below that may not be read; all others are looked through.

    Raises:
        FolderError: `folder` itself may not be read.
    """

    def refuse(error: OSError) -> None:
        # A locked sub-folder must not hide the rest; a locked top folder is what the person asked for.
        locked = Path(error.filename or folder)
        if locked == folder:
            raise FolderError(f"{folder} may not be read.", "Check the folder's permissions.") from error
        if on_locked is not None:
            on_locked(locked)

    for parent, folders, files in os.walk(folder, onerror=refuse):
        if cancel is not None and cancel.is_set():
            return
        let_others_in()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
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
        cancel: Ends the stream early, within a twentieth of a second.
        workers: Threads, each decoding and running batches of four; 0 for one a core.
    """
    for outcomes in classify_as_ready(predictor, paths, cancel=cancel, workers=workers):
        yield from outcomes


def classify_as_ready(
    predictor: Predictor,
    paths: Sequence[Path],
    *,
    cancel: threading.Event | None = None,
    workers: int = 0,
    behind_window: bool = False,
) -> Iterator[list[Outcome]]:
    """Like `classify`, but a list at a time: what is ready, or nothing when nothing came for a twentieth of a second.

    An empty list lets a caller who gathers outcomes pass them on while a slow picture is decoded.

    Args:
        behind_window: Whether a window is open in this process, whose thread goes first where both want a core.
    """
    cancel = cancel or threading.Event()
    workers = workers or os.cpu_count() or 1
    many = len(paths) > 1
    if many:
        predictor.prepare_for_many()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="classify", initializer=step_back if behind_window else None)
    stop = threading.Event()

    def ended() -> bool:
        return cancel.is_set() or stop.is_set()

    waiting: deque[Future[list[Outcome]]] = deque()
    chunks = _chunks(paths, workers)
    try:
        while True:
            while len(waiting) < workers * AHEAD and (chunk := next(chunks, None)):
                waiting.append(pool.submit(answer_together, predictor, chunk, many=many, ended=ended))
            if not waiting or cancel.is_set():
                return
            ready, _ = wait([waiting[0]], timeout=LOOK_UP_S)
            if cancel.is_set():
                return
            yield waiting.popleft().result() if ready else []
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _chunks(paths: Sequence[Path], workers: int) -> Iterator[Sequence[Path]]:
    """Single pictures at first, so that the first answers are there at once; then batches, fewer than would leave
    a core without work."""
    batch = max(1, min(BATCH, len(paths) // (2 * workers)))
    start = 0
    while start < len(paths):
        size = 1 if start < workers else batch
        yield paths[start : start + size]
        start += size
