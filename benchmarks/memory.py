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
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PIL import Image

if TYPE_CHECKING:
    from engine.whisker import Whisker

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
    from benchmarks.real_window import open_window
    from engine.paths import Home
    from engine.whisker import Whisker

    home = scratch / "home"
    if arguments.window:
        with open_window(home, model=arguments.model, page="monitor") as opened:
            return watched(opened.whisker, scratch, arguments.predictions, opened.app.processEvents)
    whisker = Whisker(Home(home))
    if whisker.shelf.active.name != arguments.model:
        whisker.shelf.activate(arguments.model)
    try:
        return watched(whisker, scratch, arguments.predictions, lambda: None)
    finally:
        whisker.close()


def watched(whisker: Whisker, scratch: Path, predictions: int, pump: Callable[[], None]) -> int:
    files = make_pictures(scratch / "pictures")
    contents = [file.read_bytes() for file in files]
    leave = whisker.monitor.follow()
    process = psutil.Process()
    every = max(1, predictions // 20)
    seen: list[tuple[int, float]] = []
    for number in range(predictions):
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
    settled = next(memory for count, memory in seen if count >= predictions / 10)
    last = seen[-1][1]
    growth = 100 * (last / settled - 1)
    for count, memory in seen:
        print(f"{count:8,} predictions  {memory:7.1f} MB")
    met = growth <= GROWTH_PERCENT
    print(
        f"\n{'met ' if met else 'MISSED'}  growth after the first tenth: {growth:.1f} % (target <= {GROWTH_PERCENT} %)"
    )
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


if __name__ == "__main__":
    raise SystemExit(main())
