"""Pictures that show where the model looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from engine import images
from engine.dataset.folder_names import cut
from engine.errors import FolderError
from engine.explain import explain
from engine.prediction import Prediction

if TYPE_CHECKING:
    import numpy.typing as npt

    from engine.prediction import Outcome
    from engine.predictor import Predictor

SIDE = 1024
"""Longest side of a heat-map picture, pixels."""
SUFFIX = ".heat.png"
LONGEST = 230
"""Bytes of a picture's name that are kept: with a number and the suffix it must stay below 255."""
# From cold to hot; read against any picture, and by the colour-blind, because it also grows lighter.
_COLOURS = np.array([[30, 20, 90], [140, 30, 130], [225, 70, 70], [250, 160, 40], [255, 250, 170]], np.float32)
_STRONGEST = 0.65


class HeatMaps:
    """Writes `<name>.heat.png` into `folder` for each answered picture.

    Args:
        folder: Made if it is missing.
        files: All pictures to come, so that equal names from different folders can be told apart from the start.

    Raises:
        FolderError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, predictor: Predictor, files: Sequence[Path]) -> None:
        self._folder = folder
        self._predictor = predictor
        self._names = names(files)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(f"{folder} could not be made ({error.strerror}).", "Choose another place.") from error

    def write(self, outcome: Outcome) -> None:
        """Write the heat map of an answer; a failure has none."""
        if not isinstance(outcome, Prediction) or outcome.path is None:
            return
        heat = explain(self._predictor, outcome.path, outcome.predicted_class, neighbours=0).heat
        picture = overlay(images.thumbnail(outcome.path, SIDE), heat)
        target = self._folder / self._names[outcome.path]
        try:
            picture.save(target)
        except OSError as error:
            raise FolderError(f"{target} could not be written ({error.strerror}).", "Choose another place.") from error


def names(files: Sequence[Path]) -> dict[Path, str]:
    """A file name for each picture's heat map, no two alike, even where case does not count.

    The picture's own name where that is unique among `files`; else with its suffix, else with its folder before it,
    else with a number.
    """
    found: dict[Path, str] = {}
    taken: set[str] = set()
    stems = Counter(file.stem.casefold() for file in files)
    full_names = Counter(file.name.casefold() for file in files)
    for file in files:
        if stems[file.stem.casefold()] == 1:
            base = file.stem
        elif full_names[file.name.casefold()] == 1:
            base = file.name
        else:
            base = f"{file.absolute().parent.name}-{file.name}"
        base = cut(base, LONGEST)
        name, number = base + SUFFIX, 2
        while name.casefold() in taken:
            name, number = f"{base} ({number}){SUFFIX}", number + 1
        taken.add(name.casefold())
        found[file] = name
    return found


def overlay(picture: Image.Image, heat: npt.NDArray[np.float32]) -> Image.Image:
    """Lay a heat map, float32 [h, w] of 0 to 1, over an RGB picture; cold places stay as they are."""
    smooth = Image.fromarray(np.round(heat * 255).astype(np.uint8)).resize(picture.size, Image.Resampling.BICUBIC)
    warmth = np.asarray(smooth, np.float32)[..., None] / 255
    steps = np.linspace(0, 1, len(_COLOURS))
    ramp = np.stack([np.interp(np.arange(256) / 255, steps, _COLOURS[:, channel]) for channel in range(3)], axis=1)
    colours = ramp.astype(np.float32)[np.asarray(smooth)]
    strength = _STRONGEST * warmth
    blended = np.asarray(picture, np.float32) * (1 - strength) + colours * strength
    return Image.fromarray(np.round(blended).astype(np.uint8))
