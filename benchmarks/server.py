"""Requests a second over HTTP, against the same model without HTTP and against small servers of other makes.

    python -m benchmarks.server [--model NAME] [--peers PYTHON] [--fp32 MODEL.onnx] [--photo FILE] [--rounds N]

One 500x375 JPEG, multipart, keep-alive, everything on loopback; the load comes from a process of its own on the same
cores. `--peers` is the Python of an environment with benchmarks/peers/requirements-*.txt, best a throw-away one:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/peers/requirements-onnx.txt \\
        -r benchmarks/peers/requirements-keras.txt

Without it only Whisker and the bound are measured. `--model` is one of the built-in ones: `everyday` is Lite0, on
which the targets were set. `--fp32` gives the onnxruntime peers that file besides the bundle's own, which is quantised;
benchmarks/fp32_model.py makes it. Everybody answers with the shares of all classes.

On a machine that does other things as well, processor time for each request says more than requests a second: a server
of many spinning threads takes a larger share of a busy machine from everybody else, and looks fast by that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.interleave import Contender, Measured, interleave, print_table, ratio, verdict
from benchmarks.photos import synthetic_photo
from engine.paths import Home, builtin_models
from engine.predictor import Predictor
from engine.whisker import Whisker
from server.local_server import LocalServer
from server.ports import free_port

CORES = os.cpu_count() or 1
PEERS = Path(__file__).resolve().parent / "peers"
CLIENTS = (1, 8, 32)
BOUND = "no HTTP, all cores"
WHISKER = "Whisker"
FASTAPI, LITSERVE, KERAS = "FastAPI, uvicorn, onnxruntime", "LitServe, onnxruntime", "Flask, keras predict"


@dataclass(frozen=True)
class Target:
    """A server that listens."""

    port: int
    process: psutil.Process

    def spent(self) -> float:
        """Processor seconds so far, of the process and its children."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)


class Load:
    """The process that plays the clients."""

    def __init__(self, photo: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", str(photo)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.seen: dict[tuple[str, int], list[tuple[float, float, float]]] = {}

    def burst(self, name: str, target: Target, clients: int, requests: int) -> int:
        before = target.spent()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{target.port} {clients} {requests}\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        self.seen.setdefault((name, clients), []).append(
            (said["p50"], said["p99"], (target.spent() - before) / requests * 1e3)
        )
        return requests

    def times(self, name: str, clients: int) -> list[float]:
        """p50, p99 and processor time a request, milliseconds: the medians over the rounds."""
        return [statistics.median(column) for column in zip(*self.seen[name, clients][1:], strict=True)]

    def end(self) -> None:
        self._process.communicate("")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="cats-dogs", help="a built-in one")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--fp32", type=Path)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--requests", type=int, default=120, help="in each round, of those that are quick")
    options = parser.parse_args()
    bundle = builtin_models() / options.model
    if not bundle.is_dir():
        parser.error(f"there is no built-in model {options.model}")
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as open_things:
        photo = options.photo or synthetic_photo(Path(scratch) / "photo.jpg", 500, 375)
        print(f"{options.model}; load {os.getloadavg()[0]:.1f} before")
        print(f"{photo.name}: {photo.stat().st_size / 1000:.0f} kB; {CORES} cores; {options.rounds} rounds")
        load = Load(photo)
        open_things.callback(load.end)
        ports = {WHISKER: open_things.enter_context(whisker(Path(scratch) / "home", bundle))}
        if options.peers:
            for name, script, arguments in peers(bundle, options.fp32):
                ports[name] = open_things.enter_context(peer(options.peers, script, arguments))
        predictor = Predictor(bundle)
        met = True
        for clients in CLIENTS:
            met &= compare(load, ports, Bound(predictor, photo, clients), clients, options.rounds, options.requests)
    return 0 if met else 1


def compare(load: Load, ports: dict[str, Target], no_http: Bound, clients: int, rounds: int, requests: int) -> bool:
    def contender(name: str, port: Target) -> Contender:
        # The slow one would else take all the time there is.
        count = max(clients, requests // 10) if name == KERAS else requests
        return Contender(name, lambda: load.burst(name, port, clients, count))

    contenders = [Contender(BOUND, lambda: no_http.run(requests)), *(contender(*item) for item in ports.items())]
    measured = {each.name: each for each in interleave(contenders, rounds)}
    whiskers = measured[WHISKER]
    print_table(f"{clients} clients", list(measured.values()), measured[BOUND], rate="requests/s")
    for name in ports:
        p50, p99, cpu = load.times(name, clients)
        print(f"  {name}: half within {p50:.1f} ms, 99 % within {p99:.1f} ms, {cpu:.1f} ms of processor a request")
    print(f"  {BOUND}: {no_http.cpu * 1e3:.1f} ms of processor a picture")
    return targets(measured, whiskers, clients)


def targets(measured: dict[str, Measured], whiskers: Measured, clients: int) -> bool:
    def times_faster(than: str) -> float:
        return ratio(measured[than], whiskers)

    if clients == 1:
        wanted = {FASTAPI: 1.2}
        met = True
    else:
        wanted = {FASTAPI: 2.0, LITSERVE: 2.5, KERAS: 18.0}
        met = verdict(f"share of {BOUND}", times_faster(BOUND), 0.75)
    for name, target in wanted.items():
        for measured_name in measured:
            if measured_name.startswith(name):
                met &= verdict(f"times as fast as {measured_name}", times_faster(measured_name), target)
    return met


class Bound:
    """Decode and predict in this process, on every core; a lone client has one call at a time."""

    def __init__(self, predictor: Predictor, photo: Path, clients: int) -> None:
        self._predictor = predictor
        self._data = photo.read_bytes()
        self._workers = 1 if clients == 1 else CORES
        self._spent: list[float] = []

    @property
    def cpu(self) -> float:
        """Processor seconds a picture."""
        return statistics.median(self._spent)

    def run(self, count: int) -> int:
        each = count // self._workers

        def work() -> None:
            for _ in range(each):
                self._predictor.predict(self._data)

        before = time.process_time()
        threads = [threading.Thread(target=work) for _ in range(self._workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._spent.append((time.process_time() - before) / (each * self._workers))
        return each * self._workers


def peers(bundle: Path, fp32: Path | None) -> Iterator[tuple[str, str, list[str]]]:
    onnx, keras = bundle / "model.onnx", bundle / "model.keras"
    classes = json.loads((bundle / "card.json").read_text(encoding="utf-8"))["classes"]
    yield f"{FASTAPI} (int8)", "fastapi_peer.py", [str(onnx)]
    yield f"{LITSERVE} (int8)", "litserve_peer.py", [str(onnx)]
    if fp32:
        yield f"{FASTAPI} (fp32)", "fastapi_peer.py", [str(fp32)]
        yield f"{LITSERVE} (fp32)", "litserve_peer.py", [str(fp32)]
    yield KERAS, "keras_peer.py", [str(keras), *classes]


@contextlib.contextmanager
def peer(python: Path, script: str, arguments: list[str]) -> Iterator[Target]:
    port = free_port(after=5600)
    process = subprocess.Popen(
        [str(python), str(PEERS / script), arguments[0], str(port), *arguments[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port, process)
        yield Target(port, psutil.Process(process.pid))
    finally:
        # LitServe has children of its own, in the same group.
        os.killpg(process.pid, 15)
        process.wait()


@contextlib.contextmanager
def whisker(home: Path, bundle: Path) -> Iterator[Target]:
    """Whisker's own server, as `serve` starts it, in a process of its own."""
    port = free_port(after=5500)
    code = "import sys; from benchmarks.server import serve; serve(sys.argv[1], int(sys.argv[2]))"
    environment = os.environ | {"MODEL_PATH": str(bundle)}
    process = subprocess.Popen([sys.executable, "-c", code, str(home), str(port)], env=environment)
    try:
        wait_for(port, process)
        yield Target(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def serve(home: str, port: int) -> None:
    engine = Whisker(Home(Path(home)))
    _ = engine.predictor
    LocalServer(engine).start(port=port)
    threading.Event().wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended with {process.returncode}.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"{process.args} does not listen.")


if __name__ == "__main__":
    sys.exit(main())
