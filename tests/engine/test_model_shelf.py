from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.bulletin import Bulletin, ModelActivated, News, ShelfChanged
from engine.bundle_intake import clean_name
from engine.card import Card
from engine.errors import FolderError, ModelBroken, ModelError, ModelNotFound, ModelProtected, WhiskerError
from engine.model_shelf import Entry, ModelShelf
from engine.paths import Home
from engine.predictor import Predictor
from tests.bundles import make_bundle
from tests.engine.bundle_edits import edit_card, write_neighbours


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


def test_that_the_shelf_lists_by_name_with_the_newest_version_first(shelf: ModelShelf) -> None:
    publish(shelf)
    publish(shelf)
    publish(shelf, "birds")
    assert references(shelf) == ["birds@1", "cats-dogs@1", "everyday@1", "pets@2", "pets@1"]
    assert [entry.name for entry in shelf.list() if entry.builtin] == ["cats-dogs", "everyday"]
    assert shelf.problems == []


def test_that_a_fresh_home_answers_with_the_default_model(shelf: ModelShelf, home: Path) -> None:
    assert shelf.active.reference == "cats-dogs@1"
    assert shelf.active.active
    assert list(home.iterdir()) == []  # Looking writes nothing.


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


def test_that_publishing_gives_the_next_version_its_name_and_tells(shelf: ModelShelf, heard: list[News]) -> None:
    first = publish(shelf)
    second = shelf.publish(make_bundle(shelf.stage(), name="another", version=7), "pets")
    assert (first.reference, second.reference) == ("pets@1", "pets@2")
    card = Card.read(second.folder)
    assert (card.name, card.version) == ("pets", 2)
    assert heard == [ShelfChanged(), ShelfChanged()]
    assert not first.active
    Predictor(second.folder)


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


def test_that_a_broken_bundle_is_not_published(shelf: ModelShelf, home: Path) -> None:
    staged = make_bundle(shelf.stage(), name="pets")
    edit_card(staged, classes=["cat", "cow"])
    with pytest.raises(ModelBroken):
        shelf.publish(staged, "pets")
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]


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
    real = shelf._next_version

    def look_then_be_overtaken(name: str) -> int:
        version = real(name)
        publish(other)
        return version

    shelf._next_version = look_then_be_overtaken  # type: ignore[method-assign]
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


def test_that_a_removed_version_number_is_not_given_again(shelf: ModelShelf) -> None:
    publish(shelf)
    publish(shelf)
    shelf.remove("pets@2")
    assert publish(shelf).reference == "pets@3"
    assert shelf.restore(shelf.removed()[0]).reference == "pets@2"


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


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("my cats 🐱", "my cats"),
        ("../../evil", "evil"),
        ("a/b\\c", "a-b-c"),
        ("pets@3", "pets-3"),
        ("C:con", "C-con"),
        ("con", "model con"),
        ("COM1.txt", "model COM1.txt"),
        ("active.json", "model active.json"),
        ("cafe\u0301", "café"),
        ("  .hidden. ", "hidden"),
        ("line\nbreak\0", "line-break"),
    ],
)
def test_that_a_name_is_made_fit_for_every_file_system(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize("name", ["", "🐱", "..", "///", " ", "\0"])
def test_that_a_name_of_which_nothing_is_left_is_refused(shelf: ModelShelf, name: str) -> None:
    with pytest.raises(FolderError, match="needs a name"):
        publish(shelf, name)


def test_that_names_that_differ_in_case_alone_are_one_model(shelf: ModelShelf) -> None:
    publish(shelf, "Pets")
    assert publish(shelf, "pets").reference == "Pets@2"


def test_that_an_imported_bundle_is_a_new_version_with_all_its_parts(shelf: ModelShelf, tmp_path: Path) -> None:
    source = make_bundle(tmp_path / "pets", version=12)
    write_neighbours(source, [(255, 0, 0)], [0])
    (source / "extra.exe").write_bytes(b"MZ")
    entry = shelf.import_bundle(source)
    assert entry.reference == "pets@1"
    there = sorted(file.name for file in entry.folder.iterdir())
    assert there == ["card.json", "model.keras", "model.onnx", "neighbours.npz"]
    assert sorted((tmp_path / "pets").iterdir()) == sorted(source.iterdir())


def refused_import(shelf: ModelShelf, source: Path) -> WhiskerError:
    with pytest.raises(ModelError) as caught:
        shelf.import_bundle(source)
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]
    assert list(shelf._home.staging.iterdir()) == []
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("part", ["model.onnx", "model.keras", "card.json", "neighbours.npz"])
def test_that_links_in_a_bundle_are_not_followed(shelf: ModelShelf, tmp_path: Path, part: str) -> None:
    source = make_bundle(tmp_path / "pets")
    write_neighbours(source, [(255, 0, 0)], [0])
    (source / part).rename(tmp_path / part)
    (source / part).symlink_to(tmp_path / part)
    assert part in refused_import(shelf, source).message


@pytest.mark.timeout(10)
def test_that_a_pipe_in_a_bundle_does_not_hang(shelf: ModelShelf, tmp_path: Path) -> None:
    source = make_bundle(tmp_path / "pets")
    (source / "card.json").unlink()
    os.mkfifo(source / "card.json")
    refused_import(shelf, source)


def test_that_a_name_in_a_card_cannot_lead_out_of_the_shelf(shelf: ModelShelf, home: Path, tmp_path: Path) -> None:
    source = make_bundle(tmp_path / "pets")
    edit_card(source, name="../../../evil")
    entry = shelf.import_bundle(source)
    assert entry.reference == "evil@1"
    assert entry.folder == home / "models" / "evil" / "1"


def test_that_bundles_that_are_altered_or_incomplete_are_not_imported(shelf: ModelShelf, tmp_path: Path) -> None:
    wrong_golden = make_bundle(tmp_path / "a")
    golden = [{"seed": 1, "predicted_class": "cat", "probabilities": {"cat": 0.5, "dog": 0.5}, "tolerance": 0.01}]
    edit_card(wrong_golden, golden=golden)
    refused_import(shelf, wrong_golden)
    other_keras = make_bundle(tmp_path / "b")
    (other_keras / "model.keras").write_bytes(b"another")
    assert "model.keras" in refused_import(shelf, other_keras).message
    no_onnx = make_bundle(tmp_path / "c")
    (no_onnx / "model.onnx").unlink()
    refused_import(shelf, no_onnx)
    refused_import(shelf, tmp_path / "nowhere")
    refused_import(shelf, wrong_golden / "model.keras")


def test_that_pickled_neighbours_are_refused_and_not_run(shelf: ModelShelf, tmp_path: Path) -> None:
    source = make_bundle(tmp_path / "pets")
    proof = tmp_path / "was run"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (proof,)  # type: ignore[return-value]

    files = np.array([Trap()], dtype=object)
    np.savez(source / "neighbours.npz", features=np.ones((1, 3), np.float16), files=files, labels=np.zeros(1, np.int32))
    assert "neighbours.npz" in refused_import(shelf, source).message
    assert not proof.exists()


@pytest.mark.parametrize("file", ["\\\\evil.example\\share\\a.png", "//evil.example/share/a.png"])
def test_that_neighbours_on_other_computers_are_refused(shelf: ModelShelf, tmp_path: Path, file: str) -> None:
    source = make_bundle(tmp_path / "pets")
    features = np.ones((1, 3), np.float16)
    np.savez(source / "neighbours.npz", features=features, files=np.array([file]), labels=np.zeros(1, np.int32))
    assert "other computers" in refused_import(shelf, source).message


def test_that_an_export_answers_on_its_own(shelf: ModelShelf, tmp_path: Path) -> None:
    publish(shelf, "my pets")
    into_folder = shelf.export("my pets", tmp_path, "onnx")
    assert into_folder == tmp_path / "my pets-1"
    assert Predictor(into_folder / "model.onnx").classes == ("cat", "dog")
    as_file = shelf.export("my pets@1", tmp_path / "new" / "model.keras", "keras")
    assert as_file.read_bytes() == (shelf.find("my pets").folder / "model.keras").read_bytes()


def test_that_an_export_overwrites_nothing_and_says_what_it_cannot(shelf: ModelShelf, tmp_path: Path) -> None:
    precious = tmp_path / "precious.onnx"
    precious.write_bytes(b"precious")
    with pytest.raises(FolderError, match="there already"):
        shelf.export("cats-dogs", precious, "onnx")
    assert precious.read_bytes() == b"precious"
    with pytest.raises(FolderError, match="could not be written"):
        shelf.export("cats-dogs", precious / "below" / "x.onnx", "onnx")
    assert list(tmp_path.glob(".*")) == []
    with pytest.raises(FolderError, match="as coreml"):
        shelf.export("cats-dogs", tmp_path, "coreml")
    (publish(shelf).folder / "model.keras").unlink()
    with pytest.raises(ModelBroken, match=r"model\.keras"):
        shelf.export("pets", tmp_path, "keras")


def test_that_a_reader_never_sees_a_half_written_note_of_the_active_model(shelf: ModelShelf) -> None:
    publish(shelf)
    stop = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(shelf._state().active)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        shelf.activate("pets")
        shelf.activate("everyday")
    stop.set()
    reader.join()
    assert seen <= {"cats-dogs", "cats-dogs@1", "pets@1", "everyday@1"}


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


def test_that_the_note_of_the_active_model_is_plain_json(shelf: ModelShelf, home: Path) -> None:
    shelf.activate("everyday")
    note = json.loads((home / "models" / "active.json").read_text(encoding="utf-8"))
    assert note == {"active": "everyday@1", "previous": ["cats-dogs@1"]}
