"""Files of the home are damaged: each is set aside or done without, that is said, and everything else works."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.dataset import sorter
from engine.dataset.labels import LabelEditor
from engine.errors import HistoryError
from engine.journal import journals
from engine.paths import Home
from engine.prediction import Prediction
from engine.training.features import FeatureExtractor
from engine.whisker import Whisker
from tests.bundles import BLUE, RED, make_bundle, solid
from tests.faults.acts.files import hashes
from tests.faults.conftest import LONG, Tried
from tests.faults.window import look

FLIPPED = 300 if LONG else 15
SEED = int(os.environ.get("WHISKER_SEED", "1"))
DATABASE = "the database is damaged"


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    return tmp_path / "builtin"


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [solid(tmp_path / "photos" / f"{n}.png", BLUE if n % 2 else RED, (40 + n, 40)) for n in range(20)]


@pytest.fixture
def open_home(home: Path, builtin: Path) -> Iterator[Callable[[], Whisker]]:
    opened: list[Whisker] = []

    def open_it() -> Whisker:
        opened.append(Whisker(Home(home), builtin))
        return opened[-1]

    yield open_it
    for whisker in opened:
        whisker.close()


Open = Callable[[], Whisker]


@pytest.fixture
def database(home: Path, open_home: Open, photos: list[Path]) -> Path:
    """A history with 400 answers, 40 of them corrected."""
    whisker = open_home()
    for _ in range(20):
        rows = [row for row, _ in whisker.classify_many(photos, origin="cli")]
        for row in rows[:2]:
            whisker.correct(row or 0, "fox")
    whisker.close()
    return home / "whisker.db"


def overwritten(file: Path) -> None:
    file.write_bytes(b"this is no database" * 500)


def header_spoilt(file: Path) -> None:
    with file.open("r+b") as database:
        database.write(b"\xff" * 100)


def cut_in_a_page(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 100)


def zeroed(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def another_programs(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE predictions (x)")
        other.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, at TEXT)")


def works(whisker: Whisker, photo: Path) -> bool:
    row, answer = whisker.classify(photo, origin="cli")
    if row is None or answer.predicted_class != "cat":
        return False
    whisker.correct(row, "fox")
    return whisker.history.row(row).correction == "fox"


@pytest.mark.parametrize("damage", [overwritten, header_spoilt, cut_in_a_page, zeroed, another_programs])
def test_that_a_damaged_database_is_kept_aside_said_and_begun_afresh(
    database: Path, open_home: Open, photos: list[Path], tried: Tried, damage: Callable[[Path], None]
) -> None:
    damage(database)
    spoilt = database.read_bytes()
    said: list[str] = []
    for _start in range(2):  # Damage deep inside is met first and set aside at the next start.
        whisker = open_home()
        said += whisker.tidy()
        try:
            well = works(whisker, photos[0]) and len(whisker.history.recent(1000)) > 0
        except HistoryError as error:
            said.append(str(error))
            well = False
        whisker.close()
        if well:
            break
    assert well
    aside = database.with_name("whisker.db.damaged-1")
    assert aside.stat().st_size == len(spoilt)
    assert any("damaged" in sentence for sentence in said)
    tried(DATABASE)


def test_that_the_window_says_that_the_database_was_set_aside(
    database: Path, home: Path, builtin: Path, tried: Tried
) -> None:
    overwritten(database)
    seen = look(home, builtin)
    assert (seen["answer"], seen["code"]) == ("cat", 0)
    assert "begins afresh" in seen["notice"]
    tried(DATABASE)


def met_by_asking(whisker: Whisker, photo: Path) -> Iterator[str]:
    """What goes wrong, in words, when all is asked of a history that can be."""
    history = whisker.history
    asked: list[Callable[[], object]] = [history.count, history.corrections, history.runs, history.choices]
    asked += [lambda: history.recent(10**6), lambda: history.least_sure("cats-dogs"), lambda: works(whisker, photo)]
    for ask in asked:
        try:
            ask()
        except HistoryError as error:
            yield f"{error} {error.__cause__}"


@pytest.mark.timeout(1800)
def test_that_whatever_bytes_are_spoilt_it_answers_and_never_fails_but_in_words(
    database: Path, open_home: Open, photos: list[Path], tried: Tried
) -> None:
    """After at most one more start everything works; a byte spoilt in the middle of a text may stay unnoticed."""
    sound, rng = database.read_bytes(), random.Random(SEED)
    for _ in range(FLIPPED):
        for file in database.parent.glob("whisker.db*"):
            file.unlink()
        content = bytearray(sound)
        for _ in range(rng.choice((1, 5, 50, 500))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        database.write_bytes(content[: rng.randrange(len(content))] if rng.random() < 0.3 else content)
        for _start in range(3):
            whisker = open_home()
            whisker.tidy()
            _, answer = whisker.classify(photos[0], origin="cli")
            assert answer.predicted_class == "cat"
            met = list(met_by_asking(whisker, photos[0]))
            whisker.close()
        assert met == [], "a third start still met damage"
    tried("bytes of the database spoilt at random", FLIPPED)


def test_that_a_torn_log_costs_no_more_than_what_it_held(
    home: Path, open_home: Open, photos: list[Path], tried: Tried
) -> None:
    """Cut anywhere, the write-ahead log gives a beginning of what was written; garbage in it gives no nonsense."""
    whisker = open_home()
    rows = [whisker.classify(photo, origin="cli")[0] for photo in photos]
    for row in rows:
        whisker.correct(row or 0, "fox")
    whisker.history.count()
    kept = home.parent / f"{home.name}-as-killed"
    shutil.copytree(home, kept)  # As a kill would leave it: the log is not folded back yet.
    whisker.close()
    log = (kept / "whisker.db-wal").read_bytes()
    rng = random.Random(SEED)
    for number in range(12):
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        (home / "whisker.db-shm").unlink()
        if number % 2:
            (home / "whisker.db-wal").write_bytes(log[: rng.randrange(len(log))])
        else:
            at = rng.randrange(len(log))
            (home / "whisker.db-wal").write_bytes(log[:at] + rng.randbytes(64) + log[at + 64 :])
        again = open_home()
        assert again.tidy() == []
        corrected = [each.row for each in again.history.corrections()]
        assert sorted(corrected) == [row for row in rows if row is not None][: len(corrected)]
        assert works(again, photos[0])
        again.close()
    tried("the database's log torn or spoilt", 12)


def test_that_a_newer_whiskers_database_is_used_as_it_is(
    database: Path, open_home: Open, photos: list[Path], tried: Tried
) -> None:
    with closing(sqlite3.connect(database)) as newer:
        newer.execute("ALTER TABLE predictions ADD COLUMN mood TEXT")
        newer.execute("CREATE TABLE moods (x)")
        newer.execute("INSERT INTO migrations VALUES ('m999_moods', '2040-01-01')")
        newer.commit()
    whisker = open_home()
    assert whisker.tidy() == []
    assert len(whisker.history.corrections()) == 40
    assert works(whisker, photos[0])
    tried("the database was brought up to date by a newer Whisker")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'{"history_days": "x"}', b"{" * 100_000])
def test_that_damaged_settings_are_said_and_the_defaults_hold(
    home: Path, open_home: Open, photos: list[Path], tried: Tried, content: bytes
) -> None:
    (home / "settings.json").write_bytes(content)
    whisker = open_home()
    assert any("default" in sentence for sentence in whisker.tidy())
    assert whisker.settings["history_days"] == 365
    whisker.settings.set("history_days", 7)
    assert works(whisker, photos[0])
    assert open_home().settings["history_days"] == 7
    tried("the settings are damaged")


@pytest.mark.parametrize("damage", [overwritten, header_spoilt, cut_in_a_page, zeroed])
def test_that_a_damaged_cache_of_features_is_thrown_away_and_remembers_again(
    home: Path, photos: list[Path], tried: Tried, damage: Callable[[Path], None]
) -> None:
    extractor = FeatureExtractor("lite0", 32, home / "cache" / "features")
    expected = extractor.extract(photos).features
    (cache,) = (home / "cache" / "features").glob("*.db")
    damage(cache)
    for _training in range(2):
        assert (extractor.extract(photos).features == expected).all()
    assert extractor.extract(photos).computed == 0
    tried("the cache of features is damaged")


@pytest.mark.parametrize("wrong", ["models", "staging", "trash", "cache", "logs", "journals", "uploads", "pasted"])
def test_that_a_file_in_a_folders_place_is_no_end(
    home: Path, builtin: Path, open_home: Open, photos: list[Path], tried: Tried, wrong: str
) -> None:
    (home / wrong).write_text("no folder")
    whisker = open_home()
    whisker.tidy()
    assert works(whisker, photos[0])
    whisker.close()
    assert look(home, builtin, photos[0])["answer"] == "cat"
    tried("a file stands where a folder belongs")


def test_that_a_sorting_is_taken_back_wherever_its_journal_was_torn(
    home: Path, open_home: Open, photos: list[Path], tmp_path: Path, tried: Tried
) -> None:
    """The kernel may have kept any beginning of the journal; what it promised beyond that was not done yet."""
    whisker = open_home()
    answers = [each for _, each in whisker.classify_many(photos, origin="cli") if isinstance(each, Prediction)]
    before = hashes(photos[0].parent.iterdir())
    plan = sorter.plan(answers, tmp_path / "sorted", min_confidence=0.5, move=True)
    rng = random.Random(SEED)
    for _ in range(10):
        sorter.apply(plan, home / "journals")
        (journal,) = journals(home / "journals", "sort")
        lines = journal.read_bytes().splitlines(keepends=True)
        # `done` is never waited for: any of these lines may be missing or cut in its middle.
        done = next(n for n, line in enumerate(lines) if b'"done"' in line)
        text = b"".join(lines)
        journal.write_bytes(text[: rng.randrange(len(b"".join(lines[:done])), len(text))])
        assert sorter.undo(home / "journals") == len(photos)
        assert hashes(photos[0].parent.iterdir()) == before
        assert not list((tmp_path / "sorted").rglob("*"))
    tried("a journal is torn in the middle of a line", 10)


def test_that_an_edit_of_labels_is_taken_back_though_its_journals_last_line_is_torn(
    home: Path, tmp_path: Path, tried: Tried
) -> None:
    folder = tmp_path / "labelled"
    pictures = [solid(folder / ("cat", "dog")[n % 2] / f"{n}.png", (n, 0, 0)) for n in range(8)]
    before = {path.relative_to(folder) for path in folder.rglob("*.png")}
    editor = LabelEditor(folder, Home(home))
    edit = editor.relabel(pictures[:1], "dog")
    assert edit is not None
    whole = edit.path.read_bytes()
    edit.path.write_bytes(whole[:-5] + b"\xff\xfe")
    undone = editor.undo()
    assert undone is not None
    assert undone.left == ()
    assert {path.relative_to(folder) for path in folder.rglob("*.png")} == before
    tried("a journal is torn in the middle of a line")


def test_that_garbage_among_the_journals_does_not_keep_from_undoing(
    home: Path, open_home: Open, photos: list[Path], tmp_path: Path, tried: Tried
) -> None:
    whisker = open_home()
    answers = [each for _, each in whisker.classify_many(photos, origin="cli") if isinstance(each, Prediction)]
    sorter.apply(sorter.plan(answers, tmp_path / "sorted", min_confidence=0.5, move=True), home / "journals")
    (home / "journals" / "sort-000009.jsonl").write_bytes(b"\x00\xff{]" * 100)
    (home / "journals" / "sort-000008.jsonl").write_bytes(b"")
    (home / "journals" / "sort-000007.jsonl").write_text(json.dumps([1, 2]) + "\n")
    assert sorter.undo(home / "journals") == len(photos)
    tried("a journal is torn in the middle of a line", 3)
