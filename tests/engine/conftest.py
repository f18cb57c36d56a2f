"""A shelf with two built-in models, for the tests of what lies on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bulletin import Bulletin, News
from engine.model_shelf import Entry, ModelShelf
from engine.paths import Home
from tests.bundles import make_bundle


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    folder = tmp_path / "builtin"
    make_bundle(folder / "cats-dogs")
    make_bundle(folder / "everyday", classes=("cup", "car", "tree"))
    return folder


@pytest.fixture
def heard() -> list[News]:
    return []


@pytest.fixture
def shelf(home: Path, builtin: Path, heard: list[News]) -> ModelShelf:
    bulletin = Bulletin()
    bulletin.listen(heard.append)
    return ModelShelf(Home(home), builtin, bulletin)


def publish(shelf: ModelShelf, name: str = "pets") -> Entry:
    return shelf.publish(make_bundle(shelf.stage(), name=name), name)


def references(shelf: ModelShelf) -> list[str]:
    return [entry.reference for entry in shelf.list()]
