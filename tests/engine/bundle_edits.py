"""Changes to a sound bundle: some that must be noticed, some that must not matter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx


def edit_card(bundle: Path, **changes: Any) -> None:
    """Replace fields of card.json; the value `...` removes one."""
    file = bundle / "card.json"
    card = json.loads(file.read_text(encoding="utf-8")) | changes
    card = {field: value for field, value in card.items() if value is not ...}
    file.write_text(json.dumps(card), encoding="utf-8")


def seal(bundle: Path) -> None:
    """Let the card's hashes be those of the files as they are now."""
    files = [bundle / name for name in ("model.onnx", "model.keras") if (bundle / name).exists()]
    edit_card(bundle, sha256={file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files})


def edit_model(bundle: Path, change: Callable[[Any], None]) -> None:
    """Change the ONNX graph and seal the bundle again, so that only the change itself can be noticed."""
    model = onnx.load(bundle / "model.onnx")
    change(model)
    (bundle / "model.onnx").write_bytes(model.SerializeToString())
    seal(bundle)


def edit_metadata(bundle: Path, key: str, value: str | None) -> None:
    """Replace one entry of the ONNX metadata, or remove it."""

    def change(model: Any) -> None:
        kept = [(entry.key, entry.value) for entry in model.metadata_props if entry.key != key]
        del model.metadata_props[:]
        for entry in kept + ([] if value is None else [(key, value)]):
            model.metadata_props.add(key=entry[0], value=entry[1])

    edit_model(bundle, change)


def write_neighbours(bundle: Path, colours: Sequence[tuple[int, int, int]], labels: Sequence[int]) -> None:
    """neighbours.npz for pictures of one colour each: their features in a `make_bundle` model."""
    features = np.array(colours, dtype=np.float32) / 255
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    files = np.array([f"/photos/{number}.png" for number in range(len(colours))])
    np.savez(
        bundle / "neighbours.npz",
        features=features.astype(np.float16),
        files=files,
        labels=np.array(labels, dtype=np.int32),
    )
