"""How long one photo takes in a process that stands ready, and what standing ready costs.

    python -m benchmarks.lone_picture [PHOTO] [--model BUNDLE] [--rounds N]

1. A 12-megapixel photo: `Predictor.predict` against a scaled decode and one run of the same network.
2. The network alone, one caller: one thread (what Whisker does on a busy machine), two without spinning, two that spin,
   and two that spin only while a picture is on its way (what it does otherwise).
3. What two answers a second cost the processor with and without spinning.
4. How long a model takes to load, and the longest that any other thread had to wait meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from benchmarks.interleave import Contender, interleave, print_table, ratio, verdict
from benchmarks.photos import synthetic_photo
from engine.card import ONNX, golden_image
from engine.paths import builtin_models
from engine.predictor import Predictor

OUTPUTS = ["probabilities", "familiarity"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, default=builtin_models() / "cats-dogs")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        photo = options.photo or synthetic_photo(Path(scratch) / "photo.jpg", 4000, 3000)
        met = one_photo(options.model, photo, options.rounds)
    threads(options.model, options.rounds)
    idle(options.model)
    loading(options.model)
    return 0 if met else 1


def session(bundle: Path, count: int, spinning: bool, stop: bool = False) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count
    options.add_session_config_entry("session.force_spinning_stop", "1" if stop else "0")
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
    return onnxruntime.InferenceSession(bundle / ONNX, options, providers=["CPUExecutionProvider"])


def one_photo(bundle: Path, photo: Path, rounds: int) -> bool:
    predictor = Predictor(bundle)
    size = (predictor.card.input.width, predictor.card.input.height)
    network = session(bundle, predictor._alone_threads, spinning=True, stop=True)

    def bare() -> int:
        image = Image.open(photo)
        image.draft("RGB", size)
        pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
        network.run(OUTPUTS, {"image": pixels[None]})
        return 1

    def ours() -> int:
        predictor.predict(photo)
        return 1

    measured = interleave([Contender("scaled decode + one run", bare), Contender("Predictor.predict", ours)], rounds)
    with Image.open(photo) as image:
        print_table(f"One photo of {image.width} x {image.height}, {bundle.name}", measured, measured[0])
    return verdict("time against decode + run", ratio(measured[1], measured[0]), 1.3, at_most=True)


def threads(bundle: Path, rounds: int) -> None:
    card = Predictor(bundle, check=False).card
    picture = golden_image(1, card.input.width, card.input.height)[None]

    def lone(network: onnxruntime.InferenceSession) -> Callable[[], int]:
        def run() -> int:
            network.run(OUTPUTS, {"image": picture})
            return 1

        return run

    kinds = [
        ("1 thread", 1, False, False),
        ("2 threads", 2, False, False),
        ("2 threads, spinning", 2, True, False),
        ("2 threads, spinning while they run", 2, True, True),
    ]
    contenders = [Contender(name, lone(session(bundle, *how))) for name, *how in kinds]
    measured = interleave(contenders, rounds)
    print_table("The network alone, one caller", measured, measured[0])


def idle(bundle: Path, seconds: float = 4.0) -> None:
    card = Predictor(bundle, check=False).card
    picture = golden_image(1, card.input.width, card.input.height)[None]
    print("\nTwo answers a second, share of one core")
    for name, spin, stop in (
        ("not spinning", False, False),
        ("spinning", True, False),
        ("spinning while they run", True, True),
    ):
        network = session(bundle, 2, spin, stop)
        network.run(OUTPUTS, {"image": picture})
        before, began = time.process_time(), time.perf_counter()
        for _ in range(int(seconds * 2)):
            network.run(OUTPUTS, {"image": picture})
            time.sleep(0.5)
        share = (time.process_time() - before) / (time.perf_counter() - began)
        print(f"  {name:23} {share * 100:5.1f} %")
        del network


def loading(bundle: Path, times: int = 5) -> None:
    """A thread that ticks every millisecond shows how long loading keeps others from running."""
    stop, waits = threading.Event(), [0.0]

    def tick() -> None:
        last = time.perf_counter()
        while not stop.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            waits.append(now - last)
            last = now

    ticker = threading.Thread(target=tick)
    ticker.start()
    time.sleep(0.3)
    quiet, took, longest = max(waits), [], []
    for _ in range(times):
        waits[:] = [0.0]
        began = time.perf_counter()
        Predictor(bundle)
        took.append(time.perf_counter() - began)
        longest.append(max(waits))
    stop.set()
    ticker.join()
    print(f"\nLoading {bundle.name}: {min(took) * 1e3:.0f} ms (best of {times}, with its checks)")
    print(f"  longest wait of another thread: {min(longest) * 1e3:.0f} to {max(longest) * 1e3:.0f} ms")
    print(f"  the same with nothing going on: {quiet * 1e3:.0f} ms")


if __name__ == "__main__":
    raise SystemExit(main())
