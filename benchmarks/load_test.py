"""The load test's four scenarios (10, 50, 100, 200 users), one after another, against a server started for it.

    python -m benchmarks.load_test [--seconds N] [--users N ...]

Everything stays on loopback, in a throw-away home. Prints a table: requests, failures, requests told to come back,
rate, times, and the server's memory before and after.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent
SCENARIOS = (10, 50, 100, 200)
LARGEST_GROWTH = 0.05


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
    before: float
    after: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each scenario")
    parser.add_argument("--users", type=int, nargs="+", default=SCENARIOS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        server = subprocess.Popen(
            [sys.executable, "main.py", "serve", "--port", "0"],
            cwd=CHECKOUT,
            env=os.environ | {"WHISKER_HOME": f"{scratch}/home"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            # Warm: the second session, and each thread's memory, are made when callers first come together.
            scenario(server, address, max(options.users), 15, Path(scratch))
            outcomes = [scenario(server, address, users, options.seconds, Path(scratch)) for users in options.users]
        finally:
            server.terminate()
            server.wait()
    print(f"{'users':>6}{'requests':>10}{'failures':>10}{'503':>7}{'per s':>8}", end="")
    print(f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'memory MB':>16}")
    for one in outcomes:
        print(f"{one.users:6}{one.requests:10}{one.failures:10}{one.turned_away:7}{one.rate:8.1f}", end="")
        print(f"{one.p50:9.0f}{one.p95:9.0f}{one.p99:9.0f}{one.before:9.0f} -> {one.after:.0f}")
    flat = all(one.after <= one.before * (1 + LARGEST_GROWTH) for one in outcomes)
    return 0 if flat and not any(one.failures for one in outcomes) else 1


def scenario(server: subprocess.Popen[str], address: str, users: int, seconds: int, scratch: Path) -> Outcome:
    process = psutil.Process(server.pid)
    before = process.memory_info().rss / 1e6
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
    ran = subprocess.run(
        [sys.executable, "-m", "locust", "--headless", "--only-summary", *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
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
        before,
        process.memory_info().rss / 1e6,
    )


if __name__ == "__main__":
    sys.exit(main())
