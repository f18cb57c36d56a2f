"""Make the built-in models: models/everyday and models/cats-dogs. For developers.

    python packaging/build_models.py CATSDOGS_DIR

CATSDOGS_DIR holds train/ and test/ with pictures named cat.N.jpg and dog.N.jpg. The head of cats-dogs is trained on
all of train/; the figures in its card are those of the finished int8 bundle on test/. The figures of everyday are
left empty: no ImageNet pictures are at hand, and none are made up.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nothing import pictures_of_nothing  # noqa: E402

from engine import images  # noqa: E402
from engine.card import Card  # noqa: E402
from engine.predictor import Predictor  # noqa: E402
from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN  # noqa: E402
from engine.training.child import networks, quick  # noqa: E402
from engine.training.child.export import About, export_graph, finish  # noqa: E402
from engine.training.child.judging import familiarity_of  # noqa: E402
from engine.training.evaluation import evaluate_predictions  # noqa: E402
from engine.training.features import (  # noqa: E402
    FeatureExtractor,
    backbone_graph,
    backbone_weights,
    imagenet_classes,
    imagenet_head,
)
from engine.training.plan import BACKBONE_SIDE  # noqa: E402
from engine.unknown import Evidence, fit_familiarity  # noqa: E402

LICENCE = "Apache-2.0 (weights derived from EfficientNet-Lite, see THIRD-PARTY.md)"
EVERY_NTH_ALTERED = 10
TEMPERATURE_FOLDS = 5
PROBE_PICTURES = 200

# The best class of 99.5 % of photos of cats, dogs and flowers has more; see docs/unknown.md.
SMALLEST_LOGIT = 4.9
LARGEST_LIKENESS_TO_NOTHING = 0.62
ROUNDS_OF_NOTHING = 24

Labels = npt.NDArray[np.int64]


def build_cats_dogs(folder: Path, destination: Path, cache: Path | None) -> Card:
    """Train, export and score the default model."""
    began = time.perf_counter()
    backbone, classes = "lite2", ["cat", "dog"]
    side = BACKBONE_SIDE[backbone]
    files, labels = _labelled(folder / "train", classes)
    extractor = FeatureExtractor(backbone, side, cache)
    seen = extractor.extract(files, (PLAIN, MIRRORED)).features
    plain, mirrored = seen[:, 0], seen[:, 1]

    # Every picture's logits come from a head that has not seen it.
    fold = np.random.default_rng(0).permutation(len(files)) % TEMPERATURE_FOLDS
    logits = np.zeros((len(files), len(classes)), np.float32)
    for index in range(TEMPERATURE_FOLDS):
        kept = fold != index
        rows = np.concatenate([plain[kept], mirrored[kept]])
        head = quick.train_head(rows, np.tile(labels[kept], 2), len(classes), seed=index)
        logits[~kept] = head.logits(plain[~kept])
    temperature = quick.fit_temperature(logits, labels)
    head = quick.train_head(np.concatenate([plain, mirrored]), np.tile(labels, 2), len(classes)).cooled(temperature)

    chosen = np.arange(0, len(files), EVERY_NTH_ALTERED)
    altered = extractor.extract([files[index] for index in chosen], ALTERATIONS).features
    familiarity, threshold = fit_familiarity(
        plain, *imagenet_head(backbone), altered.reshape(-1, altered.shape[-1]), np.repeat(chosen, len(ALTERATIONS))
    )

    model = networks.classifier(backbone, len(classes), side, familiarity=familiarity)
    networks.load_backbone(model, backbone_weights(backbone))
    model.get_layer("head").set_weights([head.kernel, head.bias])
    picked = np.random.default_rng(1).choice(len(files), PROBE_PICTURES, replace=False)
    probe = np.stack([images.load(files[index], side, side) for index in picked])
    export = export_graph(model, destination, probe, labels[picked], backbone=backbone_graph(backbone))
    print(export)

    about = About(
        name="cats-dogs",
        title="Cats and dogs",
        version=1,
        classes=classes,
        backbone=backbone,
        recipe="quick",
        temperature=temperature,
        unknown_threshold=threshold,
        metrics=None,
        training={
            "images": len(files),
            "per_class": {name: int((labels == index).sum()) for index, name in enumerate(classes)},
            "description": "Photos of cats and dogs at home, in shelters and outdoors; one photo, one animal.",
            "seconds": round(time.perf_counter() - began, 1),
        },
        lineage={"parent": None, "data_fingerprint": _fingerprint(files), "plan": {"recipe": "quick", "seed": 0}},
        licence=LICENCE,
    )
    finish(export, about, head.kernel)
    test_files, test_labels = _labelled(folder / "test", classes)
    probabilities, familiar = _answers(destination, test_files)
    judged = {
        "metrics": evaluate_predictions(probabilities, test_labels, classes),
        "training": {**about.training, "familiarity": familiarity_of(familiar)},
    }
    return finish(export, About(**{**vars(about), **judged}), head.kernel)


def build_everyday(photos: list[Path], destination: Path) -> Card:
    """Wrap the fast backbone with ImageNet's own 1,000 classes."""
    backbone, classes = "lite0", imagenet_classes()
    side = BACKBONE_SIDE[backbone]
    kernel, bias = imagenet_head(backbone)
    extractor = FeatureExtractor(backbone, side)
    nothing = np.stack([images.fit(picture, side, side) for _, picture in pictures_of_nothing(ROUNDS_OF_NOTHING, 0)])
    features = np.concatenate([extractor.run(nothing[start : start + 8]) for start in range(0, len(nothing), 8)])
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    evidence = Evidence(directions, SMALLEST_LOGIT, LARGEST_LIKENESS_TO_NOTHING)
    model = networks.classifier(backbone, len(classes), side, familiarity=evidence)
    networks.load_backbone(model, backbone_weights(backbone))
    model.get_layer("head").set_weights([kernel, bias])
    probe = np.stack([images.load(path, side, side) for path in photos])
    export = export_graph(model, destination, probe, backbone=backbone_graph(backbone))
    print(export)
    about = About(
        name="everyday",
        title="Everyday things",
        version=1,
        classes=classes,
        backbone=backbone,
        recipe="imagenet",
        temperature=1.0,
        unknown_threshold=0.0,
        metrics=None,
        training={
            "images": 1_281_167,
            "description": "ImageNet (ILSVRC 2012), by the authors of EfficientNet-Lite. Not scored again here.",
        },
        lineage={"parent": None, "plan": {"recipe": "imagenet"}},
        licence=LICENCE,
    )
    return finish(export, about, kernel)


def _labelled(folder: Path, classes: list[str]) -> tuple[list[Path], Labels]:
    files = sorted(path for path in folder.iterdir() if path.name.split(".")[0] in classes)
    if not files:
        raise SystemExit(f"{folder} holds no pictures named {classes[0]}.N.jpg.")
    return files, np.array([classes.index(path.name.split(".")[0]) for path in files])


def _answers(bundle: Path, files: list[Path]) -> tuple[npt.NDArray[np.float32], list[float]]:
    """Probabilities [n, classes] and familiarity [n]."""
    predictor = Predictor(bundle)
    size = predictor.card.input
    answers = [predictor.run(images.load(path, size.width, size.height)[None]) for path in files]
    familiar = [float(answer.familiarity[0]) for answer in answers if answer.familiarity is not None]
    return np.concatenate([answer.probabilities for answer in answers]), familiar


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the built-in models.")
    parser.add_argument("folder", type=Path, metavar="CATSDOGS_DIR")
    parser.add_argument("--destination", type=Path, default=ROOT / "models")
    parser.add_argument("--cache", type=Path, help="folder to remember features in, for the next build")
    parser.add_argument("--only", choices=("cats-dogs", "everyday"))
    arguments = parser.parse_args()
    for name in ("cats-dogs", "everyday"):
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory(dir=arguments.destination, prefix=".making-") as scratch:
            made = Path(scratch) / name
            made.mkdir()
            if name == "cats-dogs":
                card = build_cats_dogs(arguments.folder, made, arguments.cache)
            else:
                photos = _labelled(arguments.folder / "train", ["cat", "dog"])[0]
                card = build_everyday(photos[:: len(photos) // PROBE_PICTURES], made)
            Predictor(made)
            if card.precision != "int8":
                raise SystemExit(f"{name} came out as {card.precision}: this machine was busy, or something is wrong.")
            final = arguments.destination / name
            if final.exists():
                final.replace(Path(scratch) / "old")
            made.replace(final)
            shutil.rmtree(Path(scratch) / "old", ignore_errors=True)
        accuracy = card.metrics["accuracy"] if card.metrics else None
        print(f"{name}: {card.precision}, accuracy {accuracy}, unknown below {card.unknown_threshold}")


if __name__ == "__main__":
    main()
