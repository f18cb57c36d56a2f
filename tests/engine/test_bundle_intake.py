from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.bundle_intake import clean_name
from engine.errors import FolderError, ModelBroken, ModelError, WhiskerError
from engine.model_shelf import ModelShelf
from tests.bundles import make_bundle
from tests.engine.bundle_edits import edit_card, write_neighbours
from tests.engine.conftest import publish, references


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


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "weather", ("sun", "rain"))


def zipped(target: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


def parts(bundle: Path, prefix: str = "") -> dict[str, bytes]:
    return {f"{prefix}{file.name}": file.read_bytes() for file in bundle.iterdir()}


@pytest.mark.parametrize("prefix", ["", "weather/"])
def test_that_a_zip_of_a_bundle_is_imported(shelf: ModelShelf, bundle: Path, tmp_path: Path, prefix: str) -> None:
    entry = shelf.import_bundle(zipped(tmp_path / "a.zip", parts(bundle, prefix)))
    assert entry.reference == "weather@1"
    assert sorted(file.name for file in entry.folder.iterdir()) == ["card.json", "model.keras", "model.onnx"]


def test_that_a_zip_cannot_write_outside_or_bring_more_than_a_bundle(
    shelf: ModelShelf, bundle: Path, tmp_path: Path, home: Path
) -> None:
    evil = {"../model.onnx.txt": b"x", "/etc/evil": b"x", "a/b/c/card.json": b"{}", "run.py": b"x"}
    entry = shelf.import_bundle(zipped(tmp_path / "a.zip", parts(bundle) | evil))
    assert sorted(file.name for file in entry.folder.iterdir()) == ["card.json", "model.keras", "model.onnx"]
    assert not list(tmp_path.glob("**/*.txt"))
    assert not list((home / "staging").iterdir())


def test_that_archives_that_hold_no_sound_model_are_sentences(shelf: ModelShelf, bundle: Path, tmp_path: Path) -> None:
    damaged = zipped(tmp_path / "damaged.zip", parts(bundle))
    content = bytearray(damaged.read_bytes())
    content[200:400] = bytes(200)
    damaged.write_bytes(content)
    sources = {
        damaged: "damaged or locked",
        zipped(tmp_path / "two.zip", parts(bundle, "a/") | parts(bundle, "b/")): "more than one model",
        zipped(tmp_path / "none.zip", {"photo.jpg": b"x"}): "none.zip holds no model",
        zipped(tmp_path / "spoilt.zip", parts(bundle) | {"card.json": b"{"}): "spoilt.zip",
    }
    for source, why in sources.items():
        with pytest.raises(ModelBroken, match=why):
            shelf.import_bundle(source)
    assert references(shelf) == ["cats-dogs@1", "everyday@1"]


def test_that_a_file_of_another_kind_is_refused_with_what_could_be_imported(shelf: ModelShelf, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"no model")
    with pytest.raises(ModelBroken, match=r"photo\.jpg") as refused:
        shelf.import_bundle(photo)
    assert refused.value.hint == "Import a bundle folder, a ZIP of one, or a .onnx file."


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pets.tflite", "TensorFlow Lite"),
        ("pets.keras", "Keras"),
        ("pets.H5", "Keras"),
        ("pets.pt", "PyTorch"),
        ("pets.pth", "PyTorch"),
    ],
)
def test_that_a_model_of_another_kind_is_called_what_it_is_and_not_damaged(
    shelf: ModelShelf, tmp_path: Path, name: str, kind: str
) -> None:
    file = zipped(tmp_path / name, {"config.json": b"{}", "model.weights.h5": b"x"})
    if kind == "TensorFlow Lite":
        file.write_bytes(b"\x1c\0\0\0TFL3" + bytes(64))
    refused = refused_import(shelf, file)
    assert refused.message.startswith(f"{name} is a {kind} file")
    assert "ONNX" in refused.message
    assert "damaged" not in str(refused)
    assert refused.hint.startswith("Export it as ONNX")


def test_that_a_lone_file_keeps_its_name_classes_and_checks(shelf: ModelShelf, bundle: Path) -> None:
    entry = shelf.import_bundle(bundle / "model.onnx")
    assert (entry.reference, entry.card.classes) == ("weather@1", ("sun", "rain"))
    assert len(entry.card.golden) == 2
    assert entry.card.created
