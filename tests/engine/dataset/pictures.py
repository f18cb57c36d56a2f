"""Pictures with the structure of photos, and what is done to copies of them."""

from __future__ import annotations

import numpy as np
from PIL import Image


def scene(seed: int, side: int = 200) -> Image.Image:
    """A picture with structure at several scales, as photos have."""
    random = np.random.default_rng(seed)
    layers = [
        np.asarray(Image.fromarray(random.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((side, side), 3), float)
        for n in (3, 6, 12, 40)
    ]
    return Image.fromarray(np.average(layers, axis=0, weights=(4, 3, 2, 1)).astype(np.uint8))


def cropped(image: Image.Image) -> Image.Image:
    return image.crop((6, 8, 196, 196))


def detailed(side: int) -> Image.Image:
    """A scene with edges and fine grain."""
    random = np.random.default_rng(5)
    pixels = np.asarray(scene(5, side), dtype=np.float32)
    edges = np.asarray(Image.fromarray(random.integers(0, 2, (14, 14), dtype=np.uint8) * 90).resize((side, side), 0))
    grain = random.normal(0, 10, (side, side))
    return Image.fromarray(np.clip(pixels * 0.5 + (edges + grain)[..., None], 0, 255).astype(np.uint8))


def grainy(seed: int, side: int = 160) -> Image.Image:
    """A picture that nothing is wrong with: structure, grain, full contrast."""
    grain = np.random.default_rng(seed).normal(0, 25, (side, side, 3))
    return Image.fromarray(np.clip(np.asarray(scene(seed, side), float) * 1.3 - 40 + grain, 0, 255).astype(np.uint8))
