"""Keras, fp32 ONNX and int8 ONNX say the same. TensorFlow is imported here, which takes seconds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from engine import images, paths
from engine.predictor import Predictor
from engine.training.alterations import ALTERATIONS, alter
from engine.training.features import FeatureExtractor, backbone_graph, backbone_weights, imagenet_head
from engine.unknown import fit_familiarity

pytestmark = [
    pytest.mark.slow,
    # TensorFlow's variables do not know NumPy 2's `copy` keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

OUTPUTS = ["probabilities", "features", "activation_map", "familiarity"]
SIDE = 96


def photos(limit: int) -> list[Image.Image]:
    """The sample photos and altered copies; or pictures of the folder $WHISKER_PHOTOS, where one is set."""
    folder = os.environ.get("WHISKER_PHOTOS")
    if folder:
        found = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in images.SUFFIXES)
        return [images.open_rgb(path) for path in found[:: max(1, len(found) // limit)]][:limit]
    originals = [images.open_rgb(path) for path in sorted(paths.samples().glob("*.jpg"))]
    altered = [alter(picture, kind, seed) for seed in (0, 1) for picture in originals for kind in ALTERATIONS]
    return (originals + altered)[:limit]


@pytest.mark.parametrize("name", ["cats-dogs", "everyday"])
def test_that_a_built_in_model_is_the_same_in_keras_and_onnx(name: str, tmp_path: Path) -> None:
    import keras

    from engine.training.child.graph import to_onnx
    from engine.training.child.sessions import one_thread_session, run

    bundle = paths.builtin_models() / name
    model = keras.models.load_model(bundle / "model.keras", safe_mode=True)
    predictor = Predictor(bundle)
    size = predictor.card.input
    batch = np.stack([images.fit(picture, size.width, size.height) for picture in photos(64)])

    to_onnx(model, OUTPUTS, tmp_path / "fp32.onnx")
    fp32 = one_thread_session(tmp_path / "fp32.onnx")
    expected, answered = model.predict(batch[:8], verbose=0), run(fp32, batch[:8], OUTPUTS)
    for output in OUTPUTS:
        assert np.abs(expected[output] - answered[output]).max() <= 1e-4

    full, small = run(fp32, batch, ["probabilities"])["probabilities"], predictor.run(batch).probabilities
    sure = full.max(axis=1) >= 0.3
    assert sure.sum() >= len(batch) // 3
    assert (full.argmax(axis=1) == small.argmax(axis=1))[sure].mean() >= 0.97


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick model taught on the cut-outs of data/sample-set, exported and finished."""
    from engine.training.child import networks, quick
    from engine.training.child.export import About, export_graph, finish

    folder = tmp_path_factory.mktemp("bundle")
    files = sorted((paths.program_folder() / "data" / "sample-set").rglob("*.jpg"))
    labels = np.array([["cat", "cup"].index(path.parent.name) for path in files])
    features = FeatureExtractor("lite0", SIDE).extract(files).features[:, 0]
    head = quick.train_head(features, labels, 2, epochs=10)
    familiarity, threshold = fit_familiarity(features, *imagenet_head("lite0"))
    model = networks.classifier("lite0", 2, SIDE, familiarity=familiarity)
    networks.load_backbone(model, backbone_weights("lite0"))
    model.get_layer("head").set_weights([head.kernel, head.bias])
    batch = np.stack([images.load(path, SIDE, SIDE) for path in files])
    export = export_graph(model, folder, batch, labels, backbone=backbone_graph("lite0"))
    assert export.difference <= 1e-4
    about = About("cups", "Cats and cups", 1, ["cat", "cup"], "lite0", "quick", 1.0, threshold, None)
    finish(export, about, head.kernel)
    return folder


def test_that_an_exported_bundle_loads_and_answers(bundle: Path) -> None:
    predictor = Predictor(bundle)
    assert predictor.predict(paths.samples() / "cat.jpg").predicted_class == "cat"
    assert predictor.predict(paths.samples() / "coffee.jpg").predicted_class == "cup"


def test_that_the_graph_computes_the_familiarity_that_the_threshold_was_chosen_for(bundle: Path) -> None:
    predictor = Predictor(bundle)
    files = sorted((paths.program_folder() / "data" / "sample-set").rglob("*.jpg"))
    batch = np.stack([images.load(path, SIDE, SIDE) for path in files[:16]])
    answers = predictor.run(batch, reasons=True)
    extracted = FeatureExtractor("lite0", SIDE).run(batch)
    if predictor.card.precision == "int8":
        assert np.abs(answers.features - extracted).max() <= 0.01
    features = FeatureExtractor("lite0", SIDE).extract(files).features[:, 0]
    familiarity, _ = fit_familiarity(features, *imagenet_head("lite0"))
    assert np.allclose(familiarity.score(answers.features), answers.familiarity, atol=2e-3)


def test_that_the_file_alone_says_all_that_is_needed(bundle: Path) -> None:
    graph = onnx.load(str(bundle / "model.onnx"))
    metadata = {entry.key: entry.value for entry in graph.metadata_props}
    assert [output.name for output in graph.graph.output] == OUTPUTS
    assert graph.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert json.loads(metadata["classes"]) == ["cat", "cup"]
    assert json.loads(metadata["resize"]) == {"width": SIDE, "height": SIDE, "fit": "squash", "resample": "bilinear"}
    assert np.array(json.loads(metadata["class_weights"])).shape == (1280, 2)
    assert len(json.loads(metadata["golden"])) == 3
    assert float(metadata["unknown_threshold"]) == Predictor(bundle).card.unknown_threshold


def test_that_the_class_activation_map_adds_up_to_the_answer(bundle: Path) -> None:
    predictor = Predictor(bundle)
    batch = images.load(paths.samples() / "cat.jpg", SIDE, SIDE)[None]
    answers = predictor.run(batch, reasons=True)
    assert np.allclose(answers.activation_map.mean(axis=(1, 2)), answers.features, atol=1e-3)


def test_that_remembered_features_give_the_finished_file_s_own_answers(bundle: Path) -> None:
    from engine.training.child.remembered_answers import answers_from_features, familiarity_from_features

    files = sorted((paths.program_folder() / "data" / "sample-set").rglob("*.jpg"))
    features = FeatureExtractor("lite0", SIDE).extract(files).features[:, 0]
    answers = answers_from_features(bundle, files, features, SIDE)
    whole = Predictor(bundle).run(np.stack([images.load(path, SIDE, SIDE) for path in files]))
    assert answers is not None
    assert np.abs(answers - whole.probabilities).max() <= 0.01
    familiarity = familiarity_from_features(bundle, features)
    assert familiarity is not None
    assert np.abs(familiarity - whole.familiarity).max() <= 0.05


@pytest.mark.parametrize("wrong", ["another network's features", "another size", "too few numbers", "a picture gone"])
def test_that_features_of_something_else_are_noticed(bundle: Path, tmp_path: Path, wrong: str) -> None:
    from engine.training.child.remembered_answers import answers_from_features

    files = sorted((paths.program_folder() / "data" / "sample-set").rglob("*.jpg"))
    features, side = FeatureExtractor("lite0", SIDE).extract(files).features[:, 0], SIDE
    if wrong == "another network's features":
        features = features[::-1].copy()
    elif wrong == "another size":
        side = SIDE + 32
    elif wrong == "too few numbers":
        features = features[:, :-1].copy()
    else:
        files[0] = tmp_path / "gone.jpg"
    assert answers_from_features(bundle, files, features, side) is None


def test_that_a_model_that_departs_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.errors import TrainingError
    from engine.training.child import export, networks

    model = networks.classifier("lite0", 2, 32)
    monkeypatch.setattr(export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.raises(TrainingError, match="departs"):
        export.export_graph(model, tmp_path, np.zeros((8, 32, 32, 3), np.uint8))


def test_that_a_backbone_trained_further_is_quantised_anew(tmp_path: Path) -> None:
    from engine.training.child.graph import quantise, to_onnx
    from engine.training.child.networks import classifier, load_backbone
    from engine.training.child.sessions import one_thread_session, run

    model = classifier("lite0", 3, SIDE)
    load_backbone(model, backbone_weights("lite0"))
    batch = np.stack([images.fit(picture, SIDE, SIDE) for picture in photos(16)])
    to_onnx(model, OUTPUTS, tmp_path / "fp32.onnx")
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", batch)
    full, small = (
        run(one_thread_session(tmp_path / name), batch, ["features"])["features"] for name in ("fp32.onnx", "int8.onnx")
    )
    alike = (full * small).sum(axis=1) / np.linalg.norm(full, axis=1) / np.linalg.norm(small, axis=1)
    assert alike.mean() >= 0.98
    assert (tmp_path / "int8.onnx").stat().st_size < 0.6 * (tmp_path / "fp32.onnx").stat().st_size
