"""Tests for finding copies: changed copies are found, different pictures are not."""

from __future__ import annotations

import io
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from engine.dataset import candidates
from engine.dataset.likeness import find_copies, groups_of
from engine.dataset.survey import Look, measured, survey
from tests.engine.dataset.pictures import cropped, scene


def recompressed(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    return Image.open(buffer).convert("RGB")


def look(image: Image.Image, name: str) -> Look:
    return measured(Path(name), name, 1, "PNG", image)


def pairs(looks: list[Look], features: np.ndarray | None = None) -> list[tuple[int, int]]:
    found = find_copies(looks, features)
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def unit(rows: list[list[float]]) -> np.ndarray:
    values = np.array(rows, dtype=np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((90, 70)),
        lambda image: image.resize((400, 400)),
        recompressed,
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: ImageEnhance.Brightness(image).enhance(0.8),
        lambda image: image.convert("L").convert("RGB"),
        cropped,
        lambda image: recompressed(cropped(image).transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    ],
    ids=["smaller", "larger", "recompressed", "mirrored", "darker", "grey", "cropped", "cropped and mirrored"],
)
def test_that_a_changed_copy_is_found(change: Callable[[Image.Image], Image.Image]):
    looks = [look(scene(seed), str(seed)) for seed in range(8)]
    looks.append(look(change(scene(3)), "copy"))
    assert pairs(looks) == [(3, 8)]


def test_that_different_pictures_of_one_style_are_not_copies():
    assert pairs([look(scene(seed), str(seed)) for seed in range(300)]) == []


def test_that_files_with_the_same_bytes_are_copies_even_if_they_cannot_be_opened(tmp_path: Path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"no picture at all")
    looks = survey([tmp_path / "a.jpg", tmp_path / "b.jpg"])
    found = find_copies(looks)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert found.similarity.tolist() == [1.0]


def test_that_files_that_cannot_be_read_at_all_match_nothing(tmp_path: Path):
    looks = survey([tmp_path / "gone.jpg", tmp_path / "gone too.jpg"])
    assert pairs(looks) == []


def test_that_blank_pictures_are_not_called_copies_of_one_another():
    looks = [look(Image.new("RGB", (64, 64), (shade, shade, shade)), str(shade)) for shade in range(0, 200, 20)]
    assert pairs(looks) == []


def test_that_features_keep_lookalikes_of_different_things_apart():
    looks = [look(scene(1), "a"), look(recompressed(scene(1)), "b")]
    assert pairs(looks, unit([[1, 0], [1, 0.1]])) == [(0, 1)]
    assert pairs(looks, unit([[1, 0], [0, 1]])) == []


def test_that_a_picture_without_features_is_still_compared_by_its_pixels():
    looks = [look(scene(1), "a"), look(recompressed(scene(1)), "b")]
    assert pairs(looks, np.array([[1, 0], [0, 0]], dtype=np.float32)) == [(0, 1)]


def one_kind_of_thing(count: int) -> tuple[list[Look], np.ndarray]:
    """Different pictures whose features are all alike, as in a factory; the last is a copy of the last but one."""
    looks = [look(scene(seed), str(seed)) for seed in range(count)]
    looks.append(look(scene(count - 1).resize((90, 70)), "copy"))
    features = np.random.default_rng(0).standard_normal((count + 1, 1280)).astype(np.float32) + 2.0
    features[-1] = features[-2]
    return looks, features / np.linalg.norm(features, axis=1, keepdims=True)


def test_that_where_all_pictures_show_the_same_thing_the_copies_are_still_among_those_compared(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(candidates, "MOST_CANDIDATES", 50)
    looks, features = one_kind_of_thing(60)
    assert (59, 60) in pairs(looks, features)


def test_that_where_all_pictures_show_the_same_thing_memory_stays_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(candidates, "MOST_CANDIDATES", 15_000)
    looks, features = one_kind_of_thing(200)
    tracemalloc.start()
    try:
        assert (199, 200) in pairs(looks, features)
        assert tracemalloc.get_traced_memory()[1] < 75e6
    finally:
        tracemalloc.stop()


def test_that_three_copies_make_one_group():
    looks = [look(scene(seed), str(seed)) for seed in range(3)]
    looks += [look(recompressed(scene(1)), "b"), look(cropped(scene(1)), "c")]
    groups = find_copies(looks).groups(len(looks))
    assert groups[1] == groups[3] == groups[4]
    assert len(set(groups.tolist())) == 3


def test_that_groups_are_joined_through_any_chain_of_pairs():
    groups = groups_of(6, np.array([4, 0, 2]), np.array([5, 2, 4]))
    assert groups.tolist() == [0, 1, 0, 2, 0, 0]


def test_that_a_cancelled_search_ends_with_what_it_has():
    cancel = threading.Event()
    cancel.set()
    looks = [look(scene(1), "a"), look(recompressed(scene(1)), "b")]
    assert len(find_copies(looks, cancel=cancel).first) == 0


def test_that_nothing_and_one_picture_are_no_error():
    assert pairs([]) == []
    assert pairs([look(scene(0), "a")]) == []
