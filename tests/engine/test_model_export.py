from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import paths
from engine.bulletin import Bulletin
from engine.card import Card
from engine.errors import FolderError, ModelBroken, TrainingCancelled
from engine.model_shelf import ModelShelf
from engine.paths import Home
from engine.predictor import Predictor
from tests.conftest import picture
from tests.engine.conftest import publish


def photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture with coarse and fine detail."""
    noise = np.random.default_rng(seed).normal(0, 20, (size[1], size[0], 3))
    smooth = np.asarray(picture(seed, size), np.float32)
    return Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8))


def grey_alpha(image: Image.Image) -> Image.Image:
    veil = Image.linear_gradient("L").resize(image.size)
    return Image.merge("LA", (image.convert("L"), veil))


def with_alpha(image: Image.Image) -> Image.Image:
    image.putalpha(Image.radial_gradient("L").resize(image.size))
    return image


def palette_with_hole(image: Image.Image) -> Image.Image:
    small = image.quantize(32)
    small.info["transparency"] = 3
    return small


def deep_grey(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def float_grey(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.float32) / 255)


def mixed_files(folder: Path) -> Iterator[Path]:
    """A hundred pictures in about every kind of file that a person may have."""
    sizes = [(640, 480), (97, 301), (1201, 900), (260, 260), (33, 20)]
    for number, size in enumerate(sizes):
        image = photo(number, size)
        kinds = {
            "plain.jpg": (image, {"quality": 80}),
            "grey.jpg": (image.convert("L"), {}),
            "cmyk.jpg": (image.convert("CMYK"), {}),
            "progressive.jpg": (image, {"progressive": True, "quality": 60}),
            "rgb.png": (image, {}),
            "alpha.png": (with_alpha(photo(number, size)), {}),
            "grey-alpha.png": (grey_alpha(image), {}),
            "palette.png": (image.quantize(64), {}),
            "hole.png": (palette_with_hole(image), {"transparency": 3}),
            "deep.png": (deep_grey(image), {}),
            "two.png": (image.convert("1"), {}),
            "lossy.webp": (image, {"quality": 70}),
            "alpha.webp": (with_alpha(photo(number, size)), {"lossless": True}),
            "first.gif": (image, {"save_all": True, "append_images": [photo(99, size)]}),
            "plain.bmp": (image, {}),
            "plain.tiff": (image, {}),
            "float.tiff": (float_grey(image), {}),
        }
        for name, (kind, options) in kinds.items():
            path = folder / f"{number} {name}"
            kind.save(path, **options)
            yield path
        for orientation in (3, 6, 8):
            path = folder / f"{number} turned {orientation}.jpg"
            exif = Image.Exif()
            exif[0x0112] = orientation
            image.save(path, exif=exif)
            yield path


def test_that_the_kit_gives_the_programs_own_answers_on_a_hundred_mixed_files(home: Path, tmp_path: Path) -> None:
    """The sample runs in a process of its own, which knows nothing of Whisker."""
    shelf = ModelShelf(Home(home), paths.builtin_models(), Bulletin())
    kit = shelf.export("cats-dogs", tmp_path / "kit", "onnx")
    assert kit == tmp_path / "kit"
    files = list(mixed_files(tmp_path))
    assert len(files) == 100
    ran = subprocess.run(
        [sys.executable, "-I", kit / "classify.py", *files], cwd=kit, capture_output=True, text=True, timeout=200
    )
    assert ran.returncode == 0, ran.stderr
    predictor = Predictor(shelf.find("cats-dogs").folder)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["path"] for answer in answers] == [str(file) for file in files]
    for file, answer in zip(files, answers, strict=True):
        own = predictor.predict(file)
        said = [answer["probabilities"][name] for name in own.classes]
        assert np.abs(np.array(said) - own.probabilities).max() <= 1e-4, file.name
        assert (answer["predicted_class"], answer["unknown"]) == (own.predicted_class, own.unknown), file.name


def test_that_the_sample_needs_no_more_than_three_libraries_and_few_lines() -> None:
    source = (paths.resources() / "kit" / "classify.py").read_text(encoding="utf-8")
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import", "from"))}
    assert imported == {"json", "os", "sys", "pathlib", "numpy", "onnxruntime", "PIL"}
    assert len(source.splitlines()) <= 32


def test_that_the_kit_tells_what_it_is(shelf: ModelShelf, tmp_path: Path) -> None:
    readme = (shelf.export("cats-dogs", tmp_path, "onnx") / "README.md").read_text(encoding="utf-8")
    assert "# Cats dogs" in readme
    assert "cat, dog" in readme
    assert "100.0% of 20 (95 % sure: 83.9% to 100.0%)" in readme
    assert "uint8 [batch, 32, 32, 3]" in readme
    assert "- `probabilities` float32 [batch, 2]: how sure" in readme


def test_that_a_destination_ending_in_onnx_is_the_lone_file(shelf: ModelShelf, tmp_path: Path) -> None:
    written = shelf.export("cats-dogs", tmp_path / "new" / "pets.onnx", "onnx")
    assert written.read_bytes() == (shelf.find("cats-dogs").folder / "model.onnx").read_bytes()
    assert list((tmp_path / "new").iterdir()) == [written]


def test_that_a_folder_that_exists_gets_something_new_in_it(shelf: ModelShelf, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    kit = shelf.export("cats-dogs", tmp_path / "out", "onnx")
    assert kit == tmp_path / "out" / "cats-dogs-1"
    assert sorted(path.name for path in kit.iterdir()) == ["README.md", "classify.py", "model.onnx"]
    assert shelf.export("cats-dogs", tmp_path / "out", "keras") == tmp_path / "out" / "cats-dogs-1.keras"
    for form in ("onnx", "keras"):
        with pytest.raises(FolderError, match="is there already"):
            shelf.export("cats-dogs", tmp_path / "out", form)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_that_an_exported_kit_and_its_lone_file_can_be_imported_again(shelf: ModelShelf, tmp_path: Path) -> None:
    kit = shelf.export("cats-dogs", tmp_path / "kit", "onnx")
    for source in (kit, kit / "model.onnx"):
        entry = shelf.import_bundle(source, "back")
        card = Card.read(entry.folder)
        original = shelf.find("cats-dogs").card
        assert (card.classes, card.input, card.golden) == (original.classes, original.input, original.golden)
    assert entry.version == 2


@pytest.mark.slow
def test_that_a_tensorflow_lite_export_answers_like_the_model(home: Path, tmp_path: Path) -> None:
    shelf = ModelShelf(Home(home), paths.builtin_models(), Bulletin())
    written = shelf.export("cats-dogs", tmp_path, "tflite")
    assert written.name == "cats-dogs-1.tflite"
    content = written.read_bytes()
    assert content[4:8] == b"TFL3"
    assert len(content) < 12e6
    assert [path.name for path in tmp_path.iterdir()] == [written.name]


@pytest.mark.slow
def test_that_a_conversion_can_be_cancelled(home: Path, tmp_path: Path) -> None:
    shelf = ModelShelf(Home(home), paths.builtin_models(), Bulletin())
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    with pytest.raises(TrainingCancelled):
        shelf.export("cats-dogs", tmp_path, "tflite", cancel=cancel)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_that_a_keras_file_that_is_none_is_a_sentence(shelf: ModelShelf, tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match="is no Keras model"):
        shelf.export("cats-dogs", tmp_path / "x.tflite", "tflite")
    assert not (tmp_path / "x.tflite").exists()


def test_that_an_export_answers_on_its_own(shelf: ModelShelf, tmp_path: Path) -> None:
    publish(shelf, "my pets")
    into_folder = shelf.export("my pets", tmp_path, "onnx")
    assert into_folder == tmp_path / "my pets-1"
    assert Predictor(into_folder / "model.onnx").classes == ("cat", "dog")
    as_file = shelf.export("my pets@1", tmp_path / "new" / "model.keras", "keras")
    assert as_file.read_bytes() == (shelf.find("my pets").folder / "model.keras").read_bytes()


def test_that_an_export_overwrites_nothing_and_says_what_it_cannot(shelf: ModelShelf, tmp_path: Path) -> None:
    precious = tmp_path / "precious.onnx"
    precious.write_bytes(b"precious")
    with pytest.raises(FolderError, match="there already"):
        shelf.export("cats-dogs", precious, "onnx")
    assert precious.read_bytes() == b"precious"
    with pytest.raises(FolderError, match="could not be written"):
        shelf.export("cats-dogs", precious / "below" / "x.onnx", "onnx")
    assert list(tmp_path.glob(".*")) == []
    with pytest.raises(FolderError, match="as coreml"):
        shelf.export("cats-dogs", tmp_path, "coreml")
    (publish(shelf).folder / "model.keras").unlink()
    with pytest.raises(ModelBroken, match=r"model\.keras"):
        shelf.export("pets", tmp_path, "keras")
