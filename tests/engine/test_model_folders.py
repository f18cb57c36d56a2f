from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.bulletin import Bulletin, News
from engine.card import Card
from engine.errors import FolderError
from engine.model_shelf import ModelShelf
from engine.paths import Home
from tests.bundles import make_bundle
from tests.engine.conftest import publish, references


def test_that_nothing_is_left_when_a_crash_comes_before_the_rename(
    shelf: ModelShelf, home: Path, monkeypatch: pytest.MonkeyPatch, heard: list[News]
) -> None:
    staged = make_bundle(shelf.stage(), name="pets")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", crash)
    with pytest.raises(KeyboardInterrupt):
        shelf.publish(staged, "pets")
    monkeypatch.undo()
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]
    assert shelf.problems == []
    assert heard == []
    assert publish(shelf).reference == "pets@1"


def test_that_a_disk_that_refuses_is_a_sentence(shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = make_bundle(shelf.stage(), name="pets")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(FolderError, match="No space left on device"):
        shelf.publish(staged, "pets")


def test_that_publishers_in_threads_get_different_versions(shelf: ModelShelf) -> None:
    with ThreadPoolExecutor(4) as pool:
        entries = list(pool.map(lambda _: publish(shelf), range(8)))
    assert sorted(entry.version for entry in entries) == list(range(1, 9))
    assert len(shelf.list()) == 10


def test_that_publishers_in_two_processes_get_different_versions(shelf: ModelShelf, home: Path, builtin: Path) -> None:
    """The second process's version appears between the first's look and its rename."""
    other = ModelShelf(Home(home), builtin, Bulletin())
    publish(shelf)
    staged = make_bundle(shelf.stage(), name="pets")
    real = shelf._folders._next_version

    def look_then_be_overtaken(name: str) -> int:
        version = real(name)
        publish(other)
        return version

    shelf._folders._next_version = look_then_be_overtaken  # type: ignore[method-assign]
    assert shelf.publish(staged, "pets").reference == "pets@3"
    assert references(shelf)[-3:] == ["pets@3", "pets@2", "pets@1"]
    assert Card.read(shelf.find("pets@3").folder).version == 3


def test_that_what_a_killed_process_left_half_made_is_swept(shelf: ModelShelf, home: Path, builtin: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path; from engine.bulletin import Bulletin;"
        "from engine.model_shelf import ModelShelf; from engine.paths import Home;"
        f"shelf = ModelShelf(Home(Path({str(home)!r})), Path({str(builtin)!r}), Bulletin());"
        "(shelf.stage() / 'model.onnx').write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    mine = shelf.stage()
    assert len(list((home / "staging").iterdir())) == 2
    shelf.sweep()
    assert list((home / "staging").iterdir()) == [mine]


def test_that_sweeping_a_fresh_home_or_strange_names_is_harmless(shelf: ModelShelf, home: Path) -> None:
    shelf.sweep()
    for name in ("x-y", "9" * 40 + "-z", "-"):
        (home / "staging" / name).mkdir(parents=True)
    shelf.sweep()
    assert not (home / "staging" / "x-y").exists()


def test_that_a_removed_version_number_is_not_given_again(shelf: ModelShelf) -> None:
    publish(shelf)
    publish(shelf)
    shelf.remove("pets@2")
    assert publish(shelf).reference == "pets@3"
    assert shelf.restore(shelf.removed()[0]).reference == "pets@2"


def test_that_a_damaged_card_is_named_while_the_others_still_list(shelf: ModelShelf) -> None:
    broken = publish(shelf, "broken")
    publish(shelf)
    (broken.folder / "card.json").write_text("{", encoding="utf-8")
    assert references(shelf) == ["cats-dogs@1", "everyday@1", "pets@1"]
    (problem,) = shelf.problems
    assert "damaged" in problem
    assert publish(shelf, "broken").reference == "broken@2"


def test_that_a_folder_copied_by_hand_cannot_pose_as_another(shelf: ModelShelf, home: Path) -> None:
    publish(shelf)
    shutil.copytree(home / "models" / "pets" / "1", home / "models" / "copy" / "4")
    assert "copy@4" in references(shelf)


def test_that_files_that_do_not_belong_on_the_shelf_are_passed_over(shelf: ModelShelf, home: Path) -> None:
    publish(shelf)
    models = home / "models"
    (models / "notes.txt").touch()
    (models / "pets" / "draft").mkdir()
    (models / "pets" / "7").touch()
    (models / "pets" / "²").mkdir()
    (models / "empty").mkdir()
    assert references(shelf) == ["cats-dogs@1", "everyday@1", "pets@1"]
    assert shelf.problems == []


@pytest.mark.parametrize("name", ["My cats", "猫 и кошки", "Lily's (best) + more", "v1.2", "ünïcode", "a" * 200])
def test_that_names_of_many_kinds_are_kept_and_found(shelf: ModelShelf, name: str) -> None:
    entry = publish(shelf, name)
    assert shelf.find(entry.name).folder.is_dir()
    assert entry.name[:2] == name[:2]
    assert shelf.activate(entry.reference).active


def test_that_names_that_differ_in_case_alone_are_one_model(shelf: ModelShelf) -> None:
    publish(shelf, "Pets")
    assert publish(shelf, "pets").reference == "Pets@2"
