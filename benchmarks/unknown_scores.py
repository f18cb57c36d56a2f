"""Ways of telling the unknown, compared: python benchmarks/unknown_scores.py CATSDOGS_DIR FLOWERS_DIR [--cache DIR]

Prints the table of docs/unknown.md. Every threshold comes from a fifth of the training photos that the score has not
seen, and from altered copies of them: it refuses at most 1.5 % of the first and 3.5 % of the second. What is
reported was measured on other photos.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "packaging"))

from nothing import pictures_of_nothing  # noqa: E402

from engine import images, unknown  # noqa: E402
from engine.training.alterations import ALTERATIONS  # noqa: E402
from engine.training.features import FeatureExtractor, imagenet_head  # noqa: E402

BACKBONE, SIDE = "lite2", 228
SAME, SHIFTED = 0.015, 0.035

Floats = npt.NDArray[np.float32]
Score = Callable[[Floats], npt.NDArray[Any]]


def scores(train: Floats) -> dict[str, Score]:
    """Ways of scoring features, fitted on those of the training photos."""
    kernel, bias = imagenet_head(BACKBONE)

    def posterior(features: Floats, sharpness: float) -> Floats:
        logits = sharpness * (features @ kernel + bias)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def unit(features: Floats) -> Floats:
        return features / np.linalg.norm(features, axis=1, keepdims=True)

    def ratio(sharpness: float, prior: float) -> Score:
        share = posterior(train, sharpness).mean(axis=0)
        return lambda features: posterior(features, sharpness) @ (share / (share + prior))

    kinds, centres, all_of_them = unknown._kinds(train @ kernel + bias), unknown._prototypes(train, 0), unit(train)
    mean = train.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((train - mean).T))
    family: dict[str, Score] = {
        "nearest of all training features": lambda f: (unit(f) @ all_of_them.T).max(axis=1),
        "likeness: nearest of 256 centres": lambda f: (unit(f) @ centres.T).max(axis=1),
        "Mahalanobis": lambda f: -(((f - mean) @ vectors) ** 2 / (values + 0.1 * values.mean())).sum(axis=1),
        "residual outside 256 principal axes": lambda f: (
            -np.linalg.norm(((f - mean) @ vectors)[:, :-256], axis=1) / np.linalg.norm(f, axis=1)
        ),
        "ratio of mean posteriors, prior 0.0005": ratio(1.0, 0.0005),
        "the same, sharpness 1.5, prior 0.004": ratio(1.5, 0.004),
        "kind: sharpness 1.5, one EM step, prior 0.0001": lambda f: posterior(f, 1.5) @ kinds,
    }
    likeness = family["likeness: nearest of 256 centres"]
    for name in list(family)[-3:]:
        family[f"sum of likeness and {name}"] = _sum(likeness, family[name], train)
    return family


def _sum(first: Score, second: Score, train: Floats) -> Score:
    def standard(score: Score) -> Score:
        median, low = np.quantile(score(train[::5]), [0.5, 0.05])
        return lambda features: (score(features) - median) / (median - low)

    one, other = standard(first), standard(second)
    return lambda features: one(features) + other(features)


def table(train: Floats, kept: Floats, altered: Floats, measured: dict[str, Floats]) -> None:
    print("| score | " + " | ".join(measured) + " |")
    print("|---|" + "---|" * len(measured))
    for name, score in scores(train).items():
        threshold = min(np.quantile(score(kept), SAME), np.quantile(score(altered), SHIFTED))
        shares = [float((score(features) < threshold).mean()) for features in measured.values()]
        print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("catsdogs", type=Path)
    parser.add_argument("flowers", type=Path)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    extractor = FeatureExtractor(BACKBONE, SIDE, arguments.cache)

    def plain(files: list[Path]) -> Floats:
        return extractor.extract(files).features[:, 0]

    def altered(files: list[Path]) -> Floats:
        return extractor.extract(files, ALTERATIONS).features.reshape(-1, 1280)

    train, test = (sorted((arguments.catsdogs / part).iterdir()) for part in ("train", "test"))
    flowers = plain(sorted(arguments.flowers.rglob("*.jpg")))
    pictures = [images.fit(picture, SIDE, SIDE) for _, picture in pictures_of_nothing(15, 1)]
    nothing = np.concatenate([extractor.run(np.stack(pictures[i : i + 8])) for i in range(0, len(pictures), 8)])
    held = np.arange(len(train)) % 5 == 0

    def of(files: list[Path], animal: str) -> list[Path]:
        return [path for path in files if path.name.startswith(animal)]

    def study(title: str, animal: str, near: list[Path]) -> None:
        print(f"{title}\n")
        known = [path for path, out in zip(train, held, strict=True) if not out and path.name.startswith(animal)]
        kept = [path for path, out in zip(train, held, strict=True) if out and path.name.startswith(animal)]
        measured = {"same": plain(of(test, animal)), "altered": altered(of(test, animal))}
        if near:
            measured["near"] = plain(near)
        measured |= {"flowers": flowers, "nothing": nothing}
        table(plain(known), plain(kept), altered(kept[::2]), measured)

    study("Taught cats and dogs", "", [])
    study("Taught dogs; near: cats", "dog", of(test, "cat"))
    study("Taught cats; near: dogs", "cat", of(test, "dog"))


if __name__ == "__main__":
    main()
