"""Where the child process begins."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from engine.errors import TrainingCancelled, WhiskerError, remedy
from engine.training.child.reporter import Reporter
from engine.training.events import Cancelled, Failed
from engine.training.messages import Warm

FULL = os.strerror(errno.ENOSPC)


def serve(connection: Connection, log: Path) -> None:
    """Import TensorFlow, get ready while nobody waits, do the job that comes, and end.

    Args:
        connection: Events go out here; a Job and Stop come in.
        log: What TensorFlow and Keras print goes there, and a traceback if it comes to that.
    """
    _print_to(log)
    reporter = Reporter(connection)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import tensorflow as tf

    from engine.training.child.recipes import train
    from engine.training.child.trunk import get_ready

    try:
        cache = reporter.wait_for_word()
        if cache is not None:
            get_ready(cache, lambda: reporter.wanted)
        reporter.tell(Warm())
        reporter.tell(train(reporter.wait_for_job(), reporter))
    except TrainingCancelled:
        reporter.tell(Cancelled("asked"))
    except WhiskerError as error:
        reporter.tell(Failed(error.code, error.message, error.hint, ""))
    except (MemoryError, tf.errors.ResourceExhaustedError, OSError) as error:
        # The log may lie on the very disk that is full.
        with suppress(OSError):
            traceback.print_exc()
        reporter.tell(_refused(error))
    # Whatever else comes is our mistake: its traceback is in the log, and the parent says that the child died.


def _refused(error: Exception) -> Failed:
    """What the machine did not give. TensorFlow and HDF5 tell of a full disk in words alone."""
    if FULL in str(error):
        return Failed("folder_error", "The disk is full.", "Make room and try again.", "")
    if isinstance(error, OSError):
        return Failed("folder_error", f"The disk refused ({error.strerror or error}).", remedy(error), "")
    return Failed("out_of_memory", "Memory ran out.", "Choose a smaller batch or image size.", "")


def _print_to(log: Path) -> None:
    """Send the process's output to `log`, TensorFlow's C++ lines too; a windowed program has nowhere else for it."""
    file = log.open("a", buffering=1, encoding="utf-8", errors="replace")
    for number in (1, 2):
        os.dup2(file.fileno(), number)
    sys.stdout = sys.stderr = file
