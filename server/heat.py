"""Heat maps as pictures, in the colours of the theme."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine import images
from engine.paths import resources
from server.limits import IMAGE

SIDE = 1024
"""Longest side of a picture with its heat map, pixels."""
_VEIL = 256


def veil(heat: npt.NDArray[np.float32], size: tuple[int, int] = (_VEIL, _VEIL)) -> Image.Image:
    """A heat map, float32 [h, w] of 0 to 1, as a transparent picture, mode RGBA, to be laid over the one it is of."""
    grey = Image.fromarray(np.round(np.clip(heat, 0, 1) * 255).astype(np.uint8))
    return Image.fromarray(_ramp()[np.asarray(grey.resize(size, Image.Resampling.BICUBIC))])


def over_picture(data: bytes, name: str, heat: npt.NDArray[np.float32]) -> Image.Image:
    """The picture, at most SIDE pixels long, with its heat map laid over it; mode RGB."""
    picture = images.open_rgb(data, (SIDE, SIDE), name=name, limits=IMAGE)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return Image.alpha_composite(picture.convert("RGBA"), veil(heat, picture.size)).convert("RGB")


@cache
def _ramp() -> npt.NDArray[np.uint8]:
    """uint8 [256, 4]: colour and opacity for each warmth, from the theme's stops."""
    tokens = json.loads((resources() / "theme" / "tokens.json").read_text(encoding="utf-8"))
    stops = [(at, *bytes.fromhex(colour[1:]), opacity * 255) for at, colour, opacity in tokens["heat"]]
    places, *channels = zip(*stops, strict=True)
    warmth = np.arange(256) / 255
    ramp = np.stack([np.interp(warmth, places, channel) for channel in channels], axis=1)
    # What is cold stays as it is.
    ramp[:, 3] *= np.minimum(warmth / 0.3, 1.0)
    return np.round(ramp).astype(np.uint8)
