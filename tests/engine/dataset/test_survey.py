"""Tests for the survey: each picture opened once, told in order, whatever the others are."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from engine.dataset.survey import look_at, survey
from engine.errors import ImageNotFound, ImageTruncated
from tests.conftest import MakeImage
from tests.engine.dataset.pictures import detailed


def test_that_looks_come_in_the_order_of_the_paths(tmp_path: Path, make_image: MakeImage):
    paths = [make_image(tmp_path / f"{n}.png", seed=n) for n in range(70)]
    seen: list[tuple[int, int]] = []
    looks = survey(paths[::-1], progress=lambda *numbers: seen.append(numbers), workers=3)
    assert [look.path for look in looks] == paths[::-1]
    assert seen[-1] == (70, 70)


def test_that_a_look_knows_content_format_and_size(tmp_path: Path, make_image: MakeImage):
    path = make_image(tmp_path / "a.jpg", size=(120, 80))
    path = path.rename(tmp_path / "a.png")
    look = look_at(path)
    assert look.content == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (look.form, look.width, look.height, look.size) == ("JPEG", 120, 80, path.stat().st_size)


def test_that_a_damaged_picture_is_told_and_the_others_are_still_seen(tmp_path: Path, make_image: MakeImage):
    good = make_image(tmp_path / "good.jpg", size=(300, 300))
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(good.read_bytes()[:900])
    looks = survey([cut, good, tmp_path / "gone.jpg"])
    assert isinstance(looks[0].error, ImageTruncated)
    assert looks[0].content
    assert looks[1].error is None
    assert isinstance(looks[2].error, ImageNotFound)
    assert not looks[2].content


def test_that_a_cancelled_survey_ends_early(tmp_path: Path, make_image: MakeImage):
    paths = [make_image(tmp_path / f"{n}.png") for n in range(100)]
    cancel = threading.Event()
    looks = survey(paths, progress=lambda *_: cancel.set(), cancel=cancel)
    assert 0 < len(looks) < 100


@pytest.mark.parametrize("side", [160, 224, 700])
def test_that_blur_shows_at_any_size(tmp_path: Path, side: int):
    sharp, soft = tmp_path / "sharp.png", tmp_path / "soft.png"
    photo = detailed(side)
    photo.save(sharp)
    photo.filter(ImageFilter.GaussianBlur(3 * side / 224)).save(soft)
    assert look_at(sharp).sharpness > 0.2
    assert look_at(soft).sharpness < 0.1


def test_that_a_soft_background_behind_a_sharp_subject_is_no_blur(tmp_path: Path):
    photo = detailed(224)
    soft = photo.filter(ImageFilter.GaussianBlur(5))
    soft.paste(photo.crop((60, 60, 180, 180)), (60, 60))
    soft.save(tmp_path / "portrait.png")
    assert look_at(tmp_path / "portrait.png").sharpness > 0.15


def test_that_motion_along_one_axis_is_blur(tmp_path: Path):
    pixels = np.asarray(detailed(224), dtype=np.float32)
    moved = np.mean([np.roll(pixels, shift, axis=1) for shift in range(11)], axis=0)
    Image.fromarray(moved.astype(np.uint8)).save(tmp_path / "moved.png")
    assert look_at(tmp_path / "moved.png").sharpness < 0.12


def test_that_fog_is_not_blur(tmp_path: Path):
    pixels = np.asarray(detailed(224), dtype=np.float32)
    Image.fromarray((pixels * 0.3 + 150).astype(np.uint8)).save(tmp_path / "fog.png")
    assert look_at(tmp_path / "fog.png").sharpness > 0.2


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 2), (15, 15)])
def test_that_tiny_and_thin_pictures_are_looked_at_too(tmp_path: Path, size: tuple[int, int]):
    Image.new("RGB", size, "red").save(tmp_path / "a.png")
    look = look_at(tmp_path / "a.png")
    assert (look.width, look.height) == size
    assert look.error is None
