"""Compare contenders fairly on a machine that is not quiet: a little of each in turn, many times over.

What else runs on the machine then slows all of them alike, and the median of the ratios taken within each round says
more than the ratio of two totals.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """Something to be timed: `run` does its work once and returns how many items that were."""

    name: str
    run: Callable[[], int]


@dataclass(frozen=True)
class Measured:
    """Seconds per item, one figure a round, in the order of the rounds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def interleave(contenders: Sequence[Contender], rounds: int, *, warm_up: int = 1, seed: int = 0) -> list[Measured]:
    """Run every contender once a round, in an order shuffled anew each round."""
    chance = random.Random(seed)
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for turn in range(-warm_up, rounds):
        for contender in chance.sample(list(contenders), len(contenders)):
            gc.collect()
            began = time.perf_counter()
            items = contender.run()
            took = (time.perf_counter() - began) / items
            if turn >= 0:
                seconds[contender.name].append(took)
    return [Measured(name, tuple(values)) for name, values in seconds.items()]


def ratio(one: Measured, other: Measured) -> float:
    """How many times as long `one` takes as `other`: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))


def print_table(title: str, measured: Sequence[Measured], reference: Measured, *, rate: str = "") -> None:
    """A line for each contender: its time or rate, its spread over the rounds, and its ratio to `reference`.

    Args:
        rate: What is counted each second, such as "images/s"; empty for milliseconds.
    """
    width = max(len(each.name) for each in measured)
    print(f"\n{title}")
    print(f"  {'':{width}}  {rate or 'ms':>10}  {'quartiles':>19}  {'speed ratio':>11}")
    for each in measured:
        low, _, high = statistics.quantiles(each.seconds, n=4, method="inclusive")
        figures = [each.median, low, high]
        shown = [1 / figure for figure in figures] if rate else [figure * 1e3 for figure in figures]
        spread = f"{min(shown[1:]):.1f} - {max(shown[1:]):.1f}"
        print(f"  {each.name:{width}}  {shown[0]:10.1f}  {spread:>19}  {ratio(reference, each):11.2f}")


def verdict(what: str, value: float, target: float, *, at_most: bool = False) -> bool:
    """Print a figure beside its target; whether it is met."""
    met = value <= target if at_most else value >= target
    print(f"{'met ' if met else 'MISSED'}  {what}: {value:.2f} (target {'<=' if at_most else '>='} {target})")
    return met
