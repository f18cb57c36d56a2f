"""A long history: python -m benchmarks.history [--rows 1000000] [--keep FOLDER] [--window]

Makes a history of so many predictions, and measures opening it, ten searches, writing one answer while another thread
searches and while old ones are forgotten, and what it takes on the disk. `--window` also opens the page itself.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.interleave import verdict
from benchmarks.long_history import SEARCHES, fill
from engine.history import History
from engine.history_search import Search
from engine.paths import Home
from engine.prediction import Prediction
from engine.upkeep import Upkeep

IDLE_S = 0.5
"""Between the window's first painting and the asking for the page."""


@dataclass(frozen=True)
class Times:
    """In milliseconds; `busy` is the processor's time of the asking thread, which other programs do not lengthen."""

    values: list[float]
    busy: list[float]

    def at(self, share: float) -> float:
        return sorted(self.values)[min(len(self.values) - 1, int(share * len(self.values)))]

    def __str__(self) -> str:
        busy = statistics.median(self.busy)
        return f"{statistics.median(self.values):9.2f} {busy:9.2f} {self.at(0.99):9.2f} {max(self.values):9.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="make the history here, and use it again if it is there")
    parser.add_argument("--window", action="store_true", help="open the page in a window as well")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        home = Home(wanted.keep or Path(work))
        if not home.database.exists():
            began = time.perf_counter()
            fill(home.database, wanted.rows)
            print(f"{wanted.rows:,} predictions made in {time.perf_counter() - began:.0f} s")
        history = History(home.database)
        size, rows = home.database.stat().st_size, history.count()
        history.close()
        print(f"{rows:,} predictions, {size / 1e6:.0f} MB, {size / rows:.0f} bytes each")
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        print(f"{'milliseconds':44} {'median':>9} {'processor':>9} {'99 %':>9} {'longest':>9}")
        met = measure(home)
        if wanted.window:
            met = _report("opening the page in the window", window(home), 200) and met
    print("\nall targets are met" if met else "\nnot all targets are met")


def measure(home: Home) -> bool:
    met = _report("opening: first page, count, what to choose", _timed(lambda: _open(home), 15), 200)
    history = History(home.database)
    worst = 0.0
    for name, search in SEARCHES.items():
        times = _timed(partial(history.search, search, 100), 9)
        print(f"  search: {name:34} {times}")
        worst = max(worst, statistics.median(times.values))
    met = verdict("slowest search, ms", worst, 300, at_most=True) and met
    counts = [_timed(partial(history.count_found, search), 5) for search in SEARCHES.values()]
    count = max(statistics.median(times.values) for times in counts)
    met = verdict("slowest count, ms", count, 300, at_most=True) and met
    deep = Search(text="img")
    before = history.search(Search(), 1, before=1_000)[0].id
    print(f"  {'the last page of a common word':42} {_timed(lambda: history.search(deep, 100, before=before), 9)}")
    met = _report("writing one", _writes(history, 1_000), 2) and met
    stop = threading.Event()
    reader = threading.Thread(target=_search_on, args=(home, stop))
    reader.start()
    met = _report("writing one while another thread searches", _writes(history, 2_000), 2) and met
    stop.set()
    reader.join()
    met = _pruning(home, history) and met
    history.close()
    return met


def _pruning(home: Home, history: History) -> bool:
    limit = max(1, round(0.97 * home.database.stat().st_size / 1e6))
    forgotten: list[int] = []
    began = time.perf_counter()
    cleaning = threading.Thread(target=lambda: forgotten.append(history.prune(0, limit)))
    cleaning.start()
    times = Times([], [])
    while cleaning.is_alive():
        some = _writes(history, 20)
        times = Times(times.values + some.values, times.busy + some.busy)
        time.sleep(0.01)
    took = time.perf_counter() - began
    met = _report("writing one while old ones are forgotten", times, 2)
    size = home.database.stat().st_size / 1e6
    print(f"  {forgotten[0]:,} forgotten in {took:.1f} s ({forgotten[0] / took:,.0f} a second)")
    history.search(Search(), 1)
    return verdict(f"size with a limit of {limit} MB", size, limit, at_most=True) and met


def _open(home: Home) -> None:
    history = History(home.database)
    history.search(Search(), 100)
    history.count_found(Search())
    history.choices()
    history.close()


def _search_on(home: Home, stop: threading.Event) -> None:
    """In a connection of its own, as the window's."""
    history = History(home.database)
    for search in itertools.cycle(SEARCHES.values()):
        if stop.is_set():
            break
        history.search(search, 100)
    history.close()


def _writes(history: History, count: int) -> Times:
    shares = np.array([0.9, 0.1], dtype=np.float32)
    times = Times([], [])
    # As the program does: the write-ahead log is folded back in a thread of its own.
    upkeep = Upkeep(lambda _stop: None, history.fold_back)
    for number in range(count):
        path = Path(f"/home/someone/Pictures/new/IMG_{number:06}.jpg")
        answer = Prediction(path.name, ("cat", "dog"), shares, 0.8, False, "cats-dogs", 3, 4.2, path)
        _time(partial(history.record, [answer], "window"), times)
        upkeep.written(1)
        # A server at its busiest asks some hundred times a second.
        time.sleep(0.001)
    upkeep.close()
    return times


def window(home: Home) -> Times:
    """From asking for the page to its first rows being painted; the first time makes its widgets."""
    from benchmarks.real_window import open_window, settle

    times = Times([], [])
    with open_window(home.root) as opened:
        window, app = opened.window, opened.app
        settle(IDLE_S)

        def show() -> None:
            window.show_page("history")
            answers = window.page("history").answers  # type: ignore[attr-defined]
            while answers.rows.searching or not answers.rows.rows:
                app.processEvents()
            answers.table.viewport().repaint()

        for _ in range(8):
            _time(show, times)
            window.show_page("predict")
            window.page("history").answers._stale = True  # type: ignore[attr-defined]
            settle(0.3)
    print(f"  {'the first time, with its widgets':42} {times.values[0]:9.2f} {times.busy[0]:9.2f}")
    return times


def _timed(work: Callable[[], object], rounds: int) -> Times:
    times = Times([], [])
    for _ in range(rounds):
        _time(work, times)
    return times


def _time(work: Callable[[], object], times: Times) -> None:
    began, busy = time.perf_counter(), time.thread_time()
    work()
    times.values.append(1e3 * (time.perf_counter() - began))
    times.busy.append(1e3 * (time.thread_time() - busy))


def _report(what: str, times: Times, target: float) -> bool:
    met = statistics.median(times.values) <= target
    print(f"{what:44} {times}   {'met' if met else 'MISSED'} (<= {target:g} ms)")
    return met


if __name__ == "__main__":
    main()
