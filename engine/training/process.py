"""A process for TensorFlow alone: spawned, deaf to Ctrl-C, and gone for certain when it is no longer wanted."""

from __future__ import annotations

import datetime
import multiprocessing
import multiprocessing.resource_tracker
import os
import shutil
import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil

TERMINATE_S = 0.25
KILL_S = 5.0

Target = Callable[[Connection, Path], None]
"""What the process does: it talks through the connection and prints into the log. Found again by its name there."""


def teach(connection: Connection, log: Path) -> None:
    """Import TensorFlow at once, wait for a job and do it."""
    # Imported in the child alone: the parent must not import that module, which imports TensorFlow.
    from engine.training.child.main import serve

    serve(connection, log)


class Child:
    """A process at work on `target`.

    Args:
        logs: The folder for its log file.
        target: A function of a module, found again by name in the child.

    Raises:
        OSError: the log's folder or the process cannot be made.
    """

    def __init__(self, logs: Path, target: Target = teach) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
        self.log = logs / f"training-{stamp}-{uuid.uuid4().hex[:6]}.log"
        context = multiprocessing.get_context("spawn")
        self._ending = threading.Lock()
        self._scratch = _new_scratch(logs.parent / "cache" / "scratch")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_begin, args=(target, theirs, self.log, self._scratch), name="training", daemon=True
        )
        try:
            with _deaf_to_interrupts():
                self.process.start()
        except OSError:
            self.connection.close()
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise
        finally:
            theirs.close()

    def cpu_seconds(self) -> float:
        """Processor time it has used so far; 0 once it is gone."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def end(self, *, patience: float = 0.0) -> str:
        """Make sure that the process is gone; returns "asked", "terminated" or "killed". Any thread may call it.

        The connection stays open: another thread may be listening, and hears by its end that the process is gone.
        """
        with self._ending:
            self.process.join(patience)
            how = "asked"
            if self.process.is_alive():
                how = "terminated"
                self.process.terminate()
                self.process.join(TERMINATE_S)
            if self.process.is_alive():
                how = "killed"
                self.process.kill()
                self.process.join(KILL_S)
            shutil.rmtree(self._scratch, ignore_errors=True)
            return how


def _new_scratch(folder: Path) -> Path:
    """A folder for temporary files, in which TensorFlow leaves the Python that it generates.

    Those of programs that were killed are cleared away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        owner = left.name.partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner[:9])):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder))


def end_with_parent(connection: Connection) -> None:
    """In a process whose parent says nothing more: have it end as soon as the parent is gone, whatever it is doing."""

    def listen() -> None:
        try:
            connection.recv()
        except (EOFError, OSError):
            os._exit(3)

    threading.Thread(target=listen, daemon=True).start()


def _begin(target: Target, connection: Connection, log: Path, scratch: Path) -> None:
    # Ctrl-C reaches every process of the terminal. The parent decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if sys.platform != "win32":
        # Keras makes locks that spawned processes could share. A forking context unlinks theirs at once, so that a
        # child that is killed leaves none behind to be complained of. Nothing is ever forked here.
        multiprocessing.set_start_method("fork", force=True)
    # Else Keras writes its settings into ~/.keras; all that we write lies in the home, and the log is in it.
    os.environ["KERAS_HOME"] = str(log.parent.parent / "cache" / "keras")
    # Keras imports it where it is installed, for plots that nobody draws here: that takes its time, and writes a list
    # of the machine's fonts into the person's cache folder.
    sys.modules["matplotlib"] = None  # type: ignore[assignment]
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    target(connection, log)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started meanwhile sees no SIGINT until it says so: a starting interpreter would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting the tracker unblocks SIGINT, so it is started before.
    multiprocessing.resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
