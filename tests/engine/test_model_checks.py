from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import ModelBroken
from engine.predictor import Predictor
from tests.bundles import GREY, make_bundle, solid
from tests.engine.bundle_edits import edit_card, edit_metadata, edit_model, seal
from tests.engine.conftest import refusal


def test_that_an_onnx_file_alone_carries_its_card(bundle: Path, tmp_path: Path) -> None:
    lone = tmp_path / "served.onnx"
    shutil.copyfile(bundle / "model.onnx", lone)
    whole, alone = Predictor(bundle), Predictor(lone)
    assert alone.card.classes == whole.card.classes
    assert alone.card.input == whole.card.input
    assert alone.card.golden == whole.card.golden
    assert alone.card.sha256["model.onnx"] == whole.card.sha256["model.onnx"]
    picture = solid(tmp_path / "grey.png", GREY)
    assert alone.predict(picture).unknown
    assert np.array_equal(alone.predict(picture).probabilities, whole.predict(picture).probabilities)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("classes", None),
        ("resize", None),
        ("classes", "cat, dog"),
        ("classes", '["cat"]'),
        ("resize", '{"width": 31, "height": 32, "fit": "squash", "resample": "bilinear"}'),
        ("resize", "[]"),
        ("unknown_threshold", "low"),
        ("golden", "[1]"),
        ("golden", "[" * 100_000),
        ("temperature", "hot"),
    ],
)
def test_that_an_onnx_file_that_does_not_describe_itself_is_refused(bundle: Path, key: str, value: str | None) -> None:
    edit_metadata(bundle, key, value)
    refusal(bundle / "model.onnx")


def test_that_an_onnx_file_without_threshold_or_golden_answers_still_serves(bundle: Path) -> None:
    for key in ("unknown_threshold", "golden", "temperature", "versions", "name", "version"):
        edit_metadata(bundle, key, None)
    predictor = Predictor(bundle / "model.onnx")
    assert predictor.card.name == "model"
    assert predictor.card.unknown_threshold is None


def test_that_a_model_swapped_for_another_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", classes=("dog", "cat"))
    shutil.copyfile(other / "model.onnx", bundle / "model.onnx")
    assert "altered" in refusal(bundle).message
    seal(bundle)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_card_without_the_models_hash_is_refused(bundle: Path) -> None:
    edit_card(bundle, sha256={})
    assert "altered" in refusal(bundle).message


def test_that_a_model_that_answers_otherwise_than_when_it_was_made_is_refused(bundle: Path) -> None:
    golden = json.loads((bundle / "card.json").read_text(encoding="utf-8"))["golden"]
    golden[0]["probabilities"] = {"cat": 0.5, "dog": 0.5}
    edit_card(bundle, golden=golden)
    assert "does not answer as it did" in refusal(bundle).message


@pytest.mark.parametrize("probabilities", [{"bird": 0.9}, {"cat": float("nan")}])
def test_that_a_golden_answer_that_cannot_be_met_is_refused(bundle: Path, probabilities: dict[str, float]) -> None:
    golden = [{"seed": 1, "predicted_class": "cat", "probabilities": probabilities, "tolerance": 0.9}]
    edit_card(bundle, golden=golden)
    refusal(bundle)


def test_that_weights_that_went_bad_are_noticed_by_the_golden_answers(bundle: Path) -> None:
    def poison(model: Any) -> None:
        weights = next(each for each in model.graph.initializer if each.name == "weights")
        weights.raw_data = np.full(6, np.nan, dtype=np.float32).tobytes()

    edit_model(bundle, poison)
    assert "does not answer as it did" in refusal(bundle).message


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["cat", "dog", "bird"]},
        {"classes": ["dog", "cat"]},
        {"input": {"width": 64, "height": 32, "fit": "squash", "resample": "bilinear"}},
    ],
)
def test_that_a_card_of_another_shape_is_refused(bundle: Path, changes: dict[str, Any]) -> None:
    edit_card(bundle, **changes)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_model_for_one_picture_at_a_time_is_refused(bundle: Path) -> None:
    def fix_batch(model: Any) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    edit_model(bundle, fix_batch)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_threshold_without_a_familiarity_is_refused(bundle: Path) -> None:
    edit_model(bundle, lambda model: model.graph.output.pop())
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_missing_card_and_a_newer_format_are_refused(bundle: Path) -> None:
    edit_card(bundle, format=9)
    assert "newer Whisker" in refusal(bundle).message
    (bundle / "card.json").unlink()
    assert "card.json" in refusal(bundle).message


def test_that_damage_anywhere_in_the_model_is_refused_or_harmless(bundle: Path) -> None:
    file = bundle / "model.onnx"
    content = file.read_bytes()
    for seed in range(150):
        chance = random.Random(seed)
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged)
        seal(bundle)
        try:
            Predictor(bundle)
        except ModelBroken:
            continue
