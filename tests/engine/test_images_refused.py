from __future__ import annotations

import os
import socket
import stat
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.errors import (
    ImageFormatUnsupported,
    ImageNotAllowed,
    ImageNotFound,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageUnreadable,
)
from tests.engine.image_files import encoded, png, refusal, scene, tiff


def test_that_a_file_over_the_byte_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(encoded(scene(), "PNG") + bytes(5_000_000))
    limits = images.Limits(max_bytes=2_000_000, max_pixels=10**6)
    assert isinstance(refusal(file.read_bytes(), limits=limits), ImageTooLarge)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was read"))
    error = refusal(file, limits=limits)
    assert isinstance(error, ImageTooLarge)
    assert "4.8 MB" in error.message
    assert "2 MB" in error.message


def test_that_a_file_that_grows_while_it_is_read_still_meets_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "growing.png"
    file.write_bytes(bytes(4_000_000))
    real = Path.stat

    def before_it_grew(self: Path, **options: bool) -> os.stat_result:
        fields = list(real(self, **options))
        fields[stat.ST_SIZE] = 10
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "stat", before_it_grew)
    assert isinstance(refusal(file, limits=images.Limits(10**6, 10**6)), ImageTooLarge)


def test_that_the_pixel_limit_holds_before_anything_is_decoded() -> None:
    limits = images.Limits(max_bytes=10**7, max_pixels=1_000_000)
    for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP"):
        error = refusal(encoded(Image.new("L", (1200, 1000)), form), limits=limits)
        assert isinstance(error, ImageTooManyPixels)
        assert "1200 x 1000" in error.message


@pytest.mark.parametrize("side", [15_000, 60_000])
def test_that_a_header_that_claims_billions_of_pixels_is_refused_at_once(side: int) -> None:
    began = time.perf_counter()
    assert isinstance(refusal(png(side, side, 8, 2, b"\0")), ImageTooManyPixels)
    assert time.perf_counter() - began < 1


def test_that_a_text_bomb_inside_a_png_does_not_unfold() -> None:
    bomb = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    content = png(1, 1, 8, 2, b"\0\1\2\3", (b"zTXt", bomb))
    assert len(content) < 300_000
    assert isinstance(refusal(content), ImageUnreadable)


def test_that_running_out_of_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", full)
    assert isinstance(refusal(encoded(scene(), "PNG")), ImageTooManyPixels)


def test_that_a_folder_is_not_a_picture(tmp_path: Path) -> None:
    folder = tmp_path / "album.jpg"
    folder.mkdir()
    error = refusal(folder)
    assert isinstance(error, ImageFormatUnsupported)
    assert "folder" in error.message


def test_that_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "gone.jpg"), ImageNotFound)
    (tmp_path / "file").touch()
    assert isinstance(refusal(tmp_path / "file" / "below.jpg"), ImageNotFound)
    dangling = tmp_path / "link.jpg"
    dangling.symlink_to(tmp_path / "nowhere.jpg")
    assert isinstance(refusal(dangling), ImageNotFound)


def test_that_a_link_that_leads_to_itself_is_an_image_error(tmp_path: Path) -> None:
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    refusal(loop)


def test_that_a_name_no_disk_can_hold_is_an_image_error(tmp_path: Path) -> None:
    refusal(tmp_path / ("n" * 3000 + ".jpg"))
    refusal(tmp_path / "nul\0byte.jpg")


def test_that_a_file_one_may_not_read_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.jpg"
    file.write_bytes(encoded(scene(), "JPEG"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    error = refusal(file)
    assert isinstance(error, ImageNotAllowed)
    assert "permissions" in error.hint


def test_that_a_failing_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded(scene(), "JPEG"))

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    assert "Input/output error" in refusal(file).message


@pytest.mark.timeout(10)
def test_that_pipes_sockets_and_devices_do_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert isinstance(refusal(pipe), ImageFormatUnsupported)
    monkeypatch.chdir(tmp_path)  # A socket's path may not be long.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.jpg")
        assert isinstance(refusal(tmp_path / "socket.jpg"), ImageFormatUnsupported)
    assert isinstance(refusal(Path("/dev/zero")), ImageFormatUnsupported)


def test_that_a_name_that_is_no_text_is_shown_with_marks(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    with pytest.raises(ImageNotFound) as caught:
        images.open_rgb(file)
    assert caught.value.message.encode("utf-8").startswith(b"caf?.jpg")


def test_that_the_given_name_is_used_in_messages() -> None:
    assert refusal(b"%PDF-1.4", name="upload 3").message.startswith("upload 3 is a PDF")


def test_that_lab_colours_are_refused_by_name(tmp_path: Path) -> None:
    assert isinstance(refusal(tiff(np.zeros((8, 8, 3), np.uint8), photometric=8, bits=8)), ImageFormatUnsupported)
