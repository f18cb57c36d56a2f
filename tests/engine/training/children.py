"""What a test may put in the place of the child that imports TensorFlow: quick, and as ill-behaved as need be.

Each is a function of a connection and a log file, found again by name in a spawned process.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from engine.training.events import Cancelled, Exported, Failed, Prepared, Stage
from engine.training.messages import GetReady, Job, Staged, Stop, Warm
from tests.bundles import make_bundle

METRICS = {"accuracy": 0.9, "accuracy_interval": [0.6, 0.98], "images": 10}
PREPARED = Prepared(("cat", "dog"), 8, 0, 10, 1, ("A note.",), 2.0)
EXPORTED = Exported("int8", 1e-6, 1.0, "It is fast.")


def take_job(connection: Connection, log: Path) -> Job:
    """Begin as the real one does; note the process's number and the batch size where the test looks for them."""
    log.write_text("at work\n", encoding="utf-8")
    connection.send(Warm())
    while isinstance(job := connection.recv(), GetReady):
        pass
    assert isinstance(job, Job)
    with (job.plan.folder / "pids").open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {job.plan.batch_size}\n")
    return job


def until_orphaned(connection: Connection, *, obey: bool) -> None:
    """Report for ever, as a training does; end when the parent is gone, and when it says so if `obey`."""
    while True:
        if connection.poll(0.02):
            try:
                message = connection.recv()
            except EOFError:
                os._exit(3)
            if obey and isinstance(message, Stop):
                return
        connection.send(Stage("learning", "Learning"))


def finishes(connection: Connection, log: Path) -> None:
    job = take_job(connection, log)
    connection.send(Stage("reading", "Reading the photos"))
    connection.send(PREPARED)
    make_bundle(job.staging, name="anything")
    connection.send(EXPORTED)
    connection.send(Staged(METRICS, None, ("A note.",)))


def obeys(connection: Connection, log: Path) -> None:
    job = take_job(connection, log)
    (job.staging / "model.onnx").write_bytes(b"half")
    until_orphaned(connection, obey=True)
    connection.send(Cancelled("asked"))


def does_not_listen(connection: Connection, log: Path) -> None:
    job = take_job(connection, log)
    (job.staging / "model.onnx").write_bytes(b"half")
    job.checkpoints.mkdir(parents=True)
    until_orphaned(connection, obey=False)


def clings(connection: Connection, log: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    does_not_listen(connection, log)


def dies(connection: Connection, log: Path) -> None:
    job = take_job(connection, log)
    (job.staging / "model.onnx").write_bytes(b"half")
    job.checkpoints.mkdir(parents=True)
    os._exit(7)


def dies_before_its_job(connection: Connection, log: Path) -> None:
    os._exit(5)


def is_killed(connection: Connection, log: Path) -> None:
    take_job(connection, log)
    os.kill(os.getpid(), signal.SIGKILL)


def is_killed_at_first(connection: Connection, log: Path) -> None:
    folder = Path(take_job_again(connection, log).plan.folder)
    if len((folder / "pids").read_text(encoding="utf-8").splitlines()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    connection.send(Staged(METRICS, None, ()))


def take_job_again(connection: Connection, log: Path) -> Job:
    job = take_job(connection, log)
    make_bundle(job.staging, name="anything")
    return job


def hangs(connection: Connection, log: Path) -> None:
    take_job(connection, log)
    connection.send(PREPARED)
    while True:
        time.sleep(0.02)
        if connection.poll(0):
            connection.recv()


def computes_in_silence(connection: Connection, log: Path) -> None:
    """At work without a word for much longer than the tests' patience."""
    job = take_job(connection, log)
    connection.send(PREPARED)
    end = time.process_time() + 1.0
    while time.process_time() < end:
        pass
    make_bundle(job.staging, name="anything")
    connection.send(Staged(METRICS, None, ()))


def goes_astray(connection: Connection, log: Path) -> None:
    job = take_job(connection, log)
    job.checkpoints.mkdir(parents=True)
    connection.send(Failed("training_error", "The training went astray.", "Choose a smaller learning rate.", ""))


def uses_locks(connection: Connection, log: Path) -> None:
    """Makes locks as Keras does, and is ended in the middle of it."""
    import multiprocessing

    take_job(connection, log)
    kept = [multiprocessing.Value("i", 0), multiprocessing.Lock()]
    until_orphaned(connection, obey=False)
    assert kept, sys.argv


def teaches_on_a_full_disk(connection: Connection, log: Path) -> None:
    """The real child, which may write no file of more than 2 MB: the system refuses as it does on a full disk."""
    import resource

    from engine.training.process import teach

    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    teach(connection, log)


def logs_on_a_full_disk(connection: Connection, log: Path) -> None:
    """The real one, whose log nothing can be written into."""
    from engine.training.child.main import serve

    serve(connection, Path("/dev/full"))


def prefers_what_it_tuned(connection: Connection, log: Path) -> None:
    """The real child, to which a fine-tuned network is always the better one: few pictures decide nothing."""
    from engine.training.child.paired import Scored
    from engine.training.process import teach

    Scored.better_than = lambda self, other: True  # type: ignore[method-assign]
    teach(connection, log)
