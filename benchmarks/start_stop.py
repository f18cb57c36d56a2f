"""How long the server takes to listen and to stop, and what a hundred rounds of it leave behind.

    python -m benchmarks.start_stop [--model NAME] [--rounds N] [--clients N]

The first start is measured in a fresh process with the model loaded, as `serve` and the window have it: until a client
has its first answer from /api/health. Each stop happens with so many clients connected that keep their connections, one
of which has just been answered with a prediction.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.interleave import verdict
from benchmarks.photos import synthetic_photo
from engine.paths import Home, builtin_models
from engine.whisker import Whisker

STARTS = 5
WARM_UP = 50


@dataclass(frozen=True)
class Left:
    """What a process holds."""

    threads: int
    descriptors: int
    megabytes: float

    @classmethod
    def now(cls) -> Left:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            # What the GNU C library keeps of memory that was given back to it is no leak, and goes up and down by 3 MB.
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        process = psutil.Process()
        # Windows counts handles.
        descriptors = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
        return cls(threading.active_count(), descriptors, process.memory_info().rss / 1e6)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="everyday", help="a built-in one")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--first", action="store_true", help="measure one start, print it and end")
    options = parser.parse_args()
    os.environ["MODEL_PATH"] = str(builtin_models() / options.model)
    if options.first:
        print(json.dumps(first_start()))
        return 0
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{options.model}; {options.rounds} rounds, {options.clients} clients; load {load:.1f} before")
    command = [sys.executable, "-m", "benchmarks.start_stop", "--first", "--model", options.model]
    starts = [float(subprocess.check_output(command, text=True)) for _ in range(STARTS)]
    met = verdict(f"s to listen at first (median of {STARTS} processes)", statistics.median(starts), 0.5, at_most=True)
    return 0 if met & rounds(options.rounds, options.clients) else 1


def first_start() -> float:
    with tempfile.TemporaryDirectory() as scratch:
        whisker = Whisker(Home(Path(scratch)))
        _ = whisker.predictor, whisker.history
        began = time.perf_counter()
        from server.local_server import LocalServer

        server = LocalServer(whisker)
        server.start(port=0)
        ask(server.port or 0, "GET", "/api/health").close()
        took = time.perf_counter() - began
        server.stop()
        whisker.close()
        return took


def rounds(count: int, clients: int) -> bool:
    from server.local_server import LocalServer

    with tempfile.TemporaryDirectory() as scratch:
        photo = synthetic_photo(Path(scratch) / "photo.jpg", 500, 375).read_bytes()
        whisker = Whisker(Home(Path(scratch) / "home"))
        server = LocalServer(whisker)
        starts, stops = [], []

        def one() -> None:
            began = time.perf_counter()
            server.start(port=0)
            starts.append(time.perf_counter() - began)
            connected = [ask(server.port or 0, "GET", "/api/health") for _ in range(clients)]
            ask(server.port or 0, "POST", "/api/predict", photo, connected[0])
            began = time.perf_counter()
            server.stop()
            stops.append(time.perf_counter() - began)
            for client in connected:
                client.close()

        # The C library's arenas are as large as they get after some forty rounds.
        for _ in range(WARM_UP):
            one()
        starts.clear()
        stops.clear()
        before = Left.now()
        for _ in range(count):
            one()
        after = Left.now()
        whisker.close()
    print(f"again: {statistics.median(starts) * 1e3:.0f} ms to listen, at most {max(starts) * 1e3:.0f}")
    print(f"stop: {statistics.median(stops) * 1e3:.1f} ms, at most {max(stops) * 1e3:.1f}")
    met = verdict("s to stop, the longest", max(stops), 1.0, at_most=True)
    met &= verdict("threads left", after.threads - before.threads, 0, at_most=True)
    met &= verdict("descriptors left", after.descriptors - before.descriptors, 0, at_most=True)
    return met & verdict("MB left", after.megabytes - before.megabytes, 1.0, at_most=True)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, client: http.client.HTTPConnection | None = None
) -> http.client.HTTPConnection:
    """Ask over a connection, a new one unless given, and leave it open."""
    client = client or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request(method, path, body)
    answer = client.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return client


if __name__ == "__main__":
    sys.exit(main())
