"""The photos that benchmarks run on: those of a folder, or made up where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.folder_run import find_images


def photos(folder: Path | None, count: int, scratch: Path) -> list[Path]:
    """`count` JPEGs below `folder`, repeated if there are fewer, or synthetic ones written to `scratch`."""
    if folder is None:
        found = [synthetic_photo(scratch / f"{n}.jpg", 500, 375, seed=n) for n in range(min(count, 200))]
    else:
        found = [path for path in find_images([folder]) if path.suffix.lower() in (".jpg", ".jpeg")]
    if not found:
        raise SystemExit(f"There are no JPEGs in {folder}.")
    return [found[n % len(found)] for n in range(count)]


def synthetic_photo(file: Path, width: int, height: int, seed: int = 0) -> Path:
    """A JPEG with the detail of a photo: smooth shapes, edges and a little grain, about 0.2 bytes a pixel."""
    chance = np.random.default_rng(seed)
    shapes = Image.fromarray(chance.integers(0, 256, (height // 60 + 2, width // 60 + 2, 3), dtype=np.uint8))
    smooth = np.asarray(shapes.resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = chance.integers(-9, 10, (height // 2 + 1, width // 2 + 1, 1), dtype=np.int16)
    grain = grain.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(file, quality=85)
    return file
