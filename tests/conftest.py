"""What every test stands on: a home of its own, and small pictures made on the spot."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakeImage = Callable[..., Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # TensorFlow stays where it was imported once, and the window's guard against leaks walks through all that lives.
    items.sort(key=lambda item: item.path.parent.name == "child")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A throw-away $WHISKER_HOME for each test, so that no test can touch a real one."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("WHISKER_HOME", str(folder))
    monkeypatch.delenv("MODEL_PATH", raising=False)
    monkeypatch.delenv("UPLOAD_FOLDER", raising=False)
    return folder


def picture(seed: int = 0, size: tuple[int, int] = (32, 24), mode: str = "RGB") -> Image.Image:
    """A small smooth picture, different for each `seed`; `size` is (width, height)."""
    rough = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC).convert(mode)


@pytest.fixture
def make_image() -> MakeImage:
    """make_image(path, seed=0, size=(32, 24), mode="RGB") writes a picture in the format its suffix names."""

    def make(path: Path, seed: int = 0, size: tuple[int, int] = (32, 24), mode: str = "RGB") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(seed, size, mode).save(path)
        return path

    return make


@pytest.fixture
def labelled_folder(tmp_path: Path, make_image: MakeImage) -> Path:
    """A folder with four different pictures in each of the class folders cat/ and dog/."""
    folder = tmp_path / "labelled"
    for number, label in enumerate(("cat", "dog")):
        for i in range(4):
            make_image(folder / label / f"{i}.png", seed=10 * number + i)
    return folder


def lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The tests may run as root, whom no permission stops."""
    real = os.scandir

    def scandir(path: str | os.PathLike[str]) -> os._ScandirIterator[str]:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
