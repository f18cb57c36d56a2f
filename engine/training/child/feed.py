"""Batches for Keras: decoded by the engine's own reader, varied a little differently in each epoch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from engine import images

Batch = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], npt.NDArray[np.float32]]

LARGEST_TURN = 20.0  # degrees at full strength
SMALLEST_CROP = 0.4  # of the side, at full strength
LARGEST_RELIGHT = 0.4
MIXUP_ALPHA = 0.2


class Feed(keras.utils.PyDataset):  # type: ignore[misc]
    """Pictures as `(uint8 [n, side, side, 3], one-hot float32 [n, classes], weights float32 [n])`.

    Decoding runs beside the training, a few batches ahead, so memory is bounded for any number of pictures.

    Args:
        paths, labels: The pictures, and int [n] their classes.
        classes: Number of classes.
        side: Pixels.
        batch: Pictures in a batch.
        class_weights: float32 [classes].
        strength: 0 for pictures as they are (validation), to 1 for the strongest variation.
        mixup: Whether to blend pairs of pictures and their labels (Zhang et al. 2018, arXiv:1710.09412).
        seed: Of order and variation.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        labels: npt.NDArray[np.int64],
        *,
        classes: int,
        side: int,
        batch: int,
        class_weights: npt.NDArray[np.float32] | None = None,
        strength: float = 0.0,
        shuffle: bool = False,
        mixup: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=4)
        self._paths = list(paths)
        self._labels = labels
        self._targets = np.eye(classes, dtype=np.float32)
        self._side = side
        self._batch = batch
        self._weights = np.ones(classes, np.float32) if class_weights is None else class_weights
        self._strength = strength
        self._shuffle = shuffle
        self._mixup = mixup
        self._seed = seed
        self._epoch = 0
        self._order = self._ordered()
        self._decoders = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="decode")

    def __len__(self) -> int:
        return -(-len(self._paths) // self._batch)

    def __getitem__(self, index: int) -> Batch:
        chosen = self._order[index * self._batch : (index + 1) * self._batch]
        random = np.random.default_rng((self._seed, self._epoch, index))
        seeds = random.integers(2**32, size=len(chosen))
        pictures = np.stack(list(self._decoders.map(self._picture, chosen, seeds)))
        targets, weights = self._targets[self._labels[chosen]], self._weights[self._labels[chosen]]
        if self._mixup and len(chosen) > 1:
            share = np.float32(random.beta(MIXUP_ALPHA, MIXUP_ALPHA))
            other = random.permutation(len(chosen))
            blended = share * pictures.astype(np.float32) + (1 - share) * pictures[other]
            pictures = np.round(blended).astype(np.uint8)
            targets = share * targets + (1 - share) * targets[other]
            weights = share * weights + (1 - share) * weights[other]
        return pictures, targets, weights

    def on_epoch_end(self) -> None:
        self.start_epoch(self._epoch + 1)

    def start_epoch(self, epoch: int) -> None:
        """Order and variation of epoch `epoch`, the same whenever it is run: a resumed run goes on as if unbroken."""
        self._epoch = epoch
        self._order = self._ordered()

    def _ordered(self) -> npt.NDArray[np.intp]:
        order = np.arange(len(self._paths))
        return np.random.default_rng((self._seed, self._epoch)).permutation(order) if self._shuffle else order

    def _picture(self, index: int, seed: int) -> npt.NDArray[np.uint8]:
        side = self._side
        if not self._strength:
            return images.load(self._paths[index], side, side)
        # A crop is enlarged again, so the picture is decoded larger than the network sees it.
        wanted = int(side / (1 - SMALLEST_CROP * self._strength))
        image = images.open_rgb(self._paths[index], (wanted, wanted))
        return varied(image, side, self._strength, np.random.default_rng(seed))


def varied(image: Image.Image, side: int, strength: float, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Crop, mirror, turn and re-light a picture at random: uint8 [side, side, 3].

    Args:
        strength: 0 to 1; at 0 only mirroring is left.
    """
    width, height = image.size
    share = 1 - random.uniform(0, SMALLEST_CROP * strength)
    stretch = np.exp(random.uniform(-0.2, 0.2) * strength)
    crop = (min(1.0, share * stretch) * width, min(1.0, share / stretch) * height)
    left, top = random.uniform(0, width - crop[0]), random.uniform(0, height - crop[1])
    small = image.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + crop[0], top + crop[1]))
    if random.random() < 0.5:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if strength:
        turn = random.uniform(-LARGEST_TURN, LARGEST_TURN) * strength
        mean = tuple(int(value) for value in np.asarray(small).mean(axis=(0, 1)))
        small = small.rotate(turn, Image.Resampling.BILINEAR, fillcolor=mean)
        for adjust in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            small = adjust(small).enhance(1 + random.uniform(-LARGEST_RELIGHT, LARGEST_RELIGHT) * strength)
    return np.asarray(small)
