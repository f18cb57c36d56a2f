"""The load test's four scenarios (10, 50, 100, 200 users), one after another, against a server started for it.

    python -m benchmarks.load_test [--seconds N] [--users N ...] [--window] [--model NAME]

Everything stays on loopback, in a throw-away home. Prints a table: requests, failures, requests told to come back,
rate, times, and the server's memory once it was warm and at the end. With `--window` a real window serves, with its
Server page open, and how fluid it stays is printed too. The long one:

    python -m benchmarks.load_test --users 200 --seconds 300 --window
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent
SCENARIOS = (10, 50, 100, 200)
LARGEST_GROWTH = 0.05
HEARTBEAT_MS = 50
WARM_S = 60.0
"""So long into a scenario the memory is that of a warm server, or after a third of it if that is shorter."""
WATCH_S = 0.5
AT_THE_END_S = 15.0


@dataclass(frozen=True)
class Outcome:
    """What a scenario came to; times in milliseconds, memory in MB."""

    users: int
    requests: int
    failures: int
    turned_away: int
    rate: float
    p50: float
    p95: float
    p99: float
    warm: float
    end: float
    most: float

    @property
    def growth(self) -> float:
        return self.end / self.warm - 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each scenario")
    parser.add_argument("--users", type=int, nargs="+", default=SCENARIOS)
    parser.add_argument("--window", action="store_true", help="a real window serves, and its heartbeat is noted")
    parser.add_argument("--model", help="the model that answers; the one a fresh home has unless named")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} before, {os.cpu_count()} cores, a picture of 500x375", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"WHISKER_HOME": f"{scratch}/home"}
        if options.model:
            subprocess.run([sys.executable, "main.py", "models", "use", options.model], cwd=CHECKOUT, env=environment)
        with serving(options.window, environment) as (server, address):
            # Warm: the second session, and each thread's memory, are made when callers first come together.
            scenario(server, address, max(options.users), 15, Path(scratch))
            outcomes = [scenario(server, address, users, options.seconds, Path(scratch)) for users in options.users]
        heartbeat = json.loads(server.communicate()[0]) if options.window else None
    flat = all(one.growth <= LARGEST_GROWTH for one in outcomes)
    good = flat and not any(one.failures for one in outcomes) and show(outcomes, heartbeat)
    print("\nas it should be" if good else "\nNOT as it should be")
    return 0 if good else 1


def show(outcomes: list[Outcome], heartbeat: dict[str, float] | None) -> bool:
    """Print what came out; whether the window, if there was one, stayed fluid."""
    print(f"{'users':>6}{'requests':>10}{'failures':>10}{'503':>7}{'per s':>8}", end="")
    print(f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'memory MB, warm -> end':>26}{'most':>8}")
    for one in outcomes:
        print(f"{one.users:6}{one.requests:10}{one.failures:10}{one.turned_away:7}{one.rate:8.1f}", end="")
        print(f"{one.p50:9.0f}{one.p95:9.0f}{one.p99:9.0f}", end="")
        print(f"{f'{one.warm:.1f} -> {one.end:.1f} ({one.growth:+.1%})':>26}{one.most:8.1f}")
    if heartbeat is None:
        return True
    print(
        f"\nthe window's heartbeat over {heartbeat['beats']:,} beats of 16 ms, {heartbeat['listed']:,} requests listed:"
    )
    print(f"p50 {heartbeat['p50']:.1f} ms, p99 {heartbeat['p99']:.1f} ms, max {heartbeat['max']:.1f} ms", end="; ")
    print(f"{heartbeat['stalls']} gaps over {HEARTBEAT_MS} ms")
    # What the machine adds with all that runs on it, and what is the window's own doing.
    print(f"an idle process, max {heartbeat['idle_max']:.1f} ms", end="; ")
    print(f"its thread at work between two beats, p99 {heartbeat['work_p99']:.1f}, max {heartbeat['work_max']:.1f} ms")
    return heartbeat["p99"] <= HEARTBEAT_MS


@contextmanager
def serving(window: bool, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address; told to end afterwards."""
    command = ["-m", "benchmarks.serving_window"] if window else ["main.py", "serve", "--port", "0"]
    server = subprocess.Popen(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=None if window else subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        if not address:
            raise SystemExit("The server did not start.")
        yield server, address
    finally:
        server.terminate()
        if not window:
            server.wait()


class Watch:
    """Looks at a process's memory while a scenario runs."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._over = threading.Event()
        self._seen: list[float] = []
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(WATCH_S):
            self._seen.append(self._process.memory_info().rss / 1e6)

    def stop(self) -> tuple[float, float, float]:
        """Memory in MB once it was warm, at the end (medians of a few seconds), and at the most."""
        self._over.set()
        self._thread.join()
        some = max(1, min(int(AT_THE_END_S / WATCH_S), len(self._seen) // 6))
        warm = max(some, min(int(WARM_S / WATCH_S), len(self._seen) // 3))
        return (
            statistics.median(self._seen[warm - some : warm]),
            statistics.median(self._seen[-some:]),
            max(self._seen),
        )


def scenario(server: subprocess.Popen[str], address: str, users: int, seconds: int, scratch: Path) -> Outcome:
    options = {
        "--host": address,
        "--users": users,
        "--spawn-rate": max(5, users // 4),
        "--run-time": f"{seconds}s",
        "--csv": scratch / "load",
        "--loglevel": "ERROR",
        "--exit-code-on-error": 0,
    }
    words = [str(word) for option in options.items() for word in option]
    watch = Watch(psutil.Process(server.pid))
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "locust", "--headless", "--only-summary", *words],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        memory = watch.stop()
    if ran.returncode != 0:
        raise SystemExit(ran.stderr)
    with (scratch / "load_stats.csv").open(encoding="utf-8") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    away = int(rows.get("turned away (503)", {}).get("Request Count", 0))
    whole = rows["Aggregated"]
    return Outcome(
        users,
        int(whole["Request Count"]) - away,
        int(whole["Failure Count"]),
        away,
        float(whole["Requests/s"]),
        *(float(whole[column]) for column in ("50%", "95%", "99%")),
        *memory,
    )


if __name__ == "__main__":
    sys.exit(main())
