"""The disk of the home fills up: a sentence says so, nothing half-made stays, and it works again once there is room."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.dataset import sorter
from engine.dataset.labels import LabelEditor
from engine.dataset.layouts import read_labelled
from engine.dataset.own_list import new_list
from engine.errors import FolderError, HistoryError, SettingsError
from engine.paths import Home
from engine.prediction import Prediction
from engine.training.events import Failed, Finished
from engine.training.features import FeatureExtractor
from engine.training.plan import TrainingPlan
from engine.training.trainer import Trainer
from engine.whisker import Whisker
from server.app import create_app
from tests.bundles import BLUE, RED, make_bundle, solid
from tests.engine.training import children
from tests.faults.acts.files import hashes
from tests.faults.conftest import Tried
from tests.faults.kills import half_made
from tests.faults.run_main import run_main
from tests.faults.small_disk import SmallDisk
from tests.faults.window import look
from tests.server.conftest import CAT, DOG

KIND = "the disk is full"


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    return tmp_path / "builtin"


@pytest.fixture
def whisker(disk: SmallDisk, builtin: Path) -> Iterator[Whisker]:
    opened = Whisker(Home(disk.root / "home"), builtin)
    yield opened
    opened.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return solid(tmp_path / "photo.png", RED)


def test_that_answers_come_unrecorded_and_are_recorded_again_once_there_is_room(
    disk: SmallDisk, whisker: Whisker, photo: Path, tried: Tried
) -> None:
    first, _ = whisker.classify(photo, origin="cli")
    disk.fill()
    rows = []
    for _ in range(200):
        row, answer = whisker.classify(photo, origin="cli")
        assert answer.predicted_class == "cat"
        rows.append(row)
    assert rows[-1] is None
    disk.empty()
    row, _ = whisker.classify(photo, origin="cli")
    assert row is not None
    kept = {each.id for each in whisker.history.recent(10_000)}
    assert kept == {first, row, *(each for each in rows if each is not None)}
    tried(KIND)


def test_that_a_first_start_on_a_full_disk_answers_and_says_what_it_cannot_do(
    disk: SmallDisk, whisker: Whisker, photo: Path, tried: Tried
) -> None:
    disk.fill()
    said = whisker.tidy()
    assert said, "a person is told"
    assert "disk is full" in said[0] or "cannot be" in said[0]
    row, answer = whisker.classify(photo, origin="cli")
    assert (row, answer.predicted_class) == (None, "cat")
    disk.empty()
    assert whisker.tidy() == []
    assert whisker.classify(photo, origin="cli")[0] is not None
    tried(KIND)


def test_that_a_correction_is_refused_in_words_and_those_before_stay(
    disk: SmallDisk, whisker: Whisker, photo: Path, tried: Tried
) -> None:
    rows = [whisker.classify(photo, origin="window")[0] for _ in range(100)]
    whisker.correct(rows[0] or 0, "fox")
    disk.fill()
    taken: list[int] = []

    def correct_all() -> None:
        for row in rows[1:]:
            whisker.correct(row or 0, "dog")
            taken.append(row or 0)

    with pytest.raises(HistoryError, match="the disk is full"):
        correct_all()
    disk.empty()
    there = {each.row: each.label for each in whisker.history.corrections()}
    assert there == {rows[0]: "fox"} | dict.fromkeys(taken, "dog")
    whisker.correct(rows[-1] or 0, "dog")
    tried(KIND)


def test_that_a_setting_is_refused_in_words_and_keeps_its_value(
    disk: SmallDisk, whisker: Whisker, tried: Tried
) -> None:
    whisker.settings.set("history_days", 7)
    disk.fill()
    with pytest.raises(SettingsError, match="No space left"):
        whisker.settings.set("history_days", 8)
    assert whisker.settings["history_days"] == 7
    disk.empty()
    assert half_made(disk.root / "home") == []
    whisker.settings.set("history_days", 8)
    assert Whisker(whisker.home).settings["history_days"] == 8
    tried(KIND)


def test_that_features_are_computed_all_the_same_and_remembered_later(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried
) -> None:
    photos = [solid(tmp_path / f"{number}.png", (number, 0, 200)) for number in range(8)]
    extractor = FeatureExtractor("lite0", 64, whisker.home.features)
    disk.fill(leave=1 << 15)
    full = extractor.extract(photos)
    assert (full.computed, full.failures) == (8, {})
    disk.empty()
    room = extractor.extract(photos)
    assert extractor.extract(photos).computed == 0
    assert (room.features == full.features).all()
    tried(KIND)


def test_that_an_import_and_a_publishing_leave_the_shelf_as_it_was(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried
) -> None:
    bundle = make_bundle(tmp_path / "pets")
    for leave in (0, 4096, 8192):
        disk.fill(leave)
        with pytest.raises(FolderError, match="No space left"):
            whisker.shelf.import_bundle(bundle)
        disk.empty()
        assert [entry.name for entry in whisker.shelf.list()] == ["cats-dogs"]
        assert half_made(disk.root / "home") == []
        tried(KIND)
    assert whisker.shelf.import_bundle(bundle).reference == "pets@1"


def test_that_choosing_and_renaming_a_model_are_refused_in_words(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried
) -> None:
    whisker.shelf.import_bundle(make_bundle(tmp_path / "pets"))
    disk.fill()
    with pytest.raises(FolderError, match="No space left"):
        whisker.shelf.activate("pets")
    with pytest.raises(FolderError, match="No space left"):
        whisker.shelf.retitle("pets", "Other")
    assert whisker.shelf.active.name == "cats-dogs"
    disk.empty()
    assert whisker.shelf.find("pets").title == "Pets"
    whisker.shelf.activate("pets")
    tried(KIND, 2)


@pytest.mark.parametrize("form", ["onnx", "keras"])
def test_that_an_export_leaves_nothing_half_written(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried, form: str
) -> None:
    disk.fill()
    out = disk.root / "out"
    with pytest.raises(FolderError, match="No space left"):
        whisker.shelf.export("cats-dogs", out, form)
    disk.empty()
    assert not out.exists() or list(out.iterdir()) == []
    assert whisker.shelf.export("cats-dogs", out, form).exists()
    tried(KIND)


def test_that_an_upload_is_refused_with_507_and_what_was_acknowledged_stays(
    disk: SmallDisk, whisker: Whisker, tried: Tried
) -> None:
    client = create_app(whisker).test_client()
    sent = lambda name, data: client.post("/api/upload", data={"files": (io.BytesIO(data), name)})  # noqa: E731
    assert sent("cat.0.png", CAT).status_code == 201
    disk.fill()
    answer = sent("dog.0.png", DOG)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (507, "folder_error")
    assert client.post("/api/predict", data=CAT, content_type="image/png").status_code == 200
    disk.empty()
    assert half_made(disk.root / "home") == []
    kept = [path for path in whisker.home.uploads.rglob("*") if path.is_file()]
    assert [path.stem for path in kept] == hashes(kept)
    assert sent("dog.0.png", DOG).status_code == 201
    tried(KIND)


def test_that_a_training_ends_with_a_sentence_and_the_next_one_starts(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if something else had filled it up a moment later.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    trainer = Trainer(whisker.home, whisker.shelf, whisker.bulletin, target=children.finishes)
    plan = TrainingPlan(tmp_path / "labelled", "pets")
    plan.folder.mkdir()
    trainer.start(plan).abandon()
    disk.fill()
    last = [*trainer.start(plan).events()][-1]
    assert isinstance(last, Failed)
    assert last.hint
    disk.empty()
    assert half_made(disk.root / "home") == []
    assert isinstance([*trainer.start(plan).events()][-1], Finished)
    tried(KIND)


def test_that_sorting_onto_it_loses_no_photo_and_is_taken_back(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried
) -> None:
    source = tmp_path / "photos"
    for number in range(20):
        solid(source / f"{number}.png", RED if number % 2 else BLUE, (200 + number, 200))
    before = hashes(source.iterdir())
    answers = [each for _, each in whisker.classify_many(sorted(source.iterdir()), origin="cli")]
    plan = sorter.plan(
        [each for each in answers if isinstance(each, Prediction)], disk.root / "sorted", min_confidence=0.5, move=True
    )
    journals = tmp_path / "journals"
    disk.fill(leave=1 << 14)
    with pytest.raises(FolderError, match="No space left"):
        sorter.apply(plan, journals)
    assert set(before) == set(hashes([*source.iterdir(), *disk.root.joinpath("sorted").rglob("*.png")]))
    sorter.undo(journals)
    assert hashes(source.iterdir()) == before
    assert list(disk.root.rglob("*.part")) == []
    disk.fill()
    with pytest.raises(FolderError, match="No space left"):
        sorter.apply(plan, whisker.home.journals)
    assert hashes(source.iterdir()) == before
    tried(KIND, 2)


def test_that_relabelling_and_listing_pictures_are_refused_in_words(
    disk: SmallDisk, whisker: Whisker, tmp_path: Path, tried: Tried
) -> None:
    folder = tmp_path / "labelled"
    pictures = [solid(folder / ("cat", "dog")[n % 2] / f"{n}.png", (n, 0, 0)) for n in range(8)]
    disk.fill()
    with pytest.raises(FolderError, match="No space left"):
        LabelEditor(folder, whisker.home).relabel(pictures[:2], "dog")
    with pytest.raises(FolderError, match="No space left"):
        new_list(whisker.home, "mine", read_labelled(folder).items)
    assert all(picture.is_file() for picture in pictures)
    disk.empty()
    assert LabelEditor(folder, whisker.home).undo() is None
    assert LabelEditor(folder, whisker.home).relabel(pictures[:1], "dog") is not None
    tried(KIND, 2)


def test_that_the_window_answers_says_so_and_closes_cleanly(
    disk: SmallDisk, builtin: Path, photo: Path, tried: Tried
) -> None:
    disk.fill()
    seen = look(disk.root / "home", builtin, photo)
    assert (seen["answer"], seen["code"]) == ("cat", 0)
    assert "history" in seen["notice"]
    tried(KIND)


@pytest.mark.parametrize("line", ["predict {photo}", "predict {photo} --csv {disk}/a.csv", "models", "diagnose"])
def test_that_a_command_ends_in_words(disk: SmallDisk, builtin: Path, photo: Path, tried: Tried, line: str) -> None:
    disk.fill()
    words = [word.format(photo=photo, disk=disk.root) for word in line.split()]
    done = run_main(*words, home=disk.root / "home", model=builtin / "cats-dogs")
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if "--csv" in words else 0), done.stderr
    assert ("No space left" in done.stderr) == ("--csv" in words)
    tried(KIND)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_that_an_output_that_cannot_be_written_is_said(
    home: Path, tmp_path: Path, photo: Path, tried: Tried, options: list[str]
) -> None:
    model = make_bundle(tmp_path / "cats-dogs")
    with open("/dev/full", "w") as full:
        done = run_main("predict", str(photo), *options, home=home, model=model, stdout=full)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr
    tried(KIND)
