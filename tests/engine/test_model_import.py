from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from engine.card import golden_image
from engine.errors import ModelBroken, ModelProtected
from engine.model_import import Feeding, import_foreign, read_labels
from engine.model_shelf import Entry, ModelShelf
from engine.predictor import Predictor
from tests.engine.conftest import references
from tests.engine.foreign_models import SIDE, foreign, labels

IMAGENET = Feeding(0.0, 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def bring(shelf: ModelShelf, home: Path, source: Path, feeding: Feeding | None = None, **options: Any) -> Entry:
    options.setdefault("labels", labels(source.parent))
    return import_foreign(shelf, source, feeding=feeding, logs=home / "logs", **options)


@pytest.mark.parametrize(
    ("shape", "feeding"),
    [
        ({}, IMAGENET),
        ({"batch": 1}, None),
        ({"channels_first": False, "logits": False}, Feeding(-1.0, 1.0)),
        ({"side": "s"}, Feeding(0.0, 255.0, side=SIDE)),
        ({"kind": TensorProto.FLOAT16, "opset": 11}, None),
    ],
)
def test_that_a_classifier_made_elsewhere_answers_as_it_did_there(
    shelf: ModelShelf, home: Path, tmp_path: Path, shape: dict[str, Any], feeding: Feeding | None
) -> None:
    compute = foreign(tmp_path / "insects.onnx", **shape)
    entry = bring(shelf, home, tmp_path / "insects.onnx", feeding)
    assert (entry.reference, entry.card.classes) == ("insects@1", ("ant", "bee", "cat", "dog"))
    predictor = Predictor(entry.folder)
    images = np.stack([golden_image(seed, SIDE, SIDE) for seed in (50, 51, 52)])
    fed = feeding or Feeding()
    real = (fed.low + images / 255 * (fed.high - fed.low) - np.array(fed.mean)) / np.array(fed.std)
    expected = compute(real.transpose(0, 3, 1, 2) if shape.get("channels_first", True) else real)
    said = predictor.run(images).probabilities
    tolerance = 1e-2 if shape.get("kind") == TensorProto.FLOAT16 else 1e-5
    assert np.abs(said - expected).max() < tolerance
    # The file alone says as much, wherever it goes.
    assert Predictor(shelf.export("insects", tmp_path / "out.onnx", "onnx")).classes == entry.card.classes


def external(target: Path) -> None:
    foreign(target)
    model = onnx.load(str(target))
    tensor = model.graph.initializer[1]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    target.write_bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda target: target.write_bytes(b"not a model at all"), "no ONNX model"),
        (external, "in other files"),
        (lambda target: foreign(target, outputs=7), "answers with 7 numbers, but 4 labels"),
        (lambda target: foreign(target, reshape_to_one=True), "one photo at a time"),
        (lambda target: foreign(target, side="s"), "--size"),
        (lambda target: foreign(target, kind=TensorProto.INT32), "RGB photos"),
        (lambda target: None, "There is no model"),
    ],
)
def test_that_what_is_no_such_classifier_is_a_sentence(
    shelf: ModelShelf, home: Path, tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    make(tmp_path / "x.onnx")
    with pytest.raises(ModelBroken) as refused:
        bring(shelf, home, tmp_path / "x.onnx")
    assert why in str(refused.value)
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]
    assert not (home / "staging").exists() or not list((home / "staging").iterdir())


def test_that_a_built_in_name_is_refused_before_anything_is_looked_at(
    shelf: ModelShelf, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelProtected):
        bring(shelf, home, tmp_path / "x.onnx", name="cats-dogs")


@pytest.mark.parametrize("feeding", [Feeding(1.0, 0.0), Feeding(std=(1.0, 0.0, 1.0)), Feeding(side=9000)])
def test_that_a_feeding_out_of_its_range_is_refused(
    shelf: ModelShelf, home: Path, tmp_path: Path, feeding: Feeding
) -> None:
    foreign(tmp_path / "x.onnx")
    with pytest.raises(ModelBroken):
        bring(shelf, home, tmp_path / "x.onnx", feeding)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.txt", "ant\nbee\n"),
        ("labels.txt", "\ufeffant\r\nbee\r\n\r\n"),
        ("labels.json", '["ant", "bee"]'),
        ("labels.json", '{"1": "bee", "0": "ant"}'),
    ],
)
def test_that_labels_come_as_lines_or_json(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert read_labels(tmp_path / name) == ["ant", "bee"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.txt", b""),
        ("labels.txt", b"ant\n"),
        ("labels.txt", b"ant\n\nbee\n"),
        ("labels.txt", b"ant\nbee\nant\n"),
        ("labels.txt", b"\xff\xfe\x00"),
        ("labels.json", b'{"0": "ant", "2": "bee"}'),
        ("labels.json", json.dumps([1, 2]).encode()),
        ("labels.json", b"["),
    ],
)
def test_that_a_file_that_is_no_list_of_labels_is_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelBroken):
        read_labels(tmp_path / name)
    with pytest.raises(ModelBroken):
        read_labels(tmp_path / "nowhere.txt")
