"""What the built-in models refuse: python benchmarks/unknown_models.py CATSDOGS_DIR FLOWERS_DIR [--objects DIR]

Prints the table "The shipped models" of docs/unknown.md: the share of each kind of picture that is refused, through the
engine's own predictor at the models' own thresholds. OBJECTS are photos of anything that is neither animal nor flower.
"""

from __future__ import annotations

import argparse
import random
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "packaging"))

from nothing import pictures_of_nothing  # noqa: E402

from engine import images  # noqa: E402
from engine.predictor import Predictor  # noqa: E402
from engine.training.alterations import ALTERATIONS, alter  # noqa: E402

MODELS = ("cats-dogs", "everyday")
CUT_OUTS = 5
ROUNDS_OF_NOTHING = 8

Picture = Callable[[], Image.Image]


def refused(predictor: Predictor, pictures: Iterable[Picture]) -> float:
    """Share of the pictures that the model does not know."""
    size = predictor.card.input
    threshold = predictor.card.unknown_threshold
    answers: list[bool] = []
    for picture in pictures:
        pixels: npt.NDArray[np.uint8] = images.fit(picture(), size.width, size.height)
        familiarity = predictor.run(pixels[None]).familiarity
        answers.append(familiarity is not None and threshold is not None and float(familiarity[0]) < threshold)
    return sum(answers) / len(answers)


def kinds(test: Sequence[Path], flowers: Sequence[Path], objects: Sequence[Path]) -> dict[str, list[Picture]]:
    """The rows of the table."""
    rows = {f"{len(test)} test photos of cats and dogs": [_opened(path) for path in test]}
    for kind in ALTERATIONS:
        rows[f"{len(test[::2])} of them, {kind}"] = [_altered(path, kind) for path in test[::2]]
    rows[f"{len(flowers)} photos of flowers"] = [_opened(path) for path in flowers]
    if objects:
        rows[f"{len(objects)} photos of objects"] = [_opened(path) for path in objects]
        cuts = [_cut_out(path, number) for path in objects for number in range(CUT_OUTS)]
        rows[f"{len(cuts)} cut-outs of them"] = cuts
    nothing = [picture for _, picture in pictures_of_nothing(ROUNDS_OF_NOTHING, 1)]
    rows[f"{len(nothing)} pictures of nothing"] = [lambda picture=picture: picture for picture in nothing]
    return rows


def _opened(path: Path) -> Picture:
    return lambda: images.open_rgb(path, (512, 512))


def _altered(path: Path, kind: str) -> Picture:
    return lambda: alter(images.open_rgb(path, (512, 512)), kind, zlib.crc32(path.name.encode()))


def _cut_out(path: Path, number: int) -> Picture:
    def cut() -> Image.Image:
        image, chance = images.open_rgb(path, (512, 512)), random.Random(f"{path.name} {number}")
        width, height = image.width // 2, image.height // 2
        left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return cut


def _photos(folder: Path | None) -> list[Path]:
    suffixes = {".jpg", ".jpeg", ".png"}
    return [] if folder is None else sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cats_dogs", type=Path)
    parser.add_argument("flowers", type=Path)
    parser.add_argument("--objects", type=Path)
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of the models")
    options = parser.parse_args()
    models = [Predictor(options.models / name) for name in MODELS if (options.models / name).is_dir()]
    print(f"{'share refused':44s}" + "".join(f"{model.card.name:>12s}" for model in models))
    rows = kinds(_photos(options.cats_dogs / "test"), _photos(options.flowers), _photos(options.objects))
    for name, pictures in rows.items():
        print(f"{name:44s}" + "".join(f"{refused(model, pictures):12.3f}" for model in models), flush=True)


if __name__ == "__main__":
    main()
