"""How long the built program takes to start, against the checkout, in interleaved rounds."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from contents import CHECKOUT
from findings import Findings
from person import SAMPLE, Person
from screen import Screen, wait

ROUNDS = 9
PATIENCE = 3
"""How often it is measured before it is said to be too slow."""
SLOWER_BY = 1.5
ANSWER_S = 2.0


def start_times(program: Path, findings: Findings, person: Person, shown: Screen, rounds: int = ROUNDS) -> None:
    """Process start to the first painting and to the first answer, the built program and the checkout in turns."""
    photo = person.give(SAMPLE, "timed.jpg")
    starters = {"built": (person, (program,)), "source": (person.as_myself(), (sys.executable, CHECKOUT / "main.py"))}
    took: dict[str, list[float]] = {f"{name} {what}": [] for name in starters for what in ("painted", "answered")}
    for again in range(PATIENCE):
        for turn in range(rounds + 1):
            for name, (starter, command) in starters.items():
                painted, answered = _start(starter, command, photo, shown)
                if turn:  # The first of each fills the disk's cache.
                    took[f"{name} painted"].append(painted)
                    took[f"{name} answered"].append(answered)
        least = {name: min(values) for name, values in took.items()}
        # Other work makes a start longer, never shorter: the least of each says what the program itself takes.
        ratio = least["built painted"] / least["source painted"]
        print(f"          {rounds} interleaved rounds; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        if ratio <= SLOWER_BY:
            break
        if again < PATIENCE - 1:
            print(f"          {ratio:.2f} times the checkout's: once more, lest other work spoilt it")
    findings.say(
        ratio <= SLOWER_BY,
        "start to painted window, against the checkout",
        f"{ratio:.2f} times; allowed {SLOWER_BY}",
    )
    middle = {name: statistics.median(values) for name, values in took.items()}
    for what in ("painted", "answered"):
        told = (
            f"{named} {found[f'built {what}']:.2f} s (checkout {found[f'source {what}']:.2f} s)"
            for named, found in (("least", least), ("median", middle))
        )
        # A time depends on what else this machine does, so it is told and not judged.
        print(f"figure  start to {what}: {', '.join(told)}")
    print(f"          the first answer is aimed at within {ANSWER_S:.0f} s on a quiet machine")


def _start(person: Person, command: Sequence[str | Path], photo: Path, shown: Screen) -> tuple[float, float]:
    """Seconds from the start of the program with a photo to its first painting, and to the answer."""
    before = len(person.answers())
    wait(lambda: shown.colours() <= 1, "an empty screen")
    began = time.perf_counter()
    with person.running(*command, photo, **shown.environment):
        painted = wait(lambda: shown.colours() > 1, "the painting", pause=0.002)
        answered = wait(lambda: len(person.answers()) > before, "the answer", pause=0.005)
        time.sleep(0.3)
    return painted - began, answered - began
