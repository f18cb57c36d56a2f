"""Pictures to teach from in a test that really trains."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.conftest import picture


def fruit_folders(root: Path) -> list[Path]:
    """Two folders of generated pictures that even a small network tells apart: sixteen apples and as many plums."""
    folders = []
    for number, (label, tint) in enumerate((("apple", (210, 40, 30)), ("plum", (60, 30, 160)))):
        folder = root / label
        folder.mkdir(parents=True)
        for at in range(16):
            ground = picture(1000 * number + at, (160, 120))
            Image.blend(ground, Image.new("RGB", ground.size, tint), 0.55).save(folder / f"{at}.png")
        folders.append(folder)
    return folders
