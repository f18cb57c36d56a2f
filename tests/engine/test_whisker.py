from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bulletin import Corrected, ModelActivated, News, NotRemembered, Predicted, Unrecorded
from engine.errors import HistoryError, ImageNotFound, ModelBroken, ModelNotFound
from engine.paths import Home
from engine.prediction import Failure, Prediction
from engine.predictor import Predictor
from engine.whisker import Whisker
from tests.bundles import BLUE, RED, make_bundle, solid
from tests.engine.slow_decoding import slow_down


@pytest.fixture
def whisker(home: Path, tmp_path: Path) -> Iterator[Whisker]:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    make_bundle(tmp_path / "builtin" / "everyday", classes=("cup", "car", "tree"))
    whisker = Whisker(Home(home), tmp_path / "builtin")
    yield whisker
    whisker.close()


@pytest.fixture
def heard(whisker: Whisker) -> list[News]:
    heard: list[News] = []
    whisker.bulletin.listen(heard.append)
    return heard


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return solid(tmp_path / "red.png", RED)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [solid(tmp_path / f"{n:03}.png", RED if n % 2 else BLUE) for n in range(150)]


def break_history(whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise HistoryError("The disk is full.", "Make room.")

    monkeypatch.setattr(whisker.history, "record", fail)


def test_that_an_answer_is_recorded_and_told(whisker: Whisker, red: Path, heard: list[News]) -> None:
    row, prediction = whisker.classify(red, origin="window")
    assert prediction.predicted_class == "cat"
    assert row is not None
    kept = whisker.history.row(row)
    assert (kept.predicted_class, kept.path, kept.source, kept.model) == ("cat", red, "window", "cats-dogs")
    assert heard == [Predicted((row,), (prediction,))]


def test_that_a_pasted_picture_is_recorded_under_its_name(whisker: Whisker, red: Path) -> None:
    row, prediction = whisker.classify(red.read_bytes(), origin="api", name="upload.png")
    assert row is not None
    assert (prediction.source, whisker.history.row(row).name) == ("upload.png", "upload.png")


def test_that_a_picture_that_cannot_be_read_is_not_recorded(
    whisker: Whisker, tmp_path: Path, heard: list[News]
) -> None:
    with pytest.raises(ImageNotFound):
        whisker.classify(tmp_path / "gone.png", origin="window")
    assert whisker.history.count() == 0
    assert heard == []


def test_that_a_full_disk_does_not_lose_the_answer(
    whisker: Whisker, red: Path, heard: list[News], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_history(whisker, monkeypatch)
    given = [whisker.classify(red, origin="window") for _ in range(2)]
    assert [(row, prediction.predicted_class) for row, prediction in given] == [(None, "cat")] * 2
    first, second = (Unrecorded((prediction,)) for _, prediction in given)
    said = NotRemembered("Answers are given but not remembered: the disk is full.", "Make room.")
    assert heard == [first, said, second]
    assert whisker.monitor.counts().total == 2


def test_that_a_history_that_cannot_even_be_opened_does_not_lose_the_answer(
    whisker: Whisker, home: Path, red: Path
) -> None:
    (home / "whisker.db").mkdir()
    assert whisker.classify(red, origin="window")[1].predicted_class == "cat"


def test_that_what_is_said_at_the_start_is_not_told_again_until_answers_have_been_kept(
    whisker: Whisker, home: Path, red: Path, heard: list[News], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "whisker.db").mkdir()
    (said,) = whisker.tidy()
    assert said.startswith("Answers are given but not remembered: the history ")
    whisker.classify(red, origin="window")
    assert [type(news) for news in heard] == [Unrecorded]
    (home / "whisker.db").rmdir()
    whisker.classify(red, origin="window")
    break_history(whisker, monkeypatch)
    whisker.classify(red, origin="window")
    assert [type(news) for news in heard[1:]] == [Predicted, Unrecorded, NotRemembered]


def test_that_a_full_disk_does_not_lose_the_answers_of_a_folder(
    whisker: Whisker, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_history(whisker, monkeypatch)
    pairs = list(whisker.classify_many(photos, origin="window"))
    assert [outcome.path for _, outcome in pairs] == photos
    assert {row for row, _ in pairs} == {None}


def test_that_a_folder_is_answered_recorded_and_told_in_order(
    whisker: Whisker, photos: list[Path], tmp_path: Path, heard: list[News]
) -> None:
    photos[40:40] = [tmp_path / "gone.png"]
    pairs = list(whisker.classify_many(photos, origin="cli"))
    assert [outcome.path for _, outcome in pairs] == photos
    assert pairs[40][0] is None
    assert isinstance(pairs[40][1], Failure)
    rows = [row for row, _ in pairs if row is not None]
    assert rows == sorted(rows)
    assert len(rows) == whisker.history.count() == 150
    for row, outcome in pairs[:5] + pairs[-5:]:
        assert row is not None
        assert whisker.history.row(row).path == outcome.path
    news = [each for each in heard if isinstance(each, Predicted)]
    assert [row for each in news for row in each.rows] == rows
    assert all(len(each.rows) == len(each.predictions) for each in news)
    assert len(news) < 40


def test_that_the_first_answer_of_a_folder_comes_long_before_the_last(
    whisker: Whisker, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slow_down(monkeypatch, lambda _: 0.005)
    _ = whisker.predictor
    stream = whisker.classify_many(photos, origin="window")
    row, outcome = next(stream)
    assert row is not None
    assert outcome.path == photos[0]
    assert len(begun) < 30
    stream.close()


def test_that_answers_are_not_held_back_by_a_slow_picture_behind_them(
    whisker: Whisker, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    slow_down(monkeypatch, lambda path: go_on.wait(10) and 0.0 if path == photos[60] else 0.0)
    stream = whisker.classify_many(photos, origin="window")
    # All that can be answered without picture 60 arrives although 60 does not: its batch is at most four.
    early = [next(stream) for _ in range(56)]
    assert not go_on.is_set()
    go_on.set()
    assert len(early) + len(list(stream)) == len(photos)


def test_that_a_cancelled_folder_keeps_what_was_answered(whisker: Whisker, photos: list[Path]) -> None:
    cancel = threading.Event()
    pairs = []
    for pair in whisker.classify_many(photos, origin="window", cancel=cancel):
        pairs.append(pair)
        cancel.set()
    assert 0 < len(pairs) < len(photos)
    assert whisker.history.count() == len(pairs)


def test_that_a_folder_may_be_asked_of_another_model(whisker: Whisker, photos: list[Path]) -> None:
    other = whisker.load("everyday")
    _, outcome = next(whisker.classify_many(photos[:3], origin="cli", predictor=other))
    assert isinstance(outcome, Prediction)
    assert outcome.model == "everyday"
    with pytest.raises(ModelNotFound):
        whisker.load("nothing")


def test_that_activation_changes_who_answers_next(whisker: Whisker, red: Path, heard: list[News]) -> None:
    assert whisker.classify(red, origin="window")[1].model == "cats-dogs"
    whisker.shelf.activate("everyday")
    assert whisker.classify(red, origin="window")[1].model == "everyday"
    whisker.shelf.roll_back()
    assert whisker.classify(red, origin="window")[1].model == "cats-dogs"
    assert [each for each in heard if isinstance(each, ModelActivated)] == [
        ModelActivated("everyday", 1),
        ModelActivated("cats-dogs", 1),
    ]


def test_that_requests_under_way_finish_on_the_model_they_began_with(whisker: Whisker, photos: list[Path]) -> None:
    stream = whisker.classify_many(photos, origin="window")
    next(stream)
    whisker.shelf.activate("everyday")
    models = {outcome.model for _, outcome in stream if isinstance(outcome, Prediction)}
    assert models == {"cats-dogs"}
    assert whisker.predictor.card.name == "everyday"


def test_that_a_model_is_loaded_once_however_many_ask_first(
    whisker: Whisker, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []
    real = Predictor.__init__

    def counted(self: Predictor, path: Path, *, threads: int = 0, check: bool = True) -> None:
        loads.append(path)
        real(self, path, threads=threads, check=check)

    monkeypatch.setattr(Predictor, "__init__", counted)
    callers = [threading.Thread(target=lambda: whisker.classify(red, origin="api")) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(loads) == 1
    assert whisker.history.count() == 6


def test_that_the_history_can_be_read_while_a_model_loads(
    whisker: Whisker, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on = threading.Event(), threading.Event()
    real = Predictor.__init__

    def slow(self: Predictor, path: Path, *, threads: int = 0, check: bool = True) -> None:
        loading.set()
        assert go_on.wait(10)
        real(self, path, threads=threads, check=check)

    monkeypatch.setattr(Predictor, "__init__", slow)
    asker = threading.Thread(target=lambda: whisker.classify(red, origin="window"))
    asker.start()
    assert loading.wait(10)
    assert whisker.history.count() == 0
    go_on.set()
    asker.join()
    assert whisker.history.count() == 1


def test_that_the_number_of_threads_is_a_setting_that_takes_effect(whisker: Whisker) -> None:
    before = whisker.predictor
    whisker.settings.set("threads", 1)
    assert whisker.predictor is not before
    assert whisker.predictor._alone_threads == 1


def test_that_the_environment_may_name_the_model_to_serve(
    whisker: Whisker, red: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = make_bundle(tmp_path / "served", classes=("apple", "pear"))
    for path in (served, served / "model.onnx"):
        monkeypatch.setenv("MODEL_PATH", str(path))
        whisker._in_use.let_go()
        assert whisker.classify(red, origin="api")[1].predicted_class == "apple"
    monkeypatch.setenv("MODEL_PATH", str(tmp_path / "nowhere"))
    whisker._in_use.let_go()
    with pytest.raises(ModelBroken, match="nowhere"):
        whisker.classify(red, origin="api")
    monkeypatch.setenv("MODEL_PATH", str(served / "model.keras"))
    whisker._in_use.let_go()
    with pytest.raises(ModelBroken, match="is a Keras file, and Whisker can only use ONNX models"):
        whisker.classify(red, origin="api")


def test_that_a_correction_is_kept_and_told(whisker: Whisker, red: Path, heard: list[News]) -> None:
    row, _ = whisker.classify(red, origin="window")
    assert row is not None
    whisker.correct(row, "dog")
    assert whisker.history.row(row).correction == "dog"
    whisker.correct(row, None)
    assert whisker.history.row(row).correction is None
    assert heard[1:] == [Corrected(row, "dog"), Corrected(row, None)]


def test_that_reasons_come_from_the_model_that_answers(whisker: Whisker, red: Path) -> None:
    assert whisker.explain(red).class_name == "cat"
    assert whisker.explain(red, "dog").class_name == "dog"


def test_that_a_name_that_is_no_text_is_answered_and_recorded(whisker: Whisker, red: Path) -> None:
    import os

    odd = Path(os.fsdecode(os.fsencode(red.parent) + b"/caf\xe9.png"))
    red.rename(odd)
    row, prediction = whisker.classify(odd, origin="cli")
    assert row is not None
    assert prediction.path == whisker.history.row(row).path == odd
    ((many_row, _),) = whisker.classify_many([odd], origin="cli")
    assert many_row is not None


def test_that_starting_imports_neither_numpy_nor_onnxruntime(home: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    code = (
        "import sys; from pathlib import Path; from engine.paths import Home; from engine.whisker import Whisker;"
        f"whisker = Whisker(Home(Path({str(home)!r})), Path({str(tmp_path / 'builtin')!r}));"
        "whisker.history.recent(); assert whisker.shelf.active.name; whisker.close();"
        "print(sorted({'numpy', 'onnxruntime', 'PIL', 'psutil', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_that_closing_is_possible_at_any_time(home: Path, tmp_path: Path) -> None:
    Whisker(Home(home), tmp_path).close()
