"""The doctor in a process of its own.

In a thread beside a window it would hold Python's lock for moments that can be seen (up to a tenth of a second was
measured), and its memory would stay. A process of its own does neither, and can be ended whatever it is doing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from engine.dataset.doctor.examine import Report, examine
from engine.errors import DatasetError, FolderError, WhiskerError, remedy
from engine.paths import Home
from engine.priority import step_back_whole
from engine.training.process import Child, Target, end_with_parent

POLL_S = 0.05

Stage = tuple[str, int, int]
"""What is being done, how much of it is done, and of how much."""


def _work(connection: Connection, _log: Path) -> None:
    from engine.dataset.doctor.embedding import backbone_features

    step_back_whole()  # Somebody is using the window meanwhile.
    folder, home = connection.recv()
    end_with_parent(connection)
    said: Report | WhiskerError
    try:
        features = backbone_features(home)
        said = examine(folder, features, progress=lambda *stage: connection.send(stage), cache=home.features)
    except WhiskerError as error:
        said = error
    except OSError as error:
        said = FolderError(f"The disk refused ({error.strerror or error}).", remedy(error))
    connection.send(said)


def examine_apart(
    folder: Path, home: Home, cancel: threading.Event, *, target: Target = _work
) -> Iterator[Stage | Report]:
    """Examine a labelled folder with the backbone's eyes: how far it is, then the report; nothing when cancelled.

    Args:
        target: What the process does; tests put something else in its place.

    Raises:
        DatasetError: the folder holds no labelled pictures, or the process died.
        FolderError: the process cannot be started, or the disk refused.
    """
    try:
        child = Child(home.logs, target)
    except OSError as error:
        raise FolderError(f"The system refused ({error.strerror}).", remedy(error)) from error
    try:
        child.connection.send((folder, home))
        while not cancel.is_set():
            if not child.connection.poll(POLL_S):
                continue
            word = child.connection.recv()
            if isinstance(word, WhiskerError):
                raise word
            yield word
            if isinstance(word, Report):
                return
    except (EOFError, OSError) as error:
        child.end(patience=1.0)
        status = child.process.exitcode
        raise DatasetError(f"The check ended unexpectedly (exit status {status}).", "Start it again.") from error
    finally:
        child.end()
        child.connection.close()
