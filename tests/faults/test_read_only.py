"""The home cannot be written: on a disk that is read-only, or in a folder of somebody else. Pictures are answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.errors import FolderError, HistoryError, SettingsError
from engine.paths import Home
from engine.training.plan import TrainingPlan
from engine.training.trainer import Trainer
from engine.whisker import Whisker
from server.app import create_app
from tests.bundles import RED, make_bundle, solid
from tests.engine.training import children
from tests.faults.conftest import Tried
from tests.faults.run_main import run_main
from tests.faults.small_disk import SmallDisk
from tests.faults.window import look
from tests.server.conftest import CAT

READ_ONLY, FORBIDDEN = "the home is on a read-only disk", "the home belongs to somebody else"
# Root passes over permissions unless this right of its own is taken from it.
_RIGHTS = "-dac_override,-dac_read_search"
WITHOUT_RIGHTS = ("setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}")


@dataclass(frozen=True)
class Frozen:
    """A home with one answer and one own model that was chosen, which cannot be written any more."""

    home: Path
    builtin: Path
    photo: Path
    inside: Sequence[str] = ()


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[Path], Frozen]:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    photo = solid(tmp_path / "photo.png", RED)

    def fill(home: Path) -> Frozen:
        whisker = Whisker(Home(home), tmp_path / "builtin")
        whisker.shelf.import_bundle(make_bundle(tmp_path / "pets"))
        whisker.shelf.activate("pets")
        row, _ = whisker.classify(photo, origin="window")
        whisker.correct(row or 0, "fox")
        whisker.close()
        return Frozen(home, tmp_path / "builtin", photo)

    return fill


@pytest.fixture
def frozen(disk: SmallDisk, filled: Callable[[Path], Frozen]) -> Frozen:
    found = filled(disk.root / "home")
    disk.read_only()
    return found


@pytest.fixture
def forbidden(tmp_path: Path, filled: Callable[[Path], Frozen]) -> Iterator[Frozen]:
    """For programs started inside `inside`."""
    inside: Sequence[str] = ()
    if os.name != "posix":
        pytest.skip("permissions are another matter on this system")
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root passes over permissions, and there is no setpriv to take that right away")
        inside = WITHOUT_RIGHTS
    found = filled(tmp_path / "home")
    with _modes(found.home, 0o555, 0o444):
        yield Frozen(found.home, found.builtin, found.photo, inside)


@contextmanager
def _modes(root: Path, folders: int, files: int) -> Iterator[None]:
    everything = [root, *root.rglob("*")]
    before = {path: path.stat().st_mode for path in everything}
    for path in reversed(everything):
        path.chmod(folders if path.is_dir() else files)
    yield
    for path in everything:
        path.chmod(before[path])


def test_that_pictures_are_answered_and_what_cannot_be_kept_is_said(frozen: Frozen, tried: Tried) -> None:
    whisker = Whisker(Home(frozen.home), frozen.builtin)
    said = whisker.tidy()
    assert len(said) <= 1
    row, answer = whisker.classify(frozen.photo, origin="window")
    assert (row, answer.predicted_class, answer.model) == (None, "cat", "pets")
    with pytest.raises(SettingsError, match="Read-only"):
        whisker.settings.set("history_days", 7)
    with pytest.raises(HistoryError, match="read-only"):
        whisker.correct(1, "dog")
    with pytest.raises(FolderError, match="Read-only"):
        whisker.shelf.activate("cats-dogs")
    with pytest.raises(FolderError, match="Read-only"):
        whisker.shelf.import_bundle(frozen.home / "models" / "pets" / "1")
    with pytest.raises(FolderError, match="Read-only"):
        whisker.shelf.remove("pets")
    with pytest.raises(FolderError, match="Read-only"):
        whisker.shelf.retitle("pets", "Other")
    whisker.close()
    tried(READ_ONLY, 7)


def test_that_the_history_can_still_be_read(frozen: Frozen, tried: Tried) -> None:
    whisker = Whisker(Home(frozen.home), frozen.builtin)
    (row,) = whisker.history.recent()
    assert (row.predicted_class, row.correction) == ("cat", "fox")
    assert [each.label for each in whisker.history.corrections()] == ["fox"]
    whisker.close()
    tried(READ_ONLY)


def test_that_a_training_is_refused_before_it_begins(frozen: Frozen, tmp_path: Path, tried: Tried) -> None:
    whisker = Whisker(Home(frozen.home), frozen.builtin)
    trainer = Trainer(whisker.home, whisker.shelf, whisker.bulletin, target=children.finishes)
    with pytest.raises(FolderError, match="Read-only"):
        trainer.start(TrainingPlan(tmp_path, "birds"))
    whisker.close()
    tried(READ_ONLY)


def test_that_the_api_answers_and_refuses_uploads_in_words(frozen: Frozen, tried: Tried) -> None:
    import io

    whisker = Whisker(Home(frozen.home), frozen.builtin)
    client = create_app(whisker).test_client()
    assert client.post("/api/predict", data=CAT, content_type="image/png").get_json()["predicted_class"] == "cat"
    assert client.get("/api/health").status_code == 200
    answer = client.post("/api/upload", data={"files": (io.BytesIO(CAT), "cat.0.png")})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (507, "folder_error")
    whisker.close()
    tried(READ_ONLY, 2)


def test_that_it_works_again_once_the_disk_can_be_written(frozen: Frozen, disk: SmallDisk) -> None:
    whisker = Whisker(Home(frozen.home), frozen.builtin)
    assert whisker.classify(frozen.photo, origin="window")[0] is None
    disk.read_only(False)
    assert whisker.classify(frozen.photo, origin="window")[0] is not None
    whisker.settings.set("history_days", 7)
    whisker.close()


def test_that_the_window_answers_says_so_and_closes_cleanly(frozen: Frozen, tried: Tried) -> None:
    seen = look(frozen.home, frozen.builtin, frozen.photo)
    assert (seen["answer"], seen["status"], seen["code"]) == ("cat", "pets v1", 0)
    assert "read-only" in seen["notice"]
    tried(READ_ONLY)


def test_that_the_window_answers_in_somebody_elses_home(forbidden: Frozen, tried: Tried) -> None:
    seen = look(forbidden.home, forbidden.builtin, forbidden.photo, inside=forbidden.inside)
    assert (seen["answer"], seen["status"], seen["code"]) == ("cat", "pets v1", 0)
    assert "read-only" in seen["notice"]
    tried(FORBIDDEN)


@pytest.mark.parametrize("line", ["predict {photo}", "models", "diagnose", "models use cats-dogs", "train {folder}"])
def test_that_commands_end_in_words(forbidden: Frozen, tmp_path: Path, tried: Tried, line: str) -> None:
    words = [word.format(photo=forbidden.photo, folder=tmp_path) for word in line.split()]
    done = run_main(*words, home=forbidden.home, inside=forbidden.inside)
    assert "Traceback" not in done.stderr
    refused = words[0] == "train" or "use" in words
    assert done.returncode == (1 if refused else 0), done.stderr
    assert ("Permission denied" in done.stderr) == refused
    tried(FORBIDDEN)


def test_that_a_home_that_cannot_even_be_looked_into_is_said(tmp_path: Path, forbidden: Frozen, tried: Tried) -> None:
    forbidden.home.chmod(0)
    done = run_main("predict", forbidden.photo, home=forbidden.home, inside=forbidden.inside)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    seen = look(forbidden.home, forbidden.builtin, forbidden.photo, inside=forbidden.inside)
    assert (seen["answer"], seen["status"], seen["code"]) == ("cat", "cats-dogs v1", 0)
    assert seen["notice"]
    forbidden.home.chmod(0o755)
    tried(FORBIDDEN, 2)


def test_that_photos_that_may_not_be_read_are_named_and_the_others_answered(
    tmp_path: Path, forbidden: Frozen, tried: Tried
) -> None:
    photos = tmp_path / "photos"
    for name in ("a", "b", "c"):
        solid(photos / f"{name}.png", RED)
    solid(photos / "closed" / "d.png", RED)
    (photos / "b.png").chmod(0)
    (photos / "closed").chmod(0)
    done = run_main("predict", photos, "--json", home=forbidden.home, inside=forbidden.inside)
    (photos / "closed").chmod(0o755)
    assert "Traceback" not in done.stderr
    answers = {Path(line["path"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert answers["b.png"]["error"]["code"] == "image_not_allowed"
    assert {"a.png", "c.png"} <= set(answers)
    assert done.returncode == 1
    tried("a photo or folder may not be read", 2)


def test_that_serve_answers_in_somebody_elses_home(forbidden: Frozen, tried: Tried) -> None:
    environment = os.environ | {"WHISKER_HOME": str(forbidden.home), "MODEL_PATH": str(forbidden.builtin / "cats-dogs")}
    import http.client
    from urllib.parse import urlsplit

    from tests.faults.acts.act import CHECKOUT

    serving = subprocess.Popen(
        [*forbidden.inside, sys.executable, str(CHECKOUT / "main.py"), "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert serving.stdout is not None
    try:
        connection = http.client.HTTPConnection(urlsplit(serving.stdout.readline().strip()).netloc, timeout=20)
        connection.request("POST", "/api/predict", CAT, {"Content-Type": "image/png"})
        assert json.loads(connection.getresponse().read())["predicted_class"] == "cat"
        connection.close()
    finally:
        serving.terminate()
        _, said = serving.communicate(timeout=30)
    assert (serving.returncode, "Traceback" in said) == (0, False), said
    tried(FORBIDDEN)
