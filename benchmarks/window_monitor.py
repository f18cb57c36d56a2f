"""What the Monitor page costs: the processor time of the whole process, and the longest frame.

    python benchmarks/window_monitor.py [--seconds 20] [--rounds 3] [--range hour]

One real window takes turns, in an order shuffled anew each round: nothing followed; the sampler alone, once a second;
the Monitor page in front with an hour of samples, its four charts moving once a second; and another page in front
after Monitor was open. Each turn is `--seconds` long. A share is processor time by wall time, so what else runs on
the machine changes it little. A frame is what the window's thread does between two beats of a timer of 16 ms; its
processor time is told beside the gap itself, since on a busy machine a gap may be somebody else's. Needs no display.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

FRAME_MS = 16.0
SHOWN_PERCENT = 2.0
SAMPLING_PERCENT = 0.3
HIDDEN_PERCENT = 0.1
"""More than sampling alone: as good as nothing, beyond what cannot be told from noise."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--range", choices=("minute", "hour", "day"), default="hour")
    parser.add_argument("--size", default="1280x800")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["WHISKER_HOME"] = home
        return measure(Path(home), arguments)


def measure(home: Path, arguments: argparse.Namespace) -> int:
    sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
    from benchmarks.real_window import open_window

    width, height = map(int, arguments.size.split("x"))
    with open_window(home, size=(width, height)) as opened:
        return watched(opened.window, opened.whisker, arguments)


def watched(window: Any, whisker: Any, arguments: argparse.Namespace) -> int:
    from PySide6.QtCore import QTimer

    from benchmarks.heartbeat import Pulse
    from benchmarks.real_window import settle
    from engine import paths
    from engine.monitor import RANGES

    fill(whisker)
    for sample in sorted(paths.samples().rglob("*.jpg")):
        whisker.classify(sample, origin="window")
    page = window.page("monitor")
    page.controls.choose(next(spell for spell in RANGES if spell.key == arguments.range))
    pulse = Pulse(QTimer)

    def turn(show: str, follow: bool, beat: bool = False) -> tuple[float, list[float], list[float]]:
        """The share of a core, %, and with `beat` the gaps and the work in them, ms."""
        window.show_page(show)
        leave = whisker.monitor.follow() if follow else lambda: None
        settle(2.0)
        pulse.gaps.clear()
        pulse.work.clear()
        before, began = time.process_time(), time.perf_counter()
        if beat:
            pulse.start()
        idle(arguments.seconds)
        pulse.stop()
        share = 100 * (time.process_time() - before) / (time.perf_counter() - began)
        leave()
        return share, [1e3 * gap for gap in pulse.gaps], [1e3 * work for work in pulse.work]

    turns: dict[str, Callable[[], tuple[float, list[float], list[float]]]] = {
        "nothing followed": lambda: turn("predict", False),
        "sampling alone": lambda: turn("predict", True),
        "Monitor in front": lambda: turn("monitor", True),
        "Monitor hidden": lambda: turn("models", True),
    }
    shares: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(0)
    # Once over everything, uncounted: imports, first layouts, the models' page.
    for name in ("monitor", "models", "predict"):
        window.show_page(name)
        settle(1.5)
    for _ in range(arguments.rounds):
        for name in chance.sample(list(turns), len(turns)):
            shares[name].append(turns[name]()[0])
    # The beat has a cost of its own, so frames are looked at apart.
    _, gaps, work = turn("monitor", True, beat=True)
    points = len(page.shown.x)
    middle = {name: statistics.median(values) for name, values in shares.items()}
    sampling = middle["sampling alone"] - middle["nothing followed"]
    hidden = middle["Monitor hidden"] - middle["sampling alone"]
    print(f"{arguments.range}: {points} points a line, {arguments.size}, load {os.getloadavg()[0]:.1f}\n")
    for name, values in shares.items():
        print(f"{name:20} {middle[name]:6.2f} % of a core   ({', '.join(f'{value:.2f}' for value in sorted(values))})")
    late = sum(spent > FRAME_MS for spent in work)
    print(f"\n{'frames: work, max':20} {max(work):6.1f} ms   ({late} of {len(work):,} over {FRAME_MS:.0f} ms)")
    print(f"{'gap between beats':20} {statistics.median(gaps):6.1f} ms median, {max(gaps):.1f} ms at most\n")
    good = all(
        (
            verdict("charts and sampling", middle["Monitor in front"] - middle["nothing followed"], SHOWN_PERCENT),
            verdict("sampling", sampling, SAMPLING_PERCENT),
            verdict("hidden, beyond sampling", hidden, HIDDEN_PERCENT),
            verdict("longest work in a frame", max(work), FRAME_MS, "ms"),
        )
    )
    return 0 if good else 1


def fill(whisker: Any) -> None:
    """An hour of samples, as if the window had been open so long."""
    from engine.monitor.answers import sketch

    chance = random.Random(1)
    now, cpu = time.time(), 40.0
    for second in range(3600, 0, -1):
        cpu = min(100.0, max(0.0, cpu + chance.uniform(-6, 6)))
        answers = chance.random() < 0.3
        figures = {
            "cpu_percent": cpu,
            "program_cpu_percent": cpu / 4,
            "memory_percent": 50 + cpu / 8,
            "program_memory_percent": 3.0,
            "program_memory_bytes": 2e8,
            "disk_percent": 60.0,
            "disk_read_per_second": 1e6 * chance.random() ** 4,
            "disk_written_per_second": 3e6 * chance.random() ** 4,
            "predictions_per_second": 4 * chance.random() * answers,
            "requests_per_second": 2 * chance.random() * answers,
            "received_per_second": 1e5 * answers,
            "sent_per_second": 1e3 * answers,
        }
        times = sketch([chance.lognormvariate(2.5, 0.4) for _ in range(4)]) if answers else {}
        whisker.monitor._timeline.add(now - second, figures, times)


def idle(seconds: float) -> None:
    """Let the window's events come and go with no timer of ours."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def verdict(what: str, value: float, target: float, unit: str = "%") -> bool:
    met = value <= target
    print(f"{'met ' if met else 'MISSED'}  {what}: {value:.2f} {unit} (target <= {target} {unit})")
    return met


if __name__ == "__main__":
    raise SystemExit(main())
