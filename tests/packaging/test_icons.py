from __future__ import annotations

import io
import struct
from pathlib import Path

import make_icons
import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("icons")
    make_icons.make(folder)
    return folder


@pytest.mark.parametrize("side", make_icons.SIZES)
def test_that_there_is_an_icon_of_each_size_with_clear_corners(icons: Path, side: int) -> None:
    with Image.open(icons / f"whisker-{side}.png") as icon:
        assert (icon.size, icon.mode) == ((side, side), "RGBA")
        pixels = np.asarray(icon)
    assert pixels[0, 0, 3] < 60, "the corners are round"
    assert pixels[side // 2, side // 2, 3] == 255


def test_that_the_icon_stands_out_on_light_and_on_dark(icons: Path) -> None:
    with Image.open(icons / "whisker-64.png") as icon:
        edge = np.asarray(icon.convert("RGB"))[32, 6].astype(float)
    for ground in (247.0, 25.0):
        assert abs(edge.mean() - ground) > 40


def test_that_windows_finds_each_size_in_the_ico(icons: Path) -> None:
    with Image.open(icons / "whisker.ico") as icon:
        assert icon.info["sizes"] == {(side, side) for side in make_icons.ICO}


def test_that_macos_finds_each_size_in_the_icns(icons: Path) -> None:
    data = (icons / "whisker.icns").read_bytes()
    assert (data[:4], struct.unpack(">I", data[4:8])[0]) == (b"icns", len(data))
    at, sides = 8, set()
    while at < len(data):
        length = struct.unpack(">I", data[at + 4 : at + 8])[0]
        with Image.open(io.BytesIO(data[at + 8 : at + length])) as icon:
            sides.add(icon.width)
        at += length
    assert sides == set(make_icons.ICNS)


def test_that_the_same_drawing_gives_the_same_bytes() -> None:
    assert make_icons.png(32) == make_icons.png(32)
