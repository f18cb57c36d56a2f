"""Make data/samples/ and data/sample-set/ from photos that the scikit-image package carries. For developers.

    python packaging/build_samples.py

The package's own notice is read for each photo, and the build stops when one no longer says that the photo is free.
data/sample-set/ is for the self-test alone: two classes, each of overlapping, mirrored and re-lit cut-outs of a
single photo. It shows that training works, not how well.
"""

from __future__ import annotations

import inspect
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance
from skimage import data

ROOT = Path(__file__).resolve().parent.parent
SAMPLES, SAMPLE_SET = ROOT / "data" / "samples", ROOT / "data" / "sample-set"
LONG_SIDE, SHORT_SIDE = 800, 160
PER_CLASS = 24


@dataclass(frozen=True)
class Photo:
    """A photo: its name there and here, what it shows, whom to thank, and the words that set it free."""

    source: str
    file: str
    shows: str
    credit: str
    notice: str


PHOTOS = (
    Photo("chelsea", "cat.jpg", "Chelsea the cat", "Stefan van der Walt", "CC0 by the photographer"),
    Photo("coffee", "coffee.jpg", "A cup, Pikolo Espresso Bar", "Rachel Michetti", "CC0 by the photographer"),
    Photo("rocket", "rocket.jpg", "The launch of DSCOVR on a Falcon 9", "SpaceX", "released in the public domain"),
    Photo("astronaut", "astronaut.jpg", "The astronaut Eileen Collins", "NASA", "released into the public domain"),
)
CLASSES = {"cat": "chelsea", "cup": "coffee"}


def main() -> None:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    lines = [
        "# The sample photos",
        "",
        "Made by packaging/build_samples.py from photos in the scikit-image package, brought to 800 pixels.",
        "The words in quotation marks are that package's own notice.",
        "",
        "| file | shows | by | notice |",
        "|---|---|---|---|",
    ]
    for photo in PHOTOS:
        notice = " ".join((inspect.getdoc(getattr(data, photo.source)) or "").split())
        if photo.notice not in notice:
            raise SystemExit(f"The notice of {photo.source} has changed. Read it before shipping the photo.")
        image = Image.fromarray(getattr(data, photo.source)())
        image = image.resize(_scaled(image.size), Image.Resampling.LANCZOS)
        image.save(SAMPLES / photo.file, "JPEG", quality=85, optimize=True)
        lines.append(f'| {photo.file} | {photo.shows} | {photo.credit} | "{photo.notice}" |')
    lines += ["", "../sample-set/ holds cut-outs of cat.jpg's and coffee.jpg's originals, under the same notices.", ""]
    (SAMPLES / "LICENCES.md").write_text("\n".join(lines))
    for label, source in CLASSES.items():
        folder = SAMPLE_SET / label
        folder.mkdir(parents=True, exist_ok=True)
        chance = random.Random(label)
        for number in range(PER_CLASS):
            _cut_out(Image.fromarray(getattr(data, source)()), chance).save(
                folder / f"{label}-{number:02}.jpg", "JPEG", quality=80, optimize=True
            )


def _scaled(size: tuple[int, int]) -> tuple[int, int]:
    scale = LONG_SIDE / max(size)
    return round(size[0] * scale), round(size[1] * scale)


def _cut_out(image: Image.Image, chance: random.Random) -> Image.Image:
    share = chance.uniform(0.55, 0.9)
    width, height = round(image.width * share), round(image.height * share)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    piece = image.crop((left, top, left + width, top + height))
    if chance.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    piece = ImageEnhance.Brightness(piece).enhance(chance.uniform(0.7, 1.25))
    scale = SHORT_SIDE / min(piece.size)
    return piece.resize((round(piece.width * scale), round(piece.height * scale)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
