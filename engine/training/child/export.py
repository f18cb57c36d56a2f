"""From a trained Keras model to a bundle that answers the same everywhere.

An export counts only when onnxruntime agrees with Keras, when int8 loses nothing that can be measured, and when the
bundle passes its own golden checks on being loaded again.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine.card import KERAS, ONNX, Card, Metrics, ModelInput, file_sha256
from engine.errors import TrainingError
from engine.training.child.graph import (
    Images,
    attach,
    backbone_to_onnx,
    heads_to_onnx,
    quantise,
    to_onnx,
    write_metadata,
)
from engine.training.child.networks import OUTPUTS
from engine.training.child.sessions import one_thread_session, run, speed_ratio
from engine.training.golden import golden_checks
from engine.version import __version__

Floats = npt.NDArray[np.float32]

LARGEST_DIFFERENCE = 1e-4
LARGEST_FAMILIARITY_DIFFERENCE = 0.01
"""Of a score in which the commonest and the rarest known pictures are 1 apart: where all pictures look nearly the same,
that 1 is next to nothing in the features, and the last digit of single precision shows."""
SMALLEST_AGREEMENT = 0.97
LARGEST_ACCURACY_LOSS = 0.005
SMALLEST_SPEEDUP = 1.1
SURE = 0.3
"""Below this the best of many classes leads by a hair, and which one it is says nothing about the graph."""
PROBES = 2
"""Pictures that Keras answers in full: called with eight, TensorFlow takes 1.2 GB and keeps it."""
RECORDED_PACKAGES = ("keras", "tensorflow-cpu", "tensorflow", "tf2onnx", "onnx", "onnxruntime", "numpy", "Pillow")


@dataclass(frozen=True)
class Export:
    """A graph on disk, before its card is written.

    Attributes:
        folder: Holds model.keras and model.onnx.
        precision: "int8" or "fp32".
        difference: Largest difference between Keras and the fp32 graph over all outputs but `familiarity`; see
            `_difference`.
        agreement: Share of the pictures fp32 is at least SURE about on which int8 names the same class.
        speedup: int8 pictures per second divided by fp32's.
        session: Of the graph.
    """

    folder: Path
    precision: str
    difference: float
    agreement: float
    speedup: float
    session: ort.InferenceSession = field(repr=False)


@dataclass(frozen=True)
class About:
    """What the card says besides what was measured on the graph."""

    name: str
    title: str
    version: int
    classes: Sequence[str]
    backbone: str
    recipe: str
    temperature: float
    unknown_threshold: float | None
    metrics: Metrics | None
    training: dict[str, Any] = field(default_factory=dict)
    lineage: dict[str, Any] = field(default_factory=dict)
    licence: str = ""


def export_graph(
    model: keras.Model,
    folder: Path,
    images: Images,
    labels: npt.NDArray[np.int64] | None = None,
    *,
    backbone: Path | None = None,
    converted: Path | None = None,
) -> Export:
    """Write model.keras and model.onnx into `folder`, int8 if that costs no accuracy and gains time.

    Args:
        model: Maps `image` to a dict with the names in OUTPUTS.
        folder: Exists; what it holds under these names is replaced.
        images: uint8 [n, height, width, 3], to calibrate and to compare on; training pictures serve.
        labels: int [n], or None when the pictures have none: then agreement with fp32 alone decides.
        backbone: The int8 graph that the head's features came from. It is used as it is, so that the exported model
            sees the very features its head was trained on; without it the whole model is quantised anew.
        converted: Where the fp32 graph of that backbone is kept from export to export; it is made if missing.

    Raises:
        TrainingError: onnxruntime does not answer as Keras does.
    """
    with ThreadPoolExecutor(1) as pool:
        # Keras computes, and then mostly writes, while the graph is converted and compared.
        answering = pool.submit(_keras_answers, model, images[:PROBES])
        saving = pool.submit(model.save, folder / KERAS)
        export = _chosen(model, folder, images, labels, backbone, converted, answering)
        saving.result()
    return export


def _chosen(
    model: keras.Model,
    folder: Path,
    images: Images,
    labels: npt.NDArray[np.int64] | None,
    backbone: Path | None,
    converted: Path | None,
    answering: Future[dict[str, Floats]],
) -> Export:
    full, small = folder / "fp32.onnx", folder / "int8.onnx"
    if backbone is None:
        to_onnx(model, OUTPUTS, full)
    else:
        converted = converted or folder / "backbone.onnx"
        if not converted.is_file():
            backbone_to_onnx(model, converted)
        heads = heads_to_onnx(model, [name for name in OUTPUTS if name not in ("features", "activation_map")])
        attach(converted, converted, heads, OUTPUTS, full)
        attach(backbone, converted, heads, OUTPUTS, small)
        (folder / "backbone.onnx").unlink(missing_ok=True)
    fp32 = one_thread_session(full)
    expected, answered = answering.result(), run(fp32, images[:PROBES], OUTPUTS)
    differences = {name: _difference(expected[name], answered[name]) for name in OUTPUTS}
    familiarity, difference = differences.pop("familiarity"), max(differences.values())
    if not (difference <= LARGEST_DIFFERENCE and familiarity <= LARGEST_FAMILIARITY_DIFFERENCE):
        raise TrainingError(
            f"The exported model departs from the trained one by {difference:.2g}, so it was not kept.",
            "Train again; if it happens twice, please report it with the training's log.",
        )
    if backbone is None:
        quantise(full, small, images)
    int8 = one_thread_session(small)
    answers_full, answers_small = (
        run(session, images, ("probabilities",))["probabilities"] for session in (fp32, int8)
    )
    sure = answers_full.max(axis=1) >= SURE
    same = answers_full.argmax(axis=1) == answers_small.argmax(axis=1)
    agreement = float(same[sure].mean()) if sure.any() else 1.0
    lost = 0 if labels is None else int((answers_full.argmax(1) == labels).sum())
    lost -= 0 if labels is None else int((answers_small.argmax(1) == labels).sum())
    # One picture may be chance, and among fewer than two hundred it is more than half a point.
    bearable = lost <= max(1, LARGEST_ACCURACY_LOSS * len(images))
    speedup = speed_ratio(fp32, int8, images)
    keep = agreement >= SMALLEST_AGREEMENT and bearable and speedup >= SMALLEST_SPEEDUP
    (small if keep else full).replace(folder / ONNX)
    (full if keep else small).unlink()
    return Export(folder, "int8" if keep else "fp32", difference, agreement, speedup, int8 if keep else fp32)


def _keras_answers(model: keras.Model, pictures: Images) -> dict[str, Floats]:
    """All outputs, by name. Called, not `predict`ed: tracing a graph for two pictures takes four times as long."""
    answers = model(pictures, training=False)
    return {name: np.asarray(answers[name]) for name in OUTPUTS}


def _difference(expected: Floats, answered: Floats) -> float:
    """Largest difference: absolute for probabilities; for outputs that grow past 1, in parts of the largest value."""
    return float(np.abs(expected - answered).max() / max(1.0, float(np.abs(expected).max())))


def finish(export: Export, about: About, class_weights: Floats) -> Card:
    """Write metadata, golden checks and the card into the exported folder.

    Args:
        export: What `export_graph` returned.
        about: The rest of the card.
        class_weights: float32 [features, classes], the head's kernel as exported.
    """
    path = export.folder / ONNX
    _, height, width, _ = export.session.get_inputs()[0].shape
    size = ModelInput(width=width, height=height)
    golden = golden_checks(export.session, about.classes, size)
    versions = {"whisker": __version__, **_package_versions()}
    rounded = [[float(f"{value:.5g}") for value in row] for row in class_weights.tolist()]
    write_metadata(
        path,
        {
            "name": about.name,
            "version": str(about.version),
            "classes": json.dumps(list(about.classes), ensure_ascii=False),
            "resize": json.dumps(vars(size)),
            "unknown_threshold": "" if about.unknown_threshold is None else repr(about.unknown_threshold),
            "temperature": repr(about.temperature),
            "class_weights": json.dumps(rounded, separators=(",", ":")),
            "versions": json.dumps(versions),
            "golden": json.dumps([vars(check) for check in golden], ensure_ascii=False),
        },
    )
    card = Card(
        name=about.name,
        title=about.title,
        version=about.version,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=tuple(about.classes),
        input=size,
        backbone=about.backbone,
        recipe=about.recipe,
        precision=export.precision,
        temperature=about.temperature,
        unknown_threshold=about.unknown_threshold,
        metrics=about.metrics,
        sha256={ONNX: file_sha256(path), KERAS: file_sha256(export.folder / KERAS)},
        golden=tuple(golden),
        training=about.training,
        lineage=about.lineage,
        versions=versions,
        licence=about.licence,
    )
    card.write(export.folder)
    return card


def _package_versions() -> dict[str, str]:
    found = {}
    for package in RECORDED_PACKAGES:
        try:
            found[package.lower()] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
