"""How fast pictures become features, against the bare way on the same backbone.

    python -m benchmarks.features [FOLDER] [--backbone lite2] [--count N] [--rounds N]

The bare way decodes and runs in as many threads as there are cores, and does nothing else: no survey, no cache, no
order, no errors told apart. Whisker's way does all of that; a training takes a survey of the pictures on the way.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.interleave import Contender, interleave, print_table, ratio, verdict
from benchmarks.photos import photos
from engine import images
from engine.training.features import CHUNK, FeatureExtractor, backbone_graph
from engine.training.plan import BACKBONE_SIDE, BACKBONES, DEFAULT_BACKBONE

CORES = os.cpu_count() or 1
WANTED = 0.9


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--backbone", choices=BACKBONES, default=DEFAULT_BACKBONE)
    parser.add_argument("--count", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = photos(options.folder, options.count, Path(scratch))
        return 0 if _compare(options.backbone, files, options.rounds, Path(scratch)) else 1


def _compare(backbone: str, files: Sequence[Path], rounds: int, scratch: Path) -> bool:
    side = BACKBONE_SIDE[backbone]
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(backbone_graph(backbone), settings, providers=["CPUExecutionProvider"])
    # One share more than rounds, for warming up: what was seen once would be remembered.
    share = [files[start :: rounds + 1] for start in range(rounds + 1)]

    def bare(part: Sequence[Path]) -> int:
        def work(start: int) -> None:
            batch = np.stack([images.load(path, side, side) for path in part[start : start + CHUNK]])
            session.run(["features"], {"image": batch})

        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(work, range(0, len(part), CHUNK)))
        return len(part)

    def network_alone(part: Sequence[Path]) -> int:
        batch = np.zeros((CHUNK, side, side, 3), np.uint8)
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(lambda _: session.run(["features"], {"image": batch}), range(0, len(part), CHUNK)))
        return len(part)

    def whisker(survey: bool) -> Callable[[Sequence[Path]], int]:
        extractor = FeatureExtractor(backbone, side, scratch / f"survey {survey}")

        def run(part: Sequence[Path]) -> int:
            extractor.extract(part, survey=survey)
            return len(part)

        return run

    def in_turn(name: str, run: Callable[[Sequence[Path]], int]) -> Contender:
        # Every round works on other photos, the same for all contenders.
        turn: Iterator[Sequence[Path]] = iter(share)
        return Contender(name, lambda: run(next(turn)))

    measured = interleave(
        [
            in_turn("Whisker: features and cache", whisker(False)),
            in_turn("bare: decode and run", bare),
            in_turn("Whisker: features, cache and survey", whisker(True)),
            in_turn("the network alone, no pictures", network_alone),
        ],
        rounds,
    )
    print_table(f"Features of {len(files)} pictures, {backbone}", measured, measured[0], rate="pictures")
    return verdict("of the bare rate", ratio(measured[1], measured[0]), WANTED)


if __name__ == "__main__":
    raise SystemExit(main())
