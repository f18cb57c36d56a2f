from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from engine.bulletin import ModelActivated, News
from engine.errors import ModelNotFound
from engine.model_choice import Choice
from engine.model_shelf import ModelShelf
from tests.engine.conftest import publish


def test_that_a_fresh_home_answers_with_the_default_model(shelf: ModelShelf, home: Path) -> None:
    assert shelf.active.reference == "cats-dogs@1"
    assert shelf.active.active
    assert list(home.iterdir()) == []  # Looking writes nothing.


def test_that_rolling_back_goes_through_the_models_that_were_active(shelf: ModelShelf, heard: list[News]) -> None:
    publish(shelf)
    publish(shelf)
    for reference in ("pets@1", "everyday", "pets@2", "pets@2"):
        shelf.activate(reference)
    heard.clear()
    assert [shelf.roll_back().reference for _ in range(3)] == ["everyday@1", "pets@1", "cats-dogs@1"]
    assert heard == [ModelActivated("everyday", 1), ModelActivated("pets", 1), ModelActivated("cats-dogs", 1)]
    with pytest.raises(ModelNotFound, match="no earlier model"):
        shelf.roll_back()


def test_that_rolling_back_passes_over_models_that_are_gone_or_broken(shelf: ModelShelf) -> None:
    for name in ("gone", "broken", "last"):
        publish(shelf, name)
        shelf.activate(name)
    shelf.remove("gone")
    (shelf.find("broken").folder / "model.onnx").unlink()
    assert shelf.roll_back().reference == "cats-dogs@1"


def test_that_the_default_answers_when_the_active_model_is_removed_and_undo_undoes_that(
    shelf: ModelShelf, heard: list[News]
) -> None:
    publish(shelf)
    shelf.activate("pets")
    heard.clear()
    removed = shelf.remove("pets")
    assert shelf.active.reference == "cats-dogs@1"
    assert ModelActivated("cats-dogs", 1) in heard
    shelf.restore(removed)
    assert shelf.active.reference == "pets@1"
    assert heard[-1] == ModelActivated("pets", 1)


def test_that_undo_does_not_push_aside_a_model_chosen_since(shelf: ModelShelf) -> None:
    publish(shelf)
    shelf.activate("pets")
    removed = shelf.remove("pets")
    shelf.activate("everyday")
    shelf.restore(removed)
    assert shelf.active.reference == "everyday@1"


def test_that_an_active_model_whose_folder_vanished_gives_way_to_the_default(shelf: ModelShelf) -> None:
    entry = publish(shelf)
    shelf.activate("pets")
    shutil.rmtree(entry.folder)
    assert shelf.active.reference == "cats-dogs@1"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"active": 1}', '{"previous": 1}', "\0"])
def test_that_a_damaged_note_of_the_active_model_means_the_default(shelf: ModelShelf, home: Path, content: str) -> None:
    publish(shelf)
    (home / "models" / "active.json").write_text(content, encoding="utf-8")
    assert shelf.active.reference == "cats-dogs@1"
    shelf.activate("pets")
    assert shelf.active.reference == "pets@1"


def test_that_any_model_answers_when_the_default_is_missing(shelf: ModelShelf, builtin: Path) -> None:
    publish(shelf)
    shutil.rmtree(builtin)
    assert shelf.active.reference == "pets@1"
    shelf.remove("pets")
    with pytest.raises(ModelNotFound) as caught:
        _ = shelf.active
    assert caught.value.hint


def test_that_a_reader_never_sees_a_half_written_note_of_the_active_model(shelf: ModelShelf, home: Path) -> None:
    publish(shelf)
    stop = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(Choice.read(home / "models").active)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        shelf.activate("pets")
        shelf.activate("everyday")
    stop.set()
    reader.join()
    assert seen <= {"cats-dogs", "cats-dogs@1", "pets@1", "everyday@1"}


def test_that_the_note_of_the_active_model_is_plain_json(shelf: ModelShelf, home: Path) -> None:
    shelf.activate("everyday")
    note = json.loads((home / "models" / "active.json").read_text(encoding="utf-8"))
    assert note == {"active": "everyday@1", "previous": ["cats-dogs@1"]}
