from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.bulletin import HistoryCleared, News
from engine.dataset.labels import LabelEditor
from engine.dataset.layouts import Item
from engine.dataset.look_memory import LookMemory
from engine.dataset.own_list import new_list
from engine.dataset.survey import survey
from engine.errors import FolderError, HistoryError
from engine.forgetting import traces
from engine.neighbours import read_names
from engine.paths import Home
from engine.whisker import Whisker
from tests.bundles import BLUE, RED, make_bundle, solid


@pytest.fixture
def whisker(home: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    make_bundle(tmp_path / "models" / "cats-dogs")
    opened = Whisker(Home(home), tmp_path / "models")
    yield opened
    opened.close()


def ask(whisker: Whisker, path: Path) -> int:
    row, _ = whisker.classify(path, origin="window")
    assert row is not None
    return row


def keep_features(home: Home, content: bytes, name: str = "lite2_abc_260.db") -> Path:
    home.features.mkdir(parents=True, exist_ok=True)
    file = home.features / name
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE IF NOT EXISTS features (key BLOB PRIMARY KEY, vector BLOB)")
    digest = hashlib.sha256(content).digest()
    rows = [(digest + kind, b"vector") for kind in (b"plain", b"mirrored")]
    database.executemany("INSERT INTO features VALUES (?, ?)", rows)
    database.commit()
    database.close()
    return file


def vectors(file: Path) -> int:
    database = sqlite3.connect(file)
    (number,) = database.execute("SELECT count(*) FROM features").fetchone()
    database.close()
    return int(number)


def test_that_every_row_of_the_picture_goes_and_the_file_itself_stays(whisker: Whisker, tmp_path: Path) -> None:
    mine, other = solid(tmp_path / "mine.png", RED), solid(tmp_path / "other.png", BLUE)
    first, kept, second = ask(whisker, mine), ask(whisker, other), ask(whisker, mine)
    whisker.correct(first, "dog")
    content = mine.read_bytes()
    heard: list[News] = []
    whisker.bulletin.listen(heard.append)
    found = whisker.traces([second])
    assert (found.rows, found.corrected, found.originals) == ((first, second), 1, (mine,))
    whisker.forget(found)
    assert [row.id for row in whisker.history.recent()] == [kept]
    assert whisker.history.corrections() == []
    assert mine.read_bytes() == content
    assert heard == [HistoryCleared((first, second))]


def test_that_no_trace_of_its_name_is_left_in_the_home(whisker: Whisker, tmp_path: Path) -> None:
    for number in range(20):
        ask(whisker, solid(tmp_path / f"picture {number}.png", (number, 0, 0)))
    secret = ask(whisker, solid(tmp_path / "very private.png", RED))
    whisker.correct(secret, "dog")
    whisker.forget(whisker.traces([secret]))
    files = [file for file in whisker.home.root.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if b"very private" in file.read_bytes()] == []


def test_that_a_copy_elsewhere_that_was_corrected_is_known_by_its_content(whisker: Whisker, tmp_path: Path) -> None:
    here, there = solid(tmp_path / "a" / "one.png", RED), solid(tmp_path / "b" / "two.png", RED)
    first, second = ask(whisker, here), ask(whisker, there)
    whisker.correct(second, "dog")
    assert whisker.traces([first]).rows == (first, second)


def test_that_pasted_and_uploaded_copies_go_with_their_rows(whisker: Whisker, tmp_path: Path) -> None:
    home = whisker.home
    original = solid(tmp_path / "mine.png", RED)
    digest = hashlib.sha256(original.read_bytes()).hexdigest()
    pasted, sent = home.pasted / f"{digest[:32]}.png", home.uploads / "cat" / f"{digest}.png"
    another = home.uploads / "cat" / f"{'0' * 64}.png"
    for copy in (pasted, sent, another):
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(original.read_bytes())
    row = ask(whisker, original)
    found = whisker.traces([row])
    assert set(found.copies) == {pasted, sent}
    whisker.forget(found)
    assert (pasted.exists(), sent.exists(), another.exists(), original.exists()) == (False, False, True, True)


def test_that_a_pasted_picture_is_whiskers_own_even_when_nothing_else_is_known(whisker: Whisker) -> None:
    pasted = solid(whisker.home.pasted / "0123.png", RED)
    found = whisker.traces([ask(whisker, pasted)])
    assert (found.copies, found.originals) == ((pasted,), ())
    whisker.forget(found)
    assert not pasted.exists()


def test_that_cached_features_of_all_backbones_go_and_others_stay(whisker: Whisker, tmp_path: Path) -> None:
    path = solid(tmp_path / "mine.png", RED)
    caches = [keep_features(whisker.home, path.read_bytes(), name) for name in ("lite0_a_224.db", "lite2_b_260.db")]
    keep_features(whisker.home, b"another picture", "lite0_a_224.db")
    found = whisker.traces([ask(whisker, path)])
    assert found.features == 4
    whisker.forget(found)
    assert [vectors(cache) for cache in caches] == [2, 0]


def test_that_what_a_survey_remembers_of_the_picture_goes_too(whisker: Whisker, tmp_path: Path) -> None:
    path, other = solid(tmp_path / "mine.png", RED), solid(tmp_path / "other.png", BLUE)
    with closing(LookMemory(whisker.home.features)) as memory:
        mine, theirs = survey([path, other], memory=memory)
    whisker.forget(whisker.traces([ask(whisker, path)]))
    with closing(LookMemory(whisker.home.features)) as memory:
        assert memory.get(path, mine.content, mine.size) is None
        assert memory.get(other, theirs.content, theirs.size) is not None


def test_that_lists_to_teach_with_lose_their_lines_and_the_edits_that_remember_them(
    whisker: Whisker, tmp_path: Path
) -> None:
    home = whisker.home
    mine = solid(tmp_path / "mine.png", RED)
    others = [solid(tmp_path / f"{number}.png", BLUE) for number in range(2)]
    items = [Item(mine, "cat", None), *(Item(path, "dog", None) for path in others)]
    with_it, without = new_list(home, "pets", items), new_list(home, "others", items[1:])
    LabelEditor(with_it, home).relabel([mine], "dog")
    untouched = (without / "labels.csv").read_bytes()
    found = whisker.traces([ask(whisker, mine)])
    assert found.lists == (with_it / "labels.csv",)
    whisker.forget(found)
    with (with_it / "labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["file", *map(str, others)]
    assert (without / "labels.csv").read_bytes() == untouched
    assert list(home.journals.iterdir()) == []


def test_that_models_do_not_show_it_any_more(whisker: Whisker, tmp_path: Path) -> None:
    mine, other = solid(tmp_path / "mine.png", RED), solid(tmp_path / "other.png", BLUE)
    bundle = make_bundle(whisker.home.models / "pets" / "1", name="pets")
    features = np.eye(2, 3, dtype=np.float16)
    labels = np.array([0, 1], np.int32)
    np.savez(bundle / "neighbours.npz", features=features, files=np.array([str(mine), str(other)]), labels=labels)
    proof = {"test": [{"path": str(mine), "label": "cat"}, {"path": str(other), "label": "dog"}], "epochs": [1]}
    (bundle / "evaluation.json").write_text(json.dumps(proof), encoding="utf-8")
    found = whisker.traces([ask(whisker, mine)])
    assert found.models == (bundle,)
    whisker.forget(found)
    assert read_names(bundle / "neighbours.npz") == [str(other)]
    left = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))
    assert (left["test"], left["epochs"]) == ([{"path": str(other), "label": "dog"}], [1])
    assert whisker.traces([ask(whisker, mine)]).models == ()


def test_that_a_picture_whose_file_is_gone_is_forgotten_all_the_same(whisker: Whisker, tmp_path: Path) -> None:
    path = solid(tmp_path / "mine.png", RED)
    row = ask(whisker, path)
    cache = keep_features(whisker.home, path.read_bytes())
    whisker.correct(row, "dog")
    path.unlink()
    found = whisker.traces([row])
    # Its content is known from the correction.
    assert (found.originals, found.features) == ((), 2)
    whisker.forget(found)
    assert vectors(cache) == 0
    assert whisker.history.count() == 0


def test_that_an_answer_without_a_file_is_forgotten_alone(whisker: Whisker, tmp_path: Path) -> None:
    picture = solid(tmp_path / "a.png", RED).read_bytes()
    first, _ = whisker.classify(picture, origin="api", name="a.png")
    second, _ = whisker.classify(picture, origin="api", name="a.png")
    assert first is not None
    whisker.forget(whisker.traces([first]))
    assert [row.id for row in whisker.history.recent()] == [second]


def test_that_a_row_that_is_gone_is_said_to_be(whisker: Whisker) -> None:
    with pytest.raises(HistoryError, match="no prediction number 9"):
        whisker.traces([9])


def test_that_a_copy_that_cannot_be_removed_keeps_its_rows(
    whisker: Whisker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it can be asked for again."""
    pasted = solid(whisker.home.pasted / "0123.png", RED)
    row = ask(whisker, pasted)

    def refused(_self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(pasted))

    found = whisker.traces([row])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        with pytest.raises(FolderError, match="could not be forgotten"):
            whisker.forget(found)
    assert whisker.history.row(row).path == pasted
    whisker.forget(traces(whisker.history, whisker.home, [row]))
    assert whisker.history.count() == 0


def test_that_foreign_files_in_the_home_do_not_stand_in_the_way(whisker: Whisker, tmp_path: Path) -> None:
    home = whisker.home
    keep_features(home, b"x", "lite0_a.db").write_bytes(b"no database")
    (home.datasets / "mine").mkdir(parents=True)
    (home.datasets / "mine" / "labels.csv").write_bytes(b"\xff\xfe no text")
    found = whisker.traces([ask(whisker, solid(tmp_path / "a.png", RED))])
    assert (found.features, found.lists) == (0, ())
    whisker.forget(found)
    assert whisker.history.count() == 0


def test_that_own_photos_in_a_folder_that_also_takes_uploads_are_never_touched(
    whisker: Whisker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "pets"))
    mine = solid(tmp_path / "pets" / "cat" / "tom.png", RED)
    sent = tmp_path / "pets" / "cat" / f"{hashlib.sha256(mine.read_bytes()).hexdigest()}.png"
    sent.write_bytes(mine.read_bytes())
    found = whisker.traces([ask(whisker, mine)])
    assert (found.copies, found.originals) == ((sent,), (mine,))
    whisker.forget(found)
    assert (mine.exists(), sent.exists()) == (True, False)


def test_that_many_are_forgotten_while_others_are_answered(whisker: Whisker, tmp_path: Path) -> None:
    picture = solid(tmp_path / "a.png", RED).read_bytes()
    prediction = whisker.predictor.predict(picture, "sent.png")
    rows = whisker.history.record([prediction] * 350, "api")
    forgetting = threading.Thread(target=lambda: whisker.forget(whisker.traces(rows)))
    forgetting.start()
    kept = []
    while forgetting.is_alive():
        kept += whisker.history.record([prediction], "api")
    forgetting.join()
    assert [row.id for row in whisker.history.recent(1_000)] == kept[::-1]
