"""A shelf with two built-in models, a bundle to spoil, and a history by a clock that tests set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bulletin import Bulletin, News
from engine.errors import ModelBroken
from engine.history import History
from engine.model_shelf import Entry, ModelShelf
from engine.paths import Home
from engine.predictor import Predictor
from tests.bundles import make_bundle
from tests.engine.histories import Clock


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


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "pets")


def refusal(path: Path) -> ModelBroken:
    with pytest.raises(ModelBroken) as caught:
        Predictor(path)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "ONNXRuntime" not in str(caught.value)
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the history lies."""
    return tmp_path / "whisker.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(file: Path, clock: Clock) -> Iterator[History]:
    opened = History(file, clock)
    yield opened
    opened.close()
