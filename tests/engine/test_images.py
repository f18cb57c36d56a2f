from __future__ import annotations

import contextlib
import io
import os
import random
import socket
import stat
import struct
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import IFDRational

from engine import images
from engine.errors import (
    ImageEmpty,
    ImageError,
    ImageFormatUnsupported,
    ImageNotAllowed,
    ImageNotFound,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageTruncated,
    ImageUnreadable,
)
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
    grey16,
    png,
    png16,
    scene,
    stored_turned,
    tiff,
    upright_scene,
)

ORIENTED = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF")


def refusal(source: Path | bytes, name: str = "", limits: images.Limits = images.DESKTOP) -> ImageError:
    """The error that opening raises, after a look at its words."""
    with pytest.raises(ImageError) as caught:
        images.open_rgb(source, name=name, limits=limits)
    error = caught.value
    named = name or (source.name if isinstance(source, Path) else "The picture")
    assert error.message.startswith(named)
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    assert "Error" not in str(error)
    assert "Traceback" not in str(error)
    return error


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


@pytest.mark.parametrize(("form", "kind"), [("JPEG2000", "a JPEG 2000 picture"), ("ICO", "an icon"), ("PPM", "")])
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


EXTREMES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f")


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Damage of the kinds that happen and that are made: flipped bytes, cuts, repeats, huge numbers."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        # Headers decide most, so a good part of the damage goes to the first 64 bytes.
        at = chance.randrange(min(64, len(data)) if chance.random() < 0.3 else len(data))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            data[at : at + 4] = chance.choice(EXTREMES)
        elif kind == 3:
            del data[at : at + chance.randint(1, 40)]
        else:
            data[at:at] = data[at : at + chance.randint(1, 40)]
        if not data:
            return b"\0"
    return bytes(data)


MUTATED = {
    "JPEG": lambda: encoded(stored_turned(scene(), 6), "JPEG", exif=exif(6)),
    "progressive JPEG": FORMATS["progressive.jpg"],
    "PNG": lambda: encoded(scene(), "PNG", exif=exif(6)),
    "palette PNG": TRANSPARENT_FORMATS["palette-alpha.png"],
    "16-bit PNG": lambda: png16(grey16()),
    "BMP": FORMATS["palette.bmp"],
    "DIB": FORMATS["headless.dib"],
    "TIFF": lambda: encoded(scene(), "TIFF", exif=exif(6)),
    "LZW TIFF": FORMATS["lzw.tif"],
    "float TIFF": GREY_FORMATS["float01.tif"],
    "WebP": lambda: encoded(scene(), "WEBP", exif=exif(6)),
    "animated WebP": FORMATS["animated.webp"],
    "AVIF": lambda: encoded(scene(), "AVIF", exif=exif(6)),
    "HEIC": lambda: encoded(scene(), "HEIF", exif=exif(6)),
    "GIF": FORMATS["animated.gif"],
    "MPO": FORMATS["several.mpo"],
}
SMALL = images.Limits(max_bytes=1 << 20, max_pixels=4_000_000)


def storm(form: str, seeds: range) -> None:
    content = MUTATED[form]()
    for seed in seeds:
        damaged = mutate(content, random.Random(seed))
        with contextlib.suppress(ImageError):
            assert images.open_rgb(damaged, (32, 32), limits=SMALL).mode == "RGB", seed


@pytest.mark.parametrize("form", MUTATED)
def test_that_damage_of_any_kind_ends_in_a_picture_or_an_image_error(form: str) -> None:
    storm(form, range(250))


@pytest.mark.slow
@pytest.mark.parametrize("form", MUTATED)
@pytest.mark.parametrize("block", range(1, 4))
def test_that_much_damage_of_any_kind_ends_in_a_picture_or_an_image_error(form: str, block: int) -> None:
    storm(form, range(block * 2000, block * 2000 + 2000))


def test_that_pillow_itself_agrees_on_what_upright_means() -> None:
    content = encoded(stored_turned(picture(7, (90, 60)), 7), "PNG", exif=exif(7))
    theirs = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    assert np.array_equal(np.asarray(images.open_rgb(content)), np.asarray(theirs))
