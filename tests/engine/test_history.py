from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.errors import HistoryError
from engine.history import History, Row
from engine.prediction import Prediction
from tests.engine.histories import CLASSES, NOON, Clock, answer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "whisker.db"


def ids(rows: list[Row]) -> list[int]:
    return [row.id for row in rows]


def test_that_a_prediction_is_kept_with_all_that_was_said(history: History, tmp_path: Path) -> None:
    path = tmp_path / "tom.jpg"
    (number,) = history.record([answer("cat", 0.9, path)], "window")
    row = history.row(number)
    assert row.at == NOON
    assert (row.source, row.name, row.path) == ("window", "tom.jpg", path)
    assert (row.model, row.model_version, row.elapsed_ms) == ("animals", 3, 4.25)
    assert (row.predicted_class, row.unknown, row.familiarity) == ("cat", False, 1.5)
    assert row.confidence == pytest.approx(0.9)
    assert row.top == (("cat", 0.9), ("dog", 0.02), ("fox", 0.02), ("hen", 0.02), ("owl", 0.02))
    assert row.correction is None


def test_that_a_picture_without_a_file_is_kept_too(history: History) -> None:
    (number,) = history.record([answer()], "api")
    assert history.row(number).path is None
    history.correct(number, "dog")
    assert history.corrections()[0].sha256 is None


def test_that_a_relative_path_is_kept_as_a_whole_one(history: History) -> None:
    (number,) = history.record([answer(path=Path("tom.jpg"))], "cli")
    assert history.row(number).path == Path.cwd() / "tom.jpg"


def test_that_a_file_name_that_is_no_unicode_is_kept(history: History, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(b"picture")
    (number,) = history.record([answer(path=path)], "window")
    history.correct(number, "dog")
    assert history.row(number).path == path
    assert history.row(number).name == "caf?.jpg"
    assert history.corrections()[0].path == path


def test_that_recent_gives_the_last_first_and_pages_backwards(history: History) -> None:
    rows = history.record([answer() for _ in range(5)], "window")
    assert ids(history.recent(2)) == [rows[4], rows[3]]
    assert ids(history.recent(10, before=rows[3])) == [rows[2], rows[1], rows[0]]
    assert history.recent(0) == []
    assert history.count() == 5


def test_that_rows_are_found_by_source_class_and_time(history: History, clock: Clock) -> None:
    (first,) = history.record([answer("cat")], "window")
    clock.now += timedelta(hours=1)
    second, third = history.record([answer("dog"), answer("cat")], "api")
    assert ids(history.recent(source="api")) == [third, second]
    assert ids(history.recent(predicted_class="cat")) == [third, first]
    assert ids(history.recent(since=clock.now)) == [third, second]
    assert ids(history.recent(until=clock.now)) == [first]
    assert ids(history.recent(since=NOON, until=clock.now, predicted_class="cat", source="window")) == [first]


def test_that_a_clock_that_goes_back_does_not_mix_up_the_order(history: History, clock: Clock) -> None:
    (before,) = history.record([answer()], "window")
    clock.now -= timedelta(days=400)
    (after,) = history.record([answer()], "window")
    assert ids(history.recent()) == [after, before]
    assert ids(history.recent(before=after)) == [before]


def test_that_classes_are_counted_without_the_unknown(history: History, clock: Clock) -> None:
    history.record([answer("dog"), answer("dog"), answer("cat"), answer("cat", unknown=True)], "window")
    clock.now += timedelta(hours=1)
    history.record([answer("cat")], "window")
    assert history.class_counts() == {"cat": 2, "dog": 2}
    assert history.class_counts(since=clock.now) == {"cat": 1}


def test_that_the_least_sure_pictures_come_first_and_each_once(history: History, tmp_path: Path) -> None:
    sure, unsure, corrected = (tmp_path / name for name in ("sure.jpg", "unsure.jpg", "corrected.jpg"))
    outcomes = [answer("cat", p, path) for p, path in ((0.9, sure), (0.4, unsure), (0.5, unsure), (0.3, corrected))]
    rows = history.record([*outcomes, answer("cat", 0.2)], "window")
    history.correct(rows[3], "dog")
    history.record([answer("cat", 0.3, corrected)], "window")
    assert [(row.path, row.id) for row in history.least_sure("animals")] == [(unsure, rows[1]), (sure, rows[0])]
    assert [row.path for row in history.least_sure("animals", limit=1)] == [unsure]
    assert history.least_sure("another model") == []


def test_that_a_correction_keeps_what_the_picture_was(history: History, clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "rex.jpg"
    path.write_bytes(b"bytes of a picture")
    (number,) = history.record([answer("cat", path=path)], "window")
    clock.now += timedelta(minutes=1)
    history.correct(number, " dog ")
    (correction,) = history.corrections()
    assert (correction.row, correction.label, correction.predicted_class) == (number, "dog", "cat")
    assert (correction.path, correction.at) == (path, clock.now)
    assert correction.sha256 == hashlib.sha256(b"bytes of a picture").hexdigest()
    assert history.row(number).correction == "dog"


def test_that_a_correction_can_be_changed_and_taken_back(history: History) -> None:
    (number,) = history.record([answer()], "window")
    history.correct(number, "dog")
    history.correct(number, "fox")
    assert [correction.label for correction in history.corrections()] == ["fox"]
    history.correct(number, None)
    assert history.corrections() == []
    assert history.row(number).correction is None


@pytest.mark.parametrize("label", ["dog", None])
def test_that_correcting_a_row_that_is_not_there_says_so(history: History, label: str | None) -> None:
    with pytest.raises(HistoryError, match="no prediction number 7"):
        history.correct(7, label)


def test_that_an_empty_correction_is_refused(history: History) -> None:
    (number,) = history.record([answer()], "window")
    with pytest.raises(HistoryError, match="needs the name of a class"):
        history.correct(number, "  ")


def test_that_old_predictions_are_forgotten_but_what_people_said_stays(
    history: History, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.retention.FEWEST", 2)
    monkeypatch.setattr("engine.retention.MOST", 2)
    old = history.record([answer() for _ in range(6)], "window")
    history.correct(old[2], "dog")
    clock.now += timedelta(days=31)
    (new,) = history.record([answer()], "window")
    assert history.prune(0) == 0
    assert history.prune(30) == 5
    assert ids(history.recent()) == [new, old[2]]
    assert history.corrections()[0].label == "dog"


def test_that_a_forgotten_row_number_is_never_given_again(history: History) -> None:
    rows = history.record([answer(), answer()], "window")
    assert history.clear() == 2
    (next_row,) = history.record([answer()], "window")
    assert next_row > max(rows)


def test_that_clearing_leaves_no_trace_in_the_file(history: History, file: Path, tmp_path: Path) -> None:
    history.record([answer(path=tmp_path / "very private.jpg")], "window")
    history.clear()
    assert all(b"very private" not in path.read_bytes() for path in file.parent.iterdir())


def test_that_recording_nothing_writes_nothing(history: History) -> None:
    assert history.record([], "window") == []


def test_that_a_batch_is_recorded_whole_or_not_at_all(history: History) -> None:
    broken = Prediction("x", CLASSES, np.full(6, np.nan, dtype=np.float32), None, False, "animals", 1, 1.0)
    with pytest.raises(sqlite3.IntegrityError):
        history.record([answer(), broken], "window")
    assert history.count() == 0
    assert len(history.record([answer()], "window")) == 1


def test_that_many_threads_may_write_and_read_at_once(history: History) -> None:
    failures: list[BaseException] = []
    given: list[int] = []

    def work() -> None:
        try:
            for _ in range(25):
                given.extend(history.record([answer(), answer()], "api"))
                assert history.recent(1)
        except (HistoryError, sqlite3.Error, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert history.count() == len(set(given)) == 200


def test_that_two_programs_may_share_one_history(history: History, file: Path) -> None:
    other = History(file)
    (mine,) = history.record([answer()], "window")
    (theirs,) = other.record([answer()], "cli")
    assert ids(history.recent()) == ids(other.recent()) == [theirs, mine]
    other.close()


def test_that_a_program_killed_while_it_writes_costs_no_finished_row(file: Path) -> None:
    writer = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from engine.history import History; from engine.prediction import Prediction\n"
        "history = History(Path(sys.argv[1]))\n"
        "one = Prediction('x', ('a', 'b'), np.array([0.9, 0.1], np.float32), None, False, 'm', 1, 1.0)\n"
        "while True: print(history.record([one] * 20, 'cli')[-1], flush=True)\n"
    )
    command = [sys.executable, "-c", writer, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(10)]
        process.kill()
    history = History(file)
    assert history.problems == []
    assert history.count() >= told[-1] == 200
    assert history.count() % 20 == 0
    history.close()


def test_that_opening_the_history_loads_neither_numpy_nor_pillow() -> None:
    check = "import sys, engine.history, engine.settings; sys.exit('numpy' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def test_that_the_best_classes_are_kept_as_json(history: History, file: Path) -> None:
    history.record([answer()], "window")
    with sqlite3.connect(file) as database:
        (top,) = database.execute("SELECT top FROM predictions").fetchone()
    database.close()
    assert json.loads(top)[0] == ["cat", 0.9]
