"""Pictures of nothing: what a model for everyday things should not put a name to.

Noise, plain colours, gradients, patterns, clouds, and the flat graphics of pages, windows and charts, all made here.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Random = np.random.Generator


def pictures_of_nothing(rounds: int, seed: int) -> Iterator[tuple[str, Image.Image]]:
    """`rounds` pictures of each kind, with the kind's name."""
    random = np.random.default_rng(seed)
    for _ in range(rounds):
        side = int(random.integers(150, 700))
        for make in (_noise, _grain, _plain, _gradient, _stripes, _checks, _clouds):
            yield make.__name__.strip("_"), make(random, side)
        for draw in (_page, _window, _chart):
            yield draw.__name__.strip("_"), draw(random)


def _rgb(values: npt.NDArray[Any]) -> Image.Image:
    clipped = np.clip(values, 0, 255).astype(np.uint8)
    return Image.fromarray(clipped if clipped.ndim == 3 else np.stack([clipped] * 3, axis=-1))


def _colour(random: Random) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(0, 256, 3))
    return red, green, blue


def _noise(random: Random, side: int) -> Image.Image:
    return _rgb(random.integers(0, 256, (side, side, 3)))


def _grain(random: Random, side: int) -> Image.Image:
    return _rgb(random.normal(random.integers(40, 220), random.integers(10, 60), (side, side)))


def _plain(random: Random, side: int) -> Image.Image:
    return Image.new("RGB", (side, side), _colour(random))


def _gradient(random: Random, side: int) -> Image.Image:
    rows, columns = (int(value) for value in random.integers(2, 12, 2))
    return _rgb(random.integers(0, 256, (rows, columns, 3))).resize((side, side), Image.Resampling.BICUBIC)


def _stripes(random: Random, side: int) -> Image.Image:
    y, x = np.mgrid[:side, :side]
    pitch, angle = random.uniform(0.02, 0.4), random.uniform(0, np.pi)
    return _rgb(127 + 120 * np.sin(pitch * (x * np.cos(angle) + y * np.sin(angle))))


def _checks(random: Random, side: int) -> Image.Image:
    y, x = np.mgrid[:side, :side]
    cell = int(random.integers(8, 60))
    return _rgb((x // cell + y // cell) % 2 * 255)


def _clouds(random: Random, side: int, points: int = 256) -> Image.Image:
    """Noise whose strength falls with frequency, as in nature."""
    frequencies = np.hypot(*np.meshgrid(np.fft.fftfreq(points), np.fft.fftfreq(points))) + 1e-3
    spectrum = np.fft.fft2(random.normal(size=(points, points, 3)), axes=(0, 1))
    field = np.real(np.fft.ifft2(spectrum / frequencies[..., None] ** random.uniform(0.7, 1.8), axes=(0, 1)))
    return _rgb((field - field.min()) / (field.max() - field.min()) * 255)


def _words(random: Random, count: int) -> str:
    letters = list(string.ascii_lowercase)
    return " ".join("".join(random.choice(letters, int(random.integers(2, 9)))) for _ in range(count))


def _page(random: Random) -> Image.Image:
    image = Image.new("RGB", (600, 800), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(int(random.integers(10, 28)))
    line = 40
    while line < 760:
        draw.text((40, line), _words(random, 9), fill="black", font=font)
        line += int(random.integers(18, 40))
    return image


def _window(random: Random) -> Image.Image:
    image = Image.new("RGB", (1000, 640), _colour(random))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        left, top = int(random.integers(0, 900)), int(random.integers(0, 560))
        corner = (left + int(random.integers(30, 300)), top + int(random.integers(15, 120)))
        draw.rectangle(((left, top), corner), fill=_colour(random))
        draw.text((left + 4, top + 4), _words(random, 4), fill="white")
    return image


def _chart(random: Random) -> Image.Image:
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    curve = [(float(x), 240 + 80 * float(random.normal())) for x in np.linspace(40, 600, 30)]
    draw.line(curve, fill=_colour(random), width=3)
    draw.line(((40, 20), (40, 440), (600, 440)), fill="black")
    return image
