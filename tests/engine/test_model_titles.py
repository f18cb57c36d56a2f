from __future__ import annotations

from pathlib import Path

import pytest

from engine.bulletin import Bulletin, News, ShelfChanged
from engine.card import Card
from engine.errors import FolderError, ModelNotFound, ModelProtected
from engine.model_shelf import ModelShelf
from engine.paths import Home
from tests.bundles import make_bundle


@pytest.fixture
def heard() -> list[News]:
    return []


@pytest.fixture
def shelf(home: Path, tmp_path: Path, heard: list[News]) -> ModelShelf:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    bulletin = Bulletin()
    bulletin.listen(heard.append)
    made = ModelShelf(Home(home), tmp_path / "builtin", bulletin)
    for _ in range(2):
        made.publish(make_bundle(made.stage(), name="pets", title="Pets"), "pets")
    heard.clear()
    return made


def test_that_a_title_is_given_to_all_versions_and_the_former_one_takes_it_back(
    shelf: ModelShelf, heard: list[News]
) -> None:
    assert shelf.retitle("pets", "  My   pets ") == "Pets"
    assert [entry.title for entry in shelf.list() if entry.name == "pets"] == ["My pets", "My pets"]
    assert heard == [ShelfChanged()]
    shelf.retitle("pets", "Pets")
    assert shelf.find("pets@1").title == "Pets"


def test_that_a_renamed_model_still_passes_its_checks_and_keeps_its_name(shelf: ModelShelf) -> None:
    shelf.retitle("pets", "Søde dyr 🐈")
    entry = shelf.activate("pets@2")
    assert (entry.name, Card.read(entry.folder).title) == ("pets", "Søde dyr 🐈")


def test_that_an_empty_title_a_strange_name_and_a_built_in_model_are_refused(shelf: ModelShelf) -> None:
    with pytest.raises(FolderError):
        shelf.retitle("pets", " \n ")
    with pytest.raises(ModelNotFound):
        shelf.retitle("horses", "Horses")
    with pytest.raises(ModelProtected):
        shelf.retitle("cats-dogs", "Mine")


def test_that_a_disk_that_refuses_leaves_the_title(shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("engine.durable.os.replace", refuse)
    with pytest.raises(FolderError, match="Permission denied"):
        shelf.retitle("pets", "Mine")
    assert shelf.find("pets").title == "Pets"


def test_that_the_earlier_model_is_known_as_long_as_it_is_on_the_shelf(shelf: ModelShelf) -> None:
    assert shelf.earlier is None
    shelf.activate("pets@1")
    assert shelf.earlier == "cats-dogs@1"
    shelf.activate("pets@2")
    assert shelf.earlier == "pets@1"
    shelf.remove("pets@1")
    assert shelf.earlier == "cats-dogs@1"
    shelf.roll_back()
    assert shelf.earlier is None
