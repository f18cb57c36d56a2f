"""How fast a folder of photos is answered, against bare loops on the same model.

    python -m benchmarks.predict_folder [FOLDER] [--model BUNDLE] [--keras BUNDLE] [--count N] [--rounds N]

The bare loops do no more than decode and run: no errors told apart, no order kept beside the pool's own, nothing
remembered, no limit but the pool's. `--keras` adds the plain Keras way, picture by picture, for a bundle with a
model.keras (of EfficientNet-Lite0, to compare with docs/performance.md).
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image, ImageOps

from benchmarks.interleave import Contender, interleave, print_table, ratio, verdict
from benchmarks.photos import photos
from engine.card import ONNX
from engine.folder_run import classify
from engine.paths import builtin_models
from engine.predictor import Predictor

CORES = os.cpu_count() or 1
OUTPUTS = ["probabilities", "familiarity"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, default=builtin_models() / "cats-dogs")
    parser.add_argument("--keras", type=Path, help="a Lite0 bundle with model.keras")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = photos(options.folder, options.count, Path(scratch))
        met = against_bare_loops(options.model, files, options.rounds)
        if options.keras:
            met &= against_keras(options.keras, files, options.rounds)
    return 0 if met else 1


def against_bare_loops(bundle: Path, files: Sequence[Path], rounds: int) -> bool:
    predictor = Predictor(bundle)
    share = [files[start::rounds] for start in range(rounds)]
    turn: dict[str, Iterator[Sequence[Path]]] = {}

    def each_its_part(name: str, run: Callable[[Sequence[Path]], int]) -> Contender:
        # Every round works on other photos, the same for all contenders.
        turn[name] = itertools.chain(share[:1], share)
        return Contender(name, lambda: run(next(turn[name])))

    ours = each_its_part("Whisker", lambda part: sum(1 for _ in classify(predictor, part)))
    bare = [each_its_part(name, run) for name, run in bare_loops(bundle, predictor)]
    measured = interleave([ours, *bare], rounds)
    print_table(f"{len(files)} photos, {bundle.name}, {CORES} cores", measured, measured[1], rate="images/s")
    best = min(measured[1:], key=lambda each: each.median)
    return verdict(f"speed against the best bare loop ({best.name})", ratio(best, measured[0]), 0.9)


def bare_loops(bundle: Path, predictor: Predictor) -> list[tuple[str, Callable[[Sequence[Path]], int]]]:
    size = (predictor.card.input.width, predictor.card.input.height)

    def session(threads: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(bundle / ONNX, options, providers=["CPUExecutionProvider"])

    def decode(file: Path) -> npt.NDArray[np.uint8]:
        image = Image.open(file)
        image.draft("RGB", size)
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB").resize(size, Image.Resampling.BILINEAR))

    def decode_then_run(network: onnxruntime.InferenceSession, batch: int) -> Callable[[Sequence[Path]], int]:
        def run(part: Sequence[Path]) -> int:
            with ThreadPoolExecutor(CORES) as pool:
                decoded = pool.map(decode, part)
                while together := list(itertools.islice(decoded, batch)):
                    network.run(OUTPUTS, {"image": np.stack(together)})
            return len(part)

        return run

    def each_thread_both(network: onnxruntime.InferenceSession, batch: int) -> Callable[[Sequence[Path]], int]:
        def answer(together: Sequence[Path]) -> None:
            network.run(OUTPUTS, {"image": np.stack([decode(file) for file in together])})

        def run(part: Sequence[Path]) -> int:
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(answer, [part[start : start + batch] for start in range(0, len(part), batch)]))
            return len(part)

        return run

    return [
        ("pool decodes, session of all cores, batches of 8", decode_then_run(session(CORES), 8)),
        ("pool decodes, session of all cores, batches of 32", decode_then_run(session(CORES), 32)),
        ("each thread decodes and runs batches of 4", each_thread_both(session(1), 4)),
    ]


def against_keras(bundle: Path, files: Sequence[Path], rounds: int) -> bool:
    import keras

    predictor = Predictor(bundle)
    size = (predictor.card.input.height, predictor.card.input.width)
    model = keras.models.load_model(bundle / "model.keras", compile=False)
    few = itertools.cycle(files)

    def one_by_one() -> int:
        for file in itertools.islice(few, 12):
            pixels = keras.utils.img_to_array(keras.utils.load_img(file, target_size=size))
            model.predict(pixels[None].astype(np.uint8), verbose=0)
        return 12

    share = itertools.cycle([files[start : start + 150] for start in range(0, max(1, len(files) - 149), 150)])
    ours = Contender("Whisker", lambda: sum(1 for _ in classify(predictor, next(share))))
    measured = interleave([ours, Contender("Keras load_img + predict", one_by_one)], rounds)
    print_table(f"{bundle.name} ({predictor.card.backbone})", measured, measured[1], rate="images/s")
    return verdict("speed against Keras", ratio(measured[1], measured[0]), 25)


if __name__ == "__main__":
    raise SystemExit(main())
