from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.bulletin import Bulletin, ModelActivated, News, ShelfChanged
from engine.card import Card
from engine.errors import ModelBroken, ModelNotFound, ModelProtected
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.predictor import Predictor
from tests.bundles import make_bundle
from tests.engine.bundle_edits import edit_card
from tests.engine.conftest import publish, references


def test_that_the_shelf_lists_by_name_with_the_newest_version_first(shelf: ModelShelf) -> None:
    publish(shelf)
    publish(shelf)
    publish(shelf, "birds")
    assert references(shelf) == ["birds@1", "cats-dogs@1", "everyday@1", "pets@2", "pets@1"]
    assert [entry.name for entry in shelf.list() if entry.builtin] == ["cats-dogs", "everyday"]
    assert shelf.problems == []


def test_that_a_model_is_found_by_name_or_by_version(shelf: ModelShelf) -> None:
    publish(shelf)
    publish(shelf)
    assert shelf.find("pets").version == 2
    assert shelf.find("pets@1").version == 1


@pytest.mark.parametrize("reference", ["cat", "pets@9", "pets@", "", "@1", "../pets", "pets@one"])
def test_that_a_model_that_is_not_there_is_answered_with_those_that_are(shelf: ModelShelf, reference: str) -> None:
    publish(shelf, "birds")
    with pytest.raises(ModelNotFound) as caught:
        shelf.find(reference)
    assert "birds, cats-dogs, everyday" in caught.value.hint


def test_that_activating_is_remembered_and_told(
    shelf: ModelShelf, home: Path, builtin: Path, heard: list[News]
) -> None:
    publish(shelf)
    heard.clear()
    assert shelf.activate("pets").active
    assert shelf.active.reference == "pets@1"
    assert heard == [ModelActivated("pets", 1)]
    assert ModelShelf(Home(home), builtin, Bulletin()).active.reference == "pets@1"


def test_that_a_broken_model_is_not_activated(shelf: ModelShelf, heard: list[News]) -> None:
    entry = publish(shelf)
    (entry.folder / "model.onnx").write_bytes(b"damaged")
    heard.clear()
    with pytest.raises(ModelBroken):
        shelf.activate("pets")
    assert shelf.active.reference == "cats-dogs@1"
    assert heard == []


def test_that_publishing_gives_the_next_version_its_name_and_tells(shelf: ModelShelf, heard: list[News]) -> None:
    first = publish(shelf)
    second = shelf.publish(make_bundle(shelf.stage(), name="another", version=7), "pets")
    assert (first.reference, second.reference) == ("pets@1", "pets@2")
    card = Card.read(second.folder)
    assert (card.name, card.version) == ("pets", 2)
    assert heard == [ShelfChanged(), ShelfChanged()]
    assert not first.active
    Predictor(second.folder)


def test_that_a_broken_bundle_is_not_published(shelf: ModelShelf, home: Path) -> None:
    staged = make_bundle(shelf.stage(), name="pets")
    edit_card(staged, classes=["cat", "cow"])
    with pytest.raises(ModelBroken):
        shelf.publish(staged, "pets")
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]


def test_that_a_removed_model_can_be_put_back(shelf: ModelShelf, heard: list[News]) -> None:
    publish(shelf)
    heard.clear()
    removed = shelf.remove("pets")
    assert "pets@1" not in references(shelf)
    assert [each.reference for each in shelf.removed()] == ["pets@1"]
    assert shelf.restore(removed).reference == "pets@1"
    assert shelf.removed() == []
    assert heard == [ShelfChanged(), ShelfChanged()]
    with pytest.raises(ModelNotFound):
        shelf.restore(removed)


def test_that_built_in_models_are_protected(shelf: ModelShelf, builtin: Path) -> None:
    for name in ("cats-dogs", "Cats-Dogs"):
        with pytest.raises(ModelProtected):
            publish(shelf, name)
    with pytest.raises(ModelProtected):
        shelf.remove("cats-dogs")
    with pytest.raises(ModelProtected):
        shelf.import_bundle(builtin / "cats-dogs")
    assert shelf.import_bundle(builtin / "cats-dogs", "my cats").reference == "my cats@1"
    Predictor(builtin / "cats-dogs")


def test_that_listing_needs_neither_numpy_nor_onnxruntime(home: Path, builtin: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.bulletin import Bulletin;"
        "from engine.model_shelf import ModelShelf; from engine.paths import Home;"
        f"shelf = ModelShelf(Home(Path({str(home)!r})), Path({str(builtin)!r}), Bulletin());"
        "assert shelf.active.name == 'cats-dogs';"
        "print(sorted({'numpy', 'onnxruntime', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
