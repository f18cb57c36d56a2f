from __future__ import annotations

import io
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import IFDRational

from engine import images
from tests.conftest import picture
from tests.engine.image_files import (
    DARK,
    FORMATS,
    GREY_FORMATS,
    RED,
    SIZE,
    TRANSPARENT_FORMATS,
    encoded,
    exif,
    png16,
    scene,
    stored_turned,
    upright_scene,
)

ORIENTED = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_opens_with_its_true_colours(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(FORMATS[name]())
    image = images.open_rgb(file)
    assert (image.mode, image.size) == ("RGB", SIZE)
    assert upright_scene(image)


@pytest.mark.parametrize("name", GREY_FORMATS)
def test_that_grey_of_any_depth_keeps_its_brightness(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(GREY_FORMATS[name]())
    image = images.open_rgb(file)
    assert image.mode == "RGB"
    difference = np.abs(np.asarray(image).astype(int) - np.asarray(scene().convert("L").convert("RGB")))
    assert np.median(difference) <= 2


def test_that_a_16_bit_picture_is_divided_by_257() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    assert np.array_equal(np.asarray(images.open_rgb(png16(ramp)))[0, :, 0], np.round(ramp[0] / 257))


def test_that_a_dark_16_bit_picture_stays_dark() -> None:
    dark = np.full((8, 8), 500, dtype=np.uint16)
    assert np.asarray(images.open_rgb(png16(dark))).max() == 2


def test_that_float_values_beyond_every_convention_are_stretched() -> None:
    values = np.linspace(-3.0, 8.0, 64, dtype=np.float32).reshape(8, 8)
    values[0, 3] = np.nan
    grey = np.asarray(images.open_rgb(encoded(Image.fromarray(values), "TIFF")))
    assert (grey.min(), grey.max()) == (0, 255)


def test_that_a_constant_float_picture_does_not_divide_by_zero() -> None:
    values = np.full((8, 8), -5.0, dtype=np.float32)
    assert np.asarray(images.open_rgb(encoded(Image.fromarray(values), "TIFF"))).max() == 0


def test_that_a_one_bit_picture_is_black_and_white() -> None:
    image = Image.new("1", (16, 16), 1)
    image.paste(0, (0, 0, 8, 16))
    for form in ("PNG", "TIFF", "BMP"):
        colours = np.asarray(images.open_rgb(encoded(image, form)))
        assert colours[4, 2].tolist() == [0, 0, 0]
        assert colours[4, 12].tolist() == [255, 255, 255]


@pytest.mark.parametrize("name", TRANSPARENT_FORMATS)
def test_that_transparency_is_laid_on_white_and_hidden_colours_stay_hidden(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(TRANSPARENT_FORMATS[name]())
    colours = np.asarray(images.open_rgb(file)).astype(int)
    assert np.abs(colours[10, 15] - RED).max() < 12
    assert np.abs(colours[10, 45] - 255).max() < 12
    assert np.abs(colours[30, 15] - 255).max() < 12


def test_that_half_transparent_is_half_white() -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert np.abs(np.asarray(images.open_rgb(encoded(image, "PNG"))).astype(int) - 127).max() <= 1


def test_that_a_transparent_16_bit_grey_is_laid_on_white() -> None:
    values = np.full((8, 8), 300, dtype=np.uint16)
    values[4:] = 30000
    content = png16(values, (b"tRNS", struct.pack(">H", 300)))
    grey = np.asarray(images.open_rgb(content))[:, 0, 0]
    assert grey.tolist() == [255] * 4 + [117] * 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ORIENTED)
def test_that_each_orientation_ends_upright_exactly_once(form: str, orientation: int) -> None:
    stored = stored_turned(scene(), orientation)
    content = encoded(stored, form, exif=exif(orientation), **({} if form in ("PNG", "TIFF") else {"quality": 95}))
    image = images.open_rgb(content)
    assert image.size == SIZE
    assert upright_scene(image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_scaled_decoding_and_orientation_go_together(orientation: int) -> None:
    content = encoded(stored_turned(scene((1200, 800)), orientation), "JPEG", exif=exif(orientation))
    image = images.open_rgb(content, (310, 190))
    assert image.width >= 310
    assert image.height >= 190
    assert image.width < 1200
    assert upright_scene(image)
    assert upright_scene(Image.fromarray(images.load(content, 64, 64)))


@pytest.mark.parametrize("value", [0, 9, 77, -3, "6", b"\xff\xfe", IFDRational(6, 1)])
def test_that_an_orientation_that_means_nothing_counts_as_upright(value: object) -> None:
    stored = scene()
    try:
        metadata = exif(value)
    except (struct.error, TypeError, ValueError):
        metadata = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + bytes([77, 0, 0, 0])
    assert upright_scene(images.open_rgb(encoded(stored, "JPEG", exif=metadata)))


@pytest.mark.parametrize(
    "metadata",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage that is no TIFF header at all",
        b"Exif\0\0II*\0\xff\xff\xff\x7f",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\xff\xff\xff\xff\6\0\0\0" * 3,
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x07\0\0\0\x04\xff\xff\xff\xff",
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_that_broken_metadata_counts_as_upright(form: str, metadata: bytes) -> None:
    assert upright_scene(images.open_rgb(encoded(scene(), form, exif=metadata)))


def test_that_broken_metadata_prints_nothing(tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded(scene(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0" * 9))
    code = f"from pathlib import Path; from engine.images import open_rgb; open_rgb(Path({str(file)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("stored", [(1600, 1200), (900, 700), (640, 200), (449, 449), (225, 2000)])
@pytest.mark.parametrize("wanted", [(224, 224), (260, 260), (64, 200)])
def test_that_scaled_decoding_never_gives_less_than_asked(
    stored: tuple[int, int], wanted: tuple[int, int], progressive: bool
) -> None:
    image = images.open_rgb(encoded(picture(3, stored), "JPEG", progressive=progressive), wanted)
    assert image.width >= min(wanted[0], stored[0])
    assert image.height >= min(wanted[1], stored[1])


def test_that_scaled_decoding_shows_the_model_the_same_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    photo = Image.fromarray(noise).resize((1600, 1200), Image.Resampling.BICUBIC)
    content = encoded(photo, "JPEG", quality=90)
    whole = images.fit(images.open_rgb(content), 224, 224)
    assert np.abs(images.load(content, 224, 224).astype(int) - whole).mean() < 1.0


def test_that_a_12_megapixel_photo_decodes_scaled_much_faster_than_whole() -> None:
    content = encoded(picture(4, (4000, 3000)), "JPEG", quality=90)

    def seconds(at_least: tuple[int, int] | None) -> float:
        began = time.perf_counter()
        images.open_rgb(content, at_least)
        return time.perf_counter() - began

    scaled, whole = zip(*[(seconds((224, 224)), seconds(None)) for _ in range(3)], strict=True)
    assert min(scaled) < min(whole) / 1.8


def test_that_a_heic_is_decoded_itself_and_not_its_embedded_preview() -> None:
    from pillow_heif import from_pillow, register_heif_opener

    register_heif_opener(thumbnails=True)
    stream = io.BytesIO()
    from_pillow(scene((512, 512))).save(stream, thumbnails=[300])
    assert images.open_rgb(stream.getvalue(), (64, 64)).size == (512, 512)


def test_that_a_picture_with_unequal_sides_is_squashed_to_the_models_size() -> None:
    array = images.load(encoded(scene((300, 100)), "PNG"), 32, 48)
    assert (array.shape, array.dtype) == ((48, 32, 3), np.uint8)
    assert upright_scene(Image.fromarray(array))


def test_that_a_single_pixel_is_a_picture() -> None:
    array = images.load(encoded(Image.new("RGB", (1, 1), DARK), "PNG"), 8, 8)
    assert np.all(array == np.array(DARK, dtype=np.uint8))


def test_that_a_thumbnail_keeps_proportions_and_is_never_enlarged() -> None:
    assert images.thumbnail(encoded(scene((600, 300)), "JPEG"), 100).size == (100, 50)
    assert images.thumbnail(encoded(scene((30, 20)), "PNG"), 100).size == (30, 20)
    assert images.thumbnail(encoded(Image.new("RGB", (3000, 1)), "PNG"), 64).size == (64, 1)


def test_that_threads_can_open_every_format_at_once() -> None:
    contents = [make() for make in (*FORMATS.values(),)]
    wrong: list[str] = []

    def work() -> None:
        for name, content in zip(FORMATS, contents, strict=True):
            if not upright_scene(images.open_rgb(content)):
                wrong.append(name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_that_pillow_itself_agrees_on_what_upright_means() -> None:
    content = encoded(stored_turned(picture(7, (90, 60)), 7), "PNG", exif=exif(7))
    theirs = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    assert np.array_equal(np.asarray(images.open_rgb(content)), np.asarray(theirs))
