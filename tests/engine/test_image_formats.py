from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from engine import images
from engine.errors import ImageEmpty, ImageFormatUnsupported, ImageTruncated, ImageUnreadable
from tests.engine.image_files import encoded, refusal, scene, upright_scene


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("cut.jpg", "JPEG"),
        ("cut.png", "PNG"),
        ("cut.bmp", "BMP"),
        ("cut.tif", "TIFF"),
        ("cut.webp", "WEBP"),
        ("cut.avif", "AVIF"),
        ("cut.heic", "HEIF"),
        ("cut.gif", "GIF"),
    ],
)
@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_that_a_truncated_picture_is_named_as_such(tmp_path: Path, name: str, form: str, share: float) -> None:
    photo = Image.effect_noise((80, 80), 60).convert("RGB")
    content = encoded(photo.quantize(64) if form == "GIF" else photo, form)
    file = tmp_path / name
    file.write_bytes(content[: int(len(content) * share)])
    assert isinstance(refusal(file), ImageTruncated)


def test_that_a_progressive_jpeg_cut_after_its_first_scans_is_not_answered() -> None:
    content = encoded(Image.effect_noise((200, 200), 60).convert("RGB"), "JPEG", progressive=True)
    assert isinstance(refusal(content[: int(len(content) * 0.7)]), ImageTruncated)


def test_that_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    file = tmp_path / "empty.jpg"
    file.touch()
    assert isinstance(refusal(file), ImageEmpty)
    assert isinstance(refusal(b""), ImageEmpty)


def test_that_a_text_file_is_refused_by_what_it_claims_to_be(tmp_path: Path) -> None:
    text = b"Dear diary, today I was photographed.\n" * 9
    posing, honest = tmp_path / "photo.JPG", tmp_path / "diary.txt"
    posing.write_bytes(text)
    honest.write_bytes(text)
    assert isinstance(refusal(posing), ImageUnreadable)
    assert isinstance(refusal(honest), ImageFormatUnsupported)
    assert isinstance(refusal(text), ImageFormatUnsupported)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(40), "a film"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40), "a raw camera file"),
        (b"\x1aE\xdf\xa3" + bytes(40), "a film"),
        (b"  <!DOCTYPE html><title>Not found</title>", "a web page"),
        (b"8BPS\0\1" + bytes(40), "a Photoshop document"),
        (b"\0\0\1\0\1\0\x10\x10" + bytes(40), "an icon"),
    ],
)
def test_that_other_files_are_recognised_whatever_they_are_called(tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(content)
    error = refusal(file)
    assert isinstance(error, ImageFormatUnsupported)
    assert kind in error.message
    assert "JPEG" in error.hint


@pytest.mark.parametrize(("form", "kind"), [("JPEG2000", "a JPEG 2000 file"), ("ICO", "an icon"), ("PPM", "")])
def test_that_picture_formats_outside_the_list_are_refused(form: str, kind: str) -> None:
    error = refusal(encoded(scene(), form), name="scan.xyz")
    assert isinstance(error, ImageFormatUnsupported)
    assert kind in error.message


@pytest.mark.parametrize(
    "content", [b"\0", b"BM", b"GIF89a", b"II*\0", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", bytes(64)]
)
def test_that_a_bare_signature_is_an_image_error(content: bytes) -> None:
    refusal(content, name="stub.png")


def test_that_a_wrong_suffix_on_a_sound_picture_does_not_matter(tmp_path: Path) -> None:
    for name, form in (("really-a-png.jpg", "PNG"), ("really-a-heic.jpg", "HEIF"), ("no-suffix", "WEBP")):
        file = tmp_path / name
        file.write_bytes(encoded(scene(), form))
        assert upright_scene(images.open_rgb(file))
