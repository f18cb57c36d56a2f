"""How well the data doctor finds what is wrong: python benchmarks/doctor.py FOLDER [--pictures N] [--seed S]

Takes up to N pictures of a labelled folder, spoils some of them in known ways (wrong labels, blur, copies that are
resized, recompressed, mirrored, cropped, and more), runs `check` on the result and counts what it found. A finding
on a picture that was not spoilt counts as false here, even where the photo or its label really is poor; the second
table says what the doctor found in the pictures as they were.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import images
from engine.dataset.doctor import Kind, Report, examine
from engine.dataset.doctor.embedding import backbone_features
from engine.dataset.layouts import read_labelled
from engine.paths import Home

FLIPPED = 0.03
SPOILT = 0.02
"""Share of the pictures that each kind of damage falls upon."""

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _crop(share: float) -> Change:
    def crop(image: Image.Image, random: np.random.Generator) -> Image.Image:
        width, height = round(image.width * share), round(image.height * share)
        left, top = random.integers(0, image.width - width + 1), random.integers(0, image.height - height + 1)
        return image.crop((left, top, left + width, top + height))

    return crop


def _recompress(image: Image.Image, _: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    return Image.open(buffer).convert("RGB")


def _blur(sigma: float) -> Change:
    return lambda image, _: image.filter(ImageFilter.GaussianBlur(sigma * max(image.size) / 224))


COPIES: dict[str, Change] = {
    "resized to half": lambda image, _: image.resize((image.width // 2, image.height // 2)),
    "recompressed": _recompress,
    "mirrored": lambda image, _: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "brighter": lambda image, _: ImageEnhance.Brightness(image).enhance(1.25),
    "cropped by 5 %": _crop(0.95),
    "cropped by 10 %": _crop(0.90),
    "cropped by 20 %": _crop(0.80),
}
SPOILERS: dict[str, tuple[Change, Kind]] = {
    "blurred, sigma 3 at 224": (_blur(3), Kind.BLURRY),
    "blurred, sigma 2 at 224": (_blur(2), Kind.BLURRY),
    "nearly black": (lambda image, _: image.point(lambda level: level // 6), Kind.TOO_DARK),
    "nearly white": (lambda image, _: image.point(lambda level: 215 + level // 7), Kind.TOO_BRIGHT),
    "nearly one shade": (lambda image, _: image.point(lambda level: 110 + level // 10), Kind.LOW_CONTRAST),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as work:
        features = backbone_features(Home(Path(work, "home")))
        plain, spoilt = Path(work, "plain"), Path(work, "spoilt")
        before = _copied(options.folder, plain, options.pictures, random)
        began = time.perf_counter()
        report = examine(plain, features)
        seconds = time.perf_counter() - began
        print(f"{len(before)} pictures of {len(report.classes)} classes, as they are ({seconds:.1f} s):")
        for kind in Kind:
            if report.of(kind):
                print(f"  {kind.title:45} {len(report.of(kind)):5} ({len(report.of(kind)) / len(before):.2%})")
        known = {(finding.kind, finding.path.name) for finding in report.findings}
        truth = _spoil(plain, spoilt, random)
        _table(truth, examine(spoilt, features), known)


def _copied(folder: Path, target: Path, most: int, random: np.random.Generator) -> list[Path]:
    items = list(read_labelled(folder).items)
    chosen = [items[at] for at in np.sort(random.permutation(len(items))[:most])]
    made = []
    for number, item in enumerate(chosen):
        path = target / item.label / f"{number:05}{item.path.suffix.lower()}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(item.path, path)
        made.append(path)
    return made


def _spoil(plain: Path, spoilt: Path, random: np.random.Generator) -> dict[str, tuple[Kind, set[str]]]:
    """Make `spoilt`, and say which files are bad in which way; each picture is spoilt in one way at most."""
    shutil.copytree(plain, spoilt)
    paths = sorted(spoilt.rglob("*.*"))
    classes = sorted(path.name for path in spoilt.iterdir())
    free = iter(random.permutation(len(paths)).tolist())
    truth: dict[str, tuple[Kind, set[str]]] = {}

    def take(share: float) -> list[Path]:
        return [paths[next(free)] for _ in range(max(1, int(share * len(paths))))]

    wrong = take(FLIPPED)
    for path in wrong:
        others = [name for name in classes if name != path.parent.name]
        path.rename(spoilt / str(random.choice(others)) / path.name)
    truth["wrong label"] = (Kind.MISLABELLED, {path.name for path in wrong})
    for what, (change, kind) in SPOILERS.items():
        chosen = take(SPOILT)
        for path in chosen:
            change(images.open_rgb(path), random).save(path, quality=92)
        truth[what] = (kind, {path.name for path in chosen})
    for what, change in COPIES.items():
        names = set()
        for path in take(SPOILT):
            copy = path.with_name(f"{path.stem}-copy.jpg")
            change(images.open_rgb(path), random).save(copy, quality=92)
            names.add(path.stem)
        truth[what] = (Kind.NEAR_DUPLICATE, names)
    return truth


def _table(truth: dict[str, tuple[Kind, set[str]]], report: Report, known: set[tuple[Kind, str]]) -> None:
    print(f"\n{'spoilt on purpose':28} {'pictures':>8} {'found':>7}")
    for what, (kind, names) in truth.items():
        found = {_name(finding.path, kind) for finding in report.of(kind)}
        print(f"{what:28} {len(names):8} {len(names & found) / len(names):7.1%}")
    print(f"\n{'finding':28} {'number':>8} {'spoilt':>7} {'there before':>13} {'false':>6}")
    for kind in dict.fromkeys(kind for kind, _ in truth.values()):
        bad = set().union(*(names for other, names in truth.values() if other is kind))
        findings = report.of(kind)
        right = sum(_name(finding.path, kind) in bad for finding in findings)
        before = sum(
            _name(finding.path, kind) not in bad and (kind, finding.path.name) in known for finding in findings
        )
        print(f"{kind.code:28} {len(findings):8} {right:7} {before:13} {len(findings) - right - before:6}")


def _name(path: Path, kind: Kind) -> str:
    """Copies are found by either of the two; others by the file itself."""
    return path.stem.removesuffix("-copy") if kind is Kind.NEAR_DUPLICATE else path.name


if __name__ == "__main__":
    main()
