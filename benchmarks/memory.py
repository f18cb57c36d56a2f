"""Whether memory stays where it is while one process answers ten thousand pictures.

    python benchmarks/memory.py [--predictions 10000] [--model cats-dogs] [--window]

Pictures of many sizes are answered one after the other, as the window and the API do, with the history written and
the monitor listening. Resident memory is read every so often, after the first tenth, by which time all that is loaded
once is there; the growth from there to the end is what counts. With `--window`, the same with a real window (needs no
display) whose Monitor page is in front.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

GROWTH_PERCENT = 5.0
SIZES = ((320, 240), (200, 200), (500, 375), (240, 320), (640, 480))
PICTURES = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--predictions", type=int, default=10_000)
    parser.add_argument("--model", default="cats-dogs")
    parser.add_argument("--window", action="store_true", help="in a window, with the Monitor page in front")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["WHISKER_HOME"] = str(Path(scratch, "home"))
        return measure(Path(scratch), arguments)


def measure(scratch: Path, arguments: argparse.Namespace) -> int:
    sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
    from engine.paths import Home
    from engine.whisker import Whisker

    files = make_pictures(scratch / "pictures")
    contents = [file.read_bytes() for file in files]
    whisker = Whisker(Home(scratch / "home"))
    if whisker.shelf.active.name != arguments.model:
        whisker.shelf.activate(arguments.model)
    leave = whisker.monitor.follow()
    pump, close = open_window(whisker) if arguments.window else (lambda: None, lambda: None)
    process = psutil.Process()
    every = max(1, arguments.predictions // 20)
    seen: list[tuple[int, float]] = []
    for number in range(arguments.predictions):
        at = number % len(files)
        if number % 2:
            whisker.classify(files[at], origin="window")
        else:
            whisker.classify(contents[at], origin="api", name=files[at].name)
        pump()
        if (number + 1) % every == 0:
            gc.collect()
            seen.append((number + 1, process.memory_info().rss / 1e6))
    leave()
    settled = next(memory for count, memory in seen if count >= arguments.predictions / 10)
    last = seen[-1][1]
    growth = 100 * (last / settled - 1)
    for count, memory in seen:
        print(f"{count:8,} predictions  {memory:7.1f} MB")
    met = growth <= GROWTH_PERCENT
    print(
        f"\n{'met ' if met else 'MISSED'}  growth after the first tenth: {growth:.1f} % (target <= {GROWTH_PERCENT} %)"
    )
    close()
    whisker.close()
    return 0 if met else 1


def make_pictures(folder: Path) -> list[Path]:
    """Small JPEGs, each different."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    files = []
    for number in range(PICTURES):
        rough = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        content = io.BytesIO()
        rough.resize(SIZES[number % len(SIZES)], Image.Resampling.BILINEAR).save(content, "JPEG")
        file = folder / f"photo {number}.jpg"
        file.write_bytes(content.getvalue())
        files.append(file)
    return files


def open_window(whisker):  # type: ignore[no-untyped-def]
    """Open it on its Monitor page; returns what lets its events come and go, and what closes it."""
    from PySide6.QtWidgets import QApplication

    from gui.app import build

    app = QApplication.instance() or QApplication(["whisker"])
    window, desk = build(app, whisker)
    window.resize(1280, 800)
    window.show()
    window.show_page("monitor")

    def close() -> None:
        desk.news.close()
        desk.tasks.close()
        window.end()

    return app.processEvents, close


if __name__ == "__main__":
    raise SystemExit(main())
