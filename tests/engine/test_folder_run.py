from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from engine import folder_run, images
from engine.errors import FolderError, ImageTruncated, ModelBroken
from engine.folder_run import classify, classify_as_ready, find_images
from engine.prediction import Failure, Prediction
from engine.predictor import Predictor
from tests.bundles import BLUE, RED, make_bundle, solid
from tests.conftest import lock
from tests.engine.slow_decoding import Loader, slow_down


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return Predictor(make_bundle(tmp_path / "model" / "pets"))


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Forty pictures, every third one blue."""
    return [solid(tmp_path / f"{n:02}.png", RED if n % 3 else BLUE) for n in range(40)]


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("classify")]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in workers():
        thread.join(10)
    assert workers() == []


def test_that_every_picture_is_answered_in_order(predictor: Predictor, photos: list[Path]) -> None:
    outcomes = list(classify(predictor, photos))
    assert [outcome.path for outcome in outcomes] == photos
    classes = [outcome.predicted_class for outcome in outcomes if isinstance(outcome, Prediction)]
    assert classes == ["cat" if n % 3 else "dog" for n in range(40)]


def test_that_the_answers_are_those_of_single_pictures(predictor: Predictor, photos: list[Path]) -> None:
    for outcome, file in zip(classify(predictor, photos), photos, strict=True):
        assert isinstance(outcome, Prediction)
        single = predictor.predict(file)
        assert np.allclose(outcome.probabilities, single.probabilities, atol=1e-5)
        assert (outcome.source, outcome.unknown) == (single.source, single.unknown)


def test_that_slow_pictures_in_front_do_not_change_the_order(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(monkeypatch, lambda path: 0.1 if path in photos[:3] else 0.0)
    assert [outcome.path for outcome in classify(predictor, photos, workers=3)] == photos


def test_that_a_truncated_jpeg_is_named_and_the_rest_still_answered(predictor: Predictor, photos: list[Path]) -> None:
    broken = photos[7].with_suffix(".jpg")
    Image.effect_noise((64, 64), 60).save(broken)
    broken.write_bytes(broken.read_bytes()[:900])
    photos[7:8] = [broken]
    outcomes = list(classify(predictor, photos))
    failure = outcomes.pop(7)
    assert isinstance(failure, Failure)
    assert (failure.source, failure.path) == ("07.jpg", broken)
    assert isinstance(failure.error, ImageTruncated)
    assert all(isinstance(outcome, Prediction) for outcome in outcomes)


def test_that_a_folder_of_nothing_but_failures_is_answered_with_failures(predictor: Predictor, tmp_path: Path) -> None:
    missing = [tmp_path / f"gone{n}.jpg" for n in range(9)]
    outcomes = list(classify(predictor, missing))
    assert [outcome.path for outcome in outcomes] == missing
    assert all(isinstance(outcome, Failure) for outcome in outcomes)


def test_that_the_same_file_may_be_asked_for_twice(predictor: Predictor, photos: list[Path], tmp_path: Path) -> None:
    twice = [photos[0], photos[0], tmp_path / "gone.png", photos[1], tmp_path / "gone.png"] * 3
    assert [outcome.path for outcome in classify(predictor, twice)] == twice


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 9, 17])
@pytest.mark.parametrize("threads", [0, 1, 5])
def test_that_any_number_of_files_is_right(predictor: Predictor, photos: list[Path], count: int, threads: int) -> None:
    outcomes = list(classify(predictor, photos[:count], workers=threads))
    assert [outcome.path for outcome in outcomes] == photos[:count]


def test_that_the_first_answer_comes_long_before_the_last(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slow_down(monkeypatch, lambda _: 0.005)
    stream = classify(predictor, photos, workers=2)
    next(stream)
    assert len(begun) <= 6
    stream.close()


def test_that_few_files_are_spread_over_the_cores(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2, timeout=10)
    real: Loader = images.load

    def load(path: Path, width: int, height: int, **named: Any) -> npt.NDArray[np.uint8]:
        meeting.wait()  # Passes only if two threads are decoding.
        return real(path, width, height, **named)

    monkeypatch.setattr(images, "load", load)
    assert len(list(classify(predictor, photos[:2], workers=2))) == 2


def test_that_pictures_are_decoded_only_a_little_ahead(
    predictor: Predictor, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = photos * 10
    begun = slow_down(monkeypatch, lambda _: 0.0)
    stream = classify(predictor, many, workers=2)
    for taken in range(1, 21):
        next(stream)
        # As far as it gets without a taker: the decoders come to rest.
        settled = -1
        while settled != len(begun):
            settled = len(begun)
            time.sleep(0.02)
        assert settled - taken <= 2 * folder_run.AHEAD * folder_run.BATCH + folder_run.BATCH
    stream.close()


def test_that_a_run_cancelled_from_another_thread_stops_at_once_even_with_large_pictures(
    predictor: Predictor, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    Image.effect_noise((2500, 2000), 60).convert("RGB").save(large, compress_level=1)
    cancel = threading.Event()
    cancelled = []

    def stop_soon() -> None:
        time.sleep(0.15)
        cancelled.append(time.perf_counter())
        cancel.set()

    stopper = threading.Thread(target=stop_soon)
    stopper.start()
    outcomes = list(classify(predictor, [large] * 200, cancel=cancel))
    ended = time.perf_counter()
    stopper.join()
    assert ended - cancelled[0] < 0.3
    assert len(outcomes) < 100


def test_that_a_run_cancelled_before_it_begins_answers_nothing(predictor: Predictor, photos: list[Path]) -> None:
    cancel = threading.Event()
    cancel.set()
    assert list(classify(predictor, photos, cancel=cancel)) == []


def test_that_a_stream_closed_early_leaves_no_thread_at_work(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = slow_down(monkeypatch, lambda _: 0.02)
    stream = classify(predictor, photos, workers=2)
    next(stream)
    stream.close()
    for thread in workers():
        thread.join(0.5)
    assert workers() == []
    assert len(begun) < 20


def test_that_a_taker_who_waits_hears_that_nothing_came(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_down(monkeypatch, lambda path: 0.3 if path == photos[5] else 0.0)
    lists = list(classify_as_ready(predictor, photos, workers=2))
    assert [] in lists
    assert [outcome.path for outcomes in lists for outcome in outcomes] == photos


def test_that_a_model_that_gives_up_ends_the_run_with_its_error(
    predictor: Predictor, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModelBroken("The model Pets could not answer.", "Try again.")

    monkeypatch.setattr(predictor, "run", fail)
    with pytest.raises(ModelBroken):
        list(classify(predictor, photos))


def test_that_folders_are_walked_and_only_pictures_taken(tmp_path: Path) -> None:
    wanted = [
        tmp_path / "a.jpg",
        tmp_path / "b" / "C.JPEG",
        tmp_path / "b" / "deep" / "er" / "d.HEIC",
        tmp_path / "with space" / "ö 猫.png",
    ]
    for file in (
        *wanted,
        tmp_path / "notes.txt",
        tmp_path / ".hidden.jpg",
        tmp_path / ".cache" / "e.jpg",
        tmp_path / "jpg",
        tmp_path / "b" / "no suffix",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert find_images([tmp_path]) == sorted(wanted)


def test_that_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    odd, hidden = tmp_path / "odd.dat", tmp_path / ".hidden.jpg"
    odd.touch()
    hidden.touch()
    assert find_images([odd, hidden]) == [hidden, odd]


def test_that_each_file_comes_once_in_order(tmp_path: Path) -> None:
    files = [solid(tmp_path / name, RED) for name in ("b.png", "a.png", "c/d.png")]
    found = find_images([files[0], tmp_path, tmp_path / "c", files[1]])
    assert found == sorted(files)


def test_that_links_in_a_circle_end(tmp_path: Path) -> None:
    folder = tmp_path / "album"
    picture = solid(folder / "a.png", RED)
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "loop.png").symlink_to(folder / "loop.png")
    assert find_images([folder]) == [picture, folder / "loop.png"]


def test_that_a_linked_folder_that_is_named_is_walked(tmp_path: Path) -> None:
    solid(tmp_path / "real" / "a.png", RED)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert find_images([tmp_path / "link"]) == [tmp_path / "link" / "a.png"]


def test_that_names_that_are_no_text_are_found_and_answered(predictor: Predictor, tmp_path: Path) -> None:
    folder = tmp_path / "old camera"
    folder.mkdir()
    odd = os.path.join(os.fsencode(folder), b"caf\xe9.png")
    os.rename(solid(folder / "x.png", RED), odd)
    os.mkdir(os.path.join(os.fsencode(folder), b"d\xe9j\xe0"))
    (outcome,) = classify(predictor, find_images([folder]))
    assert isinstance(outcome, Prediction)
    assert outcome.path == Path(os.fsdecode(odd))
    assert outcome.source == "caf?.png"


def test_that_a_locked_subfolder_does_not_hide_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = solid(tmp_path / "a.png", RED)
    solid(tmp_path / "locked" / "b.png", RED)
    lock(monkeypatch, tmp_path / "locked")
    told: list[Path] = []
    assert find_images([tmp_path], on_locked=told.append) == [picture]
    assert told == [tmp_path / "locked"]


def test_that_a_locked_folder_that_is_named_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(monkeypatch, tmp_path)
    with pytest.raises(FolderError, match="may not be read"):
        find_images([tmp_path])


@pytest.mark.parametrize("name", ["gone", "nul\0byte.png", "n" * 3000])
def test_that_a_path_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    solid(tmp_path / "a.png", RED)
    with pytest.raises(FolderError) as caught:
        find_images([tmp_path / "a.png", tmp_path / name])
    assert name in caught.value.message
    assert caught.value.hint


def test_that_a_search_that_is_cancelled_ends_with_what_it_has(tmp_path: Path) -> None:
    solid(tmp_path / "a.png", RED)
    cancel = threading.Event()
    cancel.set()
    assert find_images([tmp_path], cancel) == []


def test_that_an_empty_folder_has_no_pictures(tmp_path: Path) -> None:
    assert find_images([tmp_path]) == []
    assert find_images([]) == []
