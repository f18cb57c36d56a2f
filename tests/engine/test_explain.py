from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageNotFound, ModelBroken, ModelError
from engine.explain import explain, nearest
from engine.images import load
from engine.predictor import Predictor
from tests.bundles import BLUE, CYAN, GREEN, RED, make_bundle, solid
from tests.engine.bundle_edits import edit_metadata, edit_model, write_neighbours


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "pets", classes=("cat", "dog", "frog"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Red at the top left quarter, blue at the bottom right one, black elsewhere."""
    image = Image.new("RGB", (32, 32))
    image.paste(RED, (0, 0, 16, 16))
    image.paste(BLUE, (16, 16, 24, 24))
    file = tmp_path / "picture.png"
    image.save(file)
    return file


def test_that_the_heat_lies_where_the_class_is(bundle: Path, picture: Path) -> None:
    predictor = Predictor(bundle)
    heat = explain(predictor, picture).heat
    assert (heat.shape, heat.dtype) == ((4, 4), np.float32)
    assert (heat.min(), heat.max()) == (0.0, 1.0)
    assert np.all(heat[:2, :2] == 1.0)
    assert heat[2:].max() < 0.5


def test_that_another_class_may_be_explained(bundle: Path, picture: Path) -> None:
    predictor = Predictor(bundle)
    reasons = explain(predictor, picture, "dog")
    assert reasons.class_name == "dog"
    assert np.unravel_index(reasons.heat.argmax(), (4, 4)) == (2, 2)
    assert explain(predictor, picture).class_name == "cat"


def test_that_the_map_is_exact(bundle: Path, picture: Path) -> None:
    """Its mean plus the bias, through softmax, is the model's own answer."""
    predictor = Predictor(bundle)
    outputs = predictor.run(load(picture, 32, 32)[None], reasons=True)
    assert outputs.activation_map is not None
    scores = (outputs.activation_map[0] @ predictor.class_weights).mean(axis=(0, 1))
    colours = np.array([RED, BLUE, GREEN]) / 255
    logits = scores - 10.0 * (colours**2).sum(axis=1)
    softmax = np.exp(logits - logits.max())
    assert np.allclose(softmax / softmax.sum(), outputs.probabilities[0], atol=1e-4)


def test_that_the_heat_is_what_speaks_for_the_class_against_the_others(bundle: Path, picture: Path) -> None:
    predictor = Predictor(bundle)
    outputs = predictor.run(load(picture, 32, 32)[None], reasons=True)
    assert outputs.activation_map is not None
    weights = predictor.class_weights
    speaks = np.maximum(outputs.activation_map[0] @ (weights[:, 1] - weights.mean(axis=1)), 0)
    assert np.allclose(explain(predictor, picture, "dog").heat, speaks / speaks.max(), atol=1e-6)


def test_that_nothing_that_speaks_for_a_class_is_no_heat(bundle: Path, tmp_path: Path) -> None:
    heat = explain(Predictor(bundle), solid(tmp_path / "red.png", RED), "frog").heat
    assert heat.max() == 0.0


def test_that_a_class_the_model_does_not_know_is_said_so(bundle: Path, picture: Path) -> None:
    with pytest.raises(ModelError, match="no class bird"):
        explain(Predictor(bundle), picture, "bird")


def test_that_a_missing_picture_is_an_image_error(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        explain(Predictor(bundle), tmp_path / "gone.png")


@pytest.mark.parametrize("weights", [None, "[]", "{", "[[1, 2], [3, 4], [5, 6]]", "[[1, 2, 3]]", '[["a", "b", "c"]]'])
def test_that_a_model_without_usable_weights_cannot_say_why(bundle: Path, picture: Path, weights: str | None) -> None:
    edit_metadata(bundle, "class_weights", weights)
    predictor = Predictor(bundle)
    assert predictor.predict(picture).predicted_class == "cat"
    with pytest.raises(ModelBroken):
        explain(predictor, picture)


def test_that_a_model_without_an_activation_map_cannot_say_why(bundle: Path, picture: Path) -> None:
    def take_out(model: Any) -> None:
        kept = [output for output in model.graph.output if output.name != "activation_map"]
        del model.graph.output[:]
        model.graph.output.extend(kept)

    edit_model(bundle, take_out)
    with pytest.raises(ModelBroken, match="cannot say why"):
        explain(Predictor(bundle), picture)


def test_that_the_nearest_training_pictures_come_nearest_first(bundle: Path, tmp_path: Path) -> None:
    write_neighbours(bundle, [BLUE, RED, GREEN, (255, 60, 0), CYAN], [1, 0, 2, 0, 2])
    found = explain(Predictor(bundle), solid(tmp_path / "red.png", (250, 10, 0)), neighbours=3).neighbours
    assert [(each.path, each.label) for each in found[:2]] == [
        (Path("/photos/1.png"), "cat"),
        (Path("/photos/3.png"), "cat"),
    ]
    assert len(found) == 3
    assert 0.99 < found[0].similarity <= 1.001
    assert found[0].similarity > found[1].similarity > found[2].similarity


def test_that_fewer_are_shown_when_there_are_fewer(bundle: Path, tmp_path: Path) -> None:
    write_neighbours(bundle, [BLUE], [1])
    predictor = Predictor(bundle)
    assert len(explain(predictor, solid(tmp_path / "red.png", RED), neighbours=5).neighbours) == 1
    assert explain(predictor, solid(tmp_path / "red.png", RED), neighbours=0).neighbours == []


def test_that_a_model_without_neighbours_shows_none(bundle: Path, picture: Path) -> None:
    assert explain(Predictor(bundle), picture).neighbours == []
    assert explain(Predictor(bundle / "model.onnx"), picture).neighbours == []


def broken_neighbours(bundle: Path, kind: str) -> None:
    file = bundle / "neighbours.npz"
    write_neighbours(bundle, [BLUE, RED], [1, 0])
    features, files, labels = np.zeros((2, 3), np.float16), np.array(["/a", "/b"]), np.zeros(2, np.int32)
    if kind == "cut":
        file.write_bytes(file.read_bytes()[:200])
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "flipped":
        content = bytearray(file.read_bytes())
        content[120:130] = b"\xff" * 10
        file.write_bytes(content)
    elif kind == "a part is missing":
        np.savez(file, features=features, files=files)
    elif kind == "pickled":
        np.savez(file, features=features, files=np.array(["/a", None], dtype=object), labels=labels)
    elif kind == "labels beyond the classes":
        np.savez(file, features=features, files=files, labels=labels + 3)
    elif kind == "other features":
        np.savez(file, features=np.zeros((2, 7), np.float16), files=files, labels=labels)
    elif kind == "lengths differ":
        np.savez(file, features=features, files=files[:1], labels=labels)
    elif kind == "a plain array":
        with file.open("wb") as stream:
            np.save(stream, features)


@pytest.mark.parametrize(
    "kind",
    [
        "cut",
        "empty",
        "flipped",
        "a part is missing",
        "pickled",
        "labels beyond the classes",
        "other features",
        "lengths differ",
        "a plain array",
    ],
)
def test_that_a_damaged_neighbours_file_costs_the_neighbours_only(bundle: Path, picture: Path, kind: str) -> None:
    broken_neighbours(bundle, kind)
    reasons = explain(Predictor(bundle), picture)
    assert reasons.neighbours == []
    assert reasons.class_name == "cat"


def test_that_features_of_zero_do_not_divide_by_zero(bundle: Path) -> None:
    write_neighbours(bundle, [BLUE, RED], [1, 0])
    found = nearest(Predictor(bundle), np.zeros(3, dtype=np.float32), 2)
    assert [each.similarity for each in found] == [0.0, 0.0]
