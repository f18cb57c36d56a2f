"""One piece of work for the training libraries, done in a process of its own: its result, or its error, comes back."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from engine.errors import FolderError, TrainingCancelled, TrainingError, TrainingUnavailable, WhiskerError, remedy
from engine.training.process import Child, end_with_parent

POLL_S = 0.05


def run_errand(
    work: str,
    arguments: Mapping[str, Any],
    *,
    needs: str,
    logs: Path,
    cancel: threading.Event | None = None,
) -> Any:
    """Call a function of `engine.training.child` in a process of its own.

    Args:
        work: "module:function", below `engine.training.child`.
        arguments: By name; values that can be pickled.
        needs: The library without which this edition cannot do it.
        logs: Where what it prints goes.
        cancel: Ends it at once.

    Returns:
        What the function returned.

    Raises:
        TrainingUnavailable: this edition lacks the library.
        TrainingCancelled: `cancel` was set.
        WhiskerError: what the function raised, or that its process died.
    """
    if find_spec(needs) is None:
        raise TrainingUnavailable(
            "That needs the full edition of Whisker.", "Install it; your models and settings will be there."
        )
    try:
        child = Child(logs, _do)
    except OSError as error:
        raise FolderError(f"The system refused ({error.strerror}).", remedy(error)) from error
    try:
        child.connection.send((work, dict(arguments)))
        while not child.connection.poll(POLL_S):
            if cancel is not None and cancel.is_set():
                raise TrainingCancelled("Cancelled.")
        answer = child.connection.recv()
    except (EOFError, OSError) as error:
        child.end(patience=1.0)
        raise TrainingError(
            f"The work ended unexpectedly (exit status {child.process.exitcode}).", f"The log says more: {child.log}"
        ) from error
    finally:
        child.end(patience=0.0)
        child.connection.close()
    if isinstance(answer, WhiskerError):
        raise answer
    return answer


def _do(connection: Connection, log: Path) -> None:
    with log.open("a", buffering=1, encoding="utf-8", errors="replace") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
        sys.stdout = sys.stderr = file
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        work, arguments = connection.recv()
        end_with_parent(connection)
        module, _, function = work.partition(":")
        try:
            answer = getattr(importlib.import_module(f"engine.training.child.{module}"), function)(**arguments)
        except WhiskerError as error:
            answer = error
        except OSError as error:
            answer = FolderError(f"The disk refused ({error.strerror or error}).", remedy(error))
        connection.send(answer)
