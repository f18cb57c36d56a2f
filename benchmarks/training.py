"""Quick training against the plain Keras way, and a second training after a few pictures were added.

    python -m benchmarks.training FOLDER [--count 2000] [--added 50] [--backbone lite2]

FOLDER holds labelled photos (train/ and test/ in any layout that Whisker reads). Prints a table and the ratios. Runs
one after the other in fresh processes, quick before and after the plain way, so that a machine that slows down in the
meantime shows.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.interleave import verdict

EPOCHS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2000, help="pictures to teach")
    parser.add_argument("--added", type=int, default=50, help="pictures added before the second training")
    parser.add_argument("--backbone", default="lite2", choices=("lite0", "lite2"))
    parser.add_argument("--skip-plain", action="store_true", help="leave the plain Keras way out (it takes minutes)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        memory = Memory()
        rows = _rows(arguments, Path(scratch), memory)
    print(f"{'':34s} {'seconds':>8s} {'accuracy':>9s}")
    for name, seconds, accuracy in rows:
        print(f"{name:34s} {seconds:8.1f} {accuracy:9.4f}")
    firsts = [seconds for name, seconds, _ in rows if name.startswith("quick, first")]
    second = next(seconds for name, seconds, _ in rows if name.startswith("quick, again"))
    verdict(f"again after {arguments.added} more / first", second / firsts[0], 0.4, at_most=True)
    plain = [seconds for name, seconds, _ in rows if name.startswith("plain")]
    if plain:
        verdict("plain Keras / quick", plain[0] / statistics.mean(firsts), 10)
    print(f"the child at its largest: {max(memory.child) / 1e9:.2f} GB")
    print(f"this process before and after: {memory.before / 1e6:.0f} and {memory.after / 1e6:.0f} MB")


class Memory:
    """Resident bytes of this process before and after the first training, and of the training child."""

    def __init__(self) -> None:
        self.before = self.after = psutil.Process().memory_info().rss
        self.child = [0]
        self._done = False

    def trained(self) -> None:
        """The first training is over; later ones follow an evaluation, which is not what is measured."""
        if not self._done:
            self.after, self._done = psutil.Process().memory_info().rss, True

    def look(self) -> None:
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.child.append(child.memory_info().rss)


def _rows(arguments: argparse.Namespace, scratch: Path, memory: Memory) -> list[tuple[str, float, float]]:
    from engine.dataset.layouts import read_labelled

    labelled = read_labelled(arguments.folder)
    learn = [item for item in labelled.items if item.split != "test"]
    judge = [item for item in labelled.items if item.split == "test"]
    wanted = min(len(learn), arguments.count + arguments.added)
    # Evenly from the whole list, in which one class comes after the other; so are those that are added later.
    chosen = [learn[at * len(learn) // wanted] for at in range(wanted)]
    later = {at * wanted // arguments.added for at in range(arguments.added)}
    begun = [item for at, item in enumerate(chosen) if at not in later]
    first, more, test = scratch / "first", scratch / "more", scratch / "test"
    for items, folder in ((begun, first), (chosen, more), (judge, test)):
        for number, item in enumerate(items):
            target = folder / item.label / f"{number}{item.path.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(item.path, target)
    backbone = arguments.backbone
    again = f"quick, again with {arguments.added} more"
    rows = [("quick, first", *_quick(first, test, scratch / "home1", backbone, memory))]
    rows.append((again, *_quick(more, test, scratch / "home1", backbone, memory)))
    if not arguments.skip_plain:
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            rows.append(("plain Keras, 5 epochs", *pool.apply(_plain, (first, test, backbone))))
        rows.append(("quick, first, once more", *_quick(first, test, scratch / "home2", backbone, memory)))
    return rows


def _quick(folder: Path, test: Path, home: Path, backbone: str, memory: Memory) -> tuple[float, float]:
    """From Start, with a child that is warm, to a judged model on the shelf; and its accuracy on `test`, not timed."""
    from engine.dataset.layouts import read_labelled
    from engine.folder_run import classify
    from engine.paths import Home
    from engine.prediction import Prediction
    from engine.training.events import Failed, Finished
    from engine.training.plan import TrainingPlan
    from engine.whisker import Whisker

    whisker = Whisker(Home(home))
    try:
        whisker.trainer.warm_up()
        whisker.trainer.wait_until_warm(120)
        began = time.perf_counter()
        run = whisker.trainer.start(TrainingPlan(folder, "benchmark", backbone=backbone))
        last = None
        for event in run.events():
            last = event
            memory.look()
        seconds = time.perf_counter() - began
        memory.trained()
        if isinstance(last, Failed):
            raise SystemExit(last.message)
        assert isinstance(last, Finished)
        items = read_labelled(test).items
        outcomes = classify(whisker.load(f"{last.model}@{last.version}"), [item.path for item in items])
        right = [
            isinstance(outcome, Prediction) and outcome.predicted_class == item.label
            for outcome, item in zip(outcomes, items, strict=True)
        ]
    finally:
        whisker.close()
    return seconds, statistics.mean(right)


def _plain(folder: Path, test: Path, backbone: str) -> tuple[float, float]:
    """What a tutorial does: the frozen backbone inside `fit`, augmentation layers, five epochs. Imports not counted."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    from engine.training.child.networks import efficientnet_lite, load_backbone
    from engine.training.features import backbone_weights
    from engine.training.plan import BACKBONE_SIDE

    side = BACKBONE_SIDE[backbone]
    began = time.perf_counter()

    def dataset(source: Path, shuffle: bool) -> Any:
        return keras.utils.image_dataset_from_directory(
            source, image_size=(side, side), batch_size=32, shuffle=shuffle, verbose=False
        )

    image, _, features = efficientnet_lite(backbone, side)
    trunk = keras.Model(image, features)
    load_backbone(trunk, backbone_weights(backbone))
    trunk.trainable = False
    inputs = keras.Input((side, side, 3))
    x = keras.layers.RandomFlip("horizontal")(inputs)
    x = keras.layers.RandomRotation(0.05)(x)
    x = keras.layers.RandomZoom(0.1)(x)
    classes = len(list(folder.iterdir()))
    outputs = keras.layers.Dense(classes, activation="softmax")(trunk(x, training=False))
    model = keras.Model(inputs, outputs)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(dataset(folder, True), epochs=EPOCHS, verbose=0)
    seconds = time.perf_counter() - began
    return seconds, float(model.evaluate(dataset(test, False), verbose=0)[1])


if __name__ == "__main__":
    main()
