"""Features computed once and remembered, on the small backbone and at a small size."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.dataset.survey import survey
from engine.errors import ImageError
from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN
from engine.training.features import CHUNK, FEATURES, FeatureExtractor, imagenet_classes, imagenet_head
from tests.conftest import MakeImage

SIDE = 64


@pytest.fixture
def files(tmp_path: Path, make_image: MakeImage) -> list[Path]:
    return [make_image(tmp_path / f"{number}.png", seed=number, size=(90, 70)) for number in range(CHUNK + 3)]


def test_that_a_second_look_computes_nothing_and_says_the_same(tmp_path: Path, files: list[Path]) -> None:
    first = FeatureExtractor("lite0", SIDE, tmp_path / "cache").extract(files, (PLAIN, MIRRORED))
    again = FeatureExtractor("lite0", SIDE, tmp_path / "cache").extract(files, (PLAIN, MIRRORED))
    assert (first.computed, again.computed) == (2 * len(files), 0)
    assert first.features.shape == (len(files), 2, FEATURES)
    assert np.array_equal(first.features, again.features)


def test_that_only_new_pictures_are_computed(tmp_path: Path, files: list[Path]) -> None:
    extractor = FeatureExtractor("lite0", SIDE, tmp_path / "cache")
    extractor.extract(files[:-2])
    assert extractor.extract(files).computed == 2


def test_that_a_copy_under_another_name_is_remembered(tmp_path: Path, files: list[Path]) -> None:
    extractor = FeatureExtractor("lite0", SIDE, tmp_path / "cache")
    extractor.extract(files[:1])
    copy = tmp_path / "copy.png"
    copy.write_bytes(files[0].read_bytes())
    assert extractor.extract([copy]).computed == 0


def test_that_another_size_is_not_mistaken_for_the_same(tmp_path: Path, files: list[Path]) -> None:
    FeatureExtractor("lite0", SIDE, tmp_path / "cache").extract(files[:2])
    assert FeatureExtractor("lite0", SIDE + 32, tmp_path / "cache").extract(files[:2]).computed == 2


@pytest.mark.parametrize("side", [SIDE, 288])
def test_that_a_survey_on_the_way_sees_what_a_survey_sees(tmp_path: Path, files: list[Path], side: int) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    paths = [*files, bad, tmp_path / "gone.jpg"]
    alone = survey(paths)
    for _ in range(2):  # The second time from memory.
        extracted = FeatureExtractor("lite0", side, tmp_path / "cache").extract(paths, survey=True)
        assert [
            (look.path, look.content, look.size, look.form, look.width, look.height) for look in extracted.looks
        ] == [(look.path, look.content, look.size, look.form, look.width, look.height) for look in alone]
        for seen, expected in zip(extracted.looks, alone, strict=True):
            assert type(seen.error) is type(expected.error)
            assert (seen.contrast, seen.sharpness) == (expected.contrast, expected.sharpness)
            assert seen.grey is None if expected.grey is None else np.array_equal(seen.grey, expected.grey)
    assert np.array_equal(extracted.features, FeatureExtractor("lite0", side).extract(paths).features)


def test_that_an_unreadable_picture_is_named_and_the_rest_computed(tmp_path: Path, files: list[Path]) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    result = FeatureExtractor("lite0", SIDE).extract([files[0], bad, files[1]])
    assert list(result.failures) == [1]
    assert isinstance(result.failures[1], ImageError)
    assert not result.features[1].any()
    assert result.features[0].any()
    assert result.features[2].any()


def test_that_progress_is_told_in_order_up_to_all(files: list[Path]) -> None:
    told: list[int] = []
    FeatureExtractor("lite0", SIDE).extract(files, progress=told.append)
    assert told == [CHUNK, len(files)]


def test_that_it_stops_when_asked(files: list[Path]) -> None:
    cancel = threading.Event()
    cancel.set()
    result = FeatureExtractor("lite0", SIDE).extract(files, cancel=cancel)
    assert result.cancelled
    assert result.computed == 0


def test_that_a_damaged_cache_costs_time_and_nothing_else(tmp_path: Path, files: list[Path]) -> None:
    extractor = FeatureExtractor("lite0", SIDE, tmp_path / "cache")
    expected = extractor.extract(files[:2]).features
    (database,) = (tmp_path / "cache").glob("*.db")
    for leftover in (tmp_path / "cache").iterdir():
        leftover.unlink()
    database.write_bytes(b"not a database at all" * 100)
    result = extractor.extract(files[:2])
    assert result.computed == 2
    assert np.array_equal(result.features, expected)


def test_that_the_cache_is_an_ordinary_database(tmp_path: Path, files: list[Path]) -> None:
    FeatureExtractor("lite0", SIDE, tmp_path / "cache").extract(files[:3])
    (database,) = (tmp_path / "cache").glob("*.db")
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM features").fetchone() == (3,)


def test_that_alterations_change_features_a_little_and_alike_each_time(files: list[Path]) -> None:
    extractor = FeatureExtractor("lite0", SIDE)
    once = extractor.extract(files[:1], ALTERATIONS).features
    assert np.array_equal(once, extractor.extract(files[:1], ALTERATIONS).features)
    assert len({vector.tobytes() for vector in once[0]}) == len(ALTERATIONS)


def test_that_the_head_and_the_names_belong_together() -> None:
    kernel, bias = imagenet_head("lite0")
    assert kernel.shape == (FEATURES, 1000)
    assert bias.shape == (1000,)
    assert len(imagenet_classes()) == 1000
