from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.card import Card, file_sha256, golden_image
from engine.errors import ModelBroken
from tests.bundles import make_bundle
from tests.engine.bundle_edits import edit_card


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "pets")


def refusal(bundle: Path) -> ModelBroken:
    with pytest.raises(ModelBroken) as caught:
        Card.read(bundle)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value


def test_that_a_card_survives_writing_and_reading(bundle: Path, tmp_path: Path) -> None:
    card = Card.read(bundle)
    copy = tmp_path / "copy"
    copy.mkdir()
    card.write(copy)
    assert Card.read(copy) == card
    assert card.classes == ("cat", "dog")
    assert card.input.width == card.input.height == 32


def test_that_names_in_any_script_survive(bundle: Path) -> None:
    edit_card(bundle, title="Кошки и 犬 🐱", classes=["кошка", "犬"])
    card = Card.read(bundle)
    card.write(bundle)
    assert Card.read(bundle) == card
    assert "犬" in (bundle / "card.json").read_text(encoding="utf-8")


def test_that_a_path_that_is_no_text_survives(bundle: Path) -> None:
    folder = os.fsdecode(b"/photos/caf\xe9")
    card = replace(Card.read(bundle), lineage={"plan": {"folder": folder}})
    card.write(bundle)
    assert Card.read(bundle) == card
    (bundle / "card.json").read_text(encoding="utf-8")


def test_that_a_card_of_a_newer_format_says_to_update(bundle: Path) -> None:
    edit_card(bundle, format=2, golden=...)
    error = refusal(bundle)
    assert "newer Whisker" in error.message
    assert "Update" in error.hint


@pytest.mark.parametrize(
    "field", ["format", "name", "version", "classes", "input", "sha256", "golden", "unknown_threshold"]
)
def test_that_a_card_without_a_field_it_needs_is_refused(bundle: Path, field: str) -> None:
    edit_card(bundle, **{field: ...})
    assert "damaged" in refusal(bundle).message


@pytest.mark.parametrize("field", ["title", "metrics", "training", "lineage", "versions", "licence"])
def test_that_a_card_may_lack_what_is_only_told(bundle: Path, field: str) -> None:
    edit_card(bundle, **{field: ...})
    assert Card.read(bundle).title


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["cat"]},
        {"classes": ["cat", "cat"]},
        {"classes": 5},
        {"version": "first"},
        {"version": None},
        {"input": {"width": 32, "height": 0, "fit": "squash", "resample": "bilinear"}},
        {"input": {"width": 10**9, "height": 32, "fit": "squash", "resample": "bilinear"}},
        {"input": {"width": 32}},
        {"input": [32, 32]},
        {"golden": [{"seed": -1, "predicted_class": "cat", "probabilities": {}, "tolerance": 1}]},
        {"golden": [{"seed": 1}]},
        {"golden": ["cat"]},
        {"golden": 7},
        {"sha256": ["abc"]},
        {"metrics": "good"},
        {"temperature": "warm"},
        {"unknown_threshold": []},
        {"format": 1e999},
        {"format": "one"},
    ],
)
def test_that_a_field_of_the_wrong_kind_is_refused(bundle: Path, changes: dict[str, Any]) -> None:
    edit_card(bundle, **changes)
    refusal(bundle)


def test_that_another_way_of_fitting_pictures_is_not_guessed_at(bundle: Path) -> None:
    edit_card(bundle, input={"width": 32, "height": 32, "fit": "letterbox", "resample": "bilinear"})
    assert "does not know" in refusal(bundle).message


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"card"', "[" * 100_000, '{"format": 1}'])
def test_that_text_that_is_no_card_is_refused(bundle: Path, content: str) -> None:
    (bundle / "card.json").write_text(content, encoding="utf-8")
    assert bundle.name in refusal(bundle).message


def test_that_bytes_that_are_no_text_are_refused(bundle: Path) -> None:
    (bundle / "card.json").write_bytes(b"\xff\xfe\x00garbage")
    refusal(bundle)


def test_that_a_missing_card_is_named(tmp_path: Path) -> None:
    assert "card.json" in refusal(tmp_path / "nowhere").message


def test_that_a_card_is_plain_json_with_the_documented_fields(bundle: Path) -> None:
    written = json.loads(json.dumps(Card.read(bundle).as_json()))
    given = json.loads((bundle / "card.json").read_text(encoding="utf-8"))
    assert written == given


def test_that_the_golden_image_is_the_same_for_ever() -> None:
    digest = hashlib.sha256(golden_image(1, 40, 30).tobytes()).hexdigest()
    assert golden_image(1, 40, 30).shape == (30, 40, 3)
    assert digest == "03672cb99f28bdb9d4a46c2f32be034ce78d00af2e6a61bc71cfba7e83e132e0"
    assert not np.array_equal(golden_image(1, 40, 30), golden_image(2, 40, 30))


def test_that_a_file_hash_is_the_usual_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"whisker")
    assert file_sha256(file) == hashlib.sha256(b"whisker").hexdigest()
