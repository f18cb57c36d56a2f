"""ImageNet weights of VGG16 and ResNet50: fetched once, with consent, and believed only by their hash.

The files are those of keras.applications (MIT licence of the code; weights by the Visual Geometry Group, CC BY 4.0,
and by Microsoft Research, MIT). They are too large to ship.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import WeightsUnavailable
from engine.training.plan import Recipe, TrainingPlan

BLOCK = 1 << 18
TIMEOUT_S = 20.0
_BASE = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class Weights:
    """A file of pretrained weights.

    Attributes:
        name: Of the file.
        url: Where it is fetched from.
        size: Bytes.
        md5: Hexadecimal; the hash that keras.applications publishes.
    """

    name: str
    url: str
    size: int
    md5: str


KNOWN = {
    Recipe.VGG16: Weights(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        f"{_BASE}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        58_889_256,
        "6d6bbae143d832006294945121d1f1fc",
    ),
    Recipe.RESNET50: Weights(
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        f"{_BASE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        94_765_736,
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
}


def stored(weights: Weights, folder: Path) -> Path | None:
    """The file in `folder`, if it is there whole."""
    path = folder / weights.name
    return path if path.is_file() and _md5(path) == weights.md5 else None


def require(plan: TrainingPlan, folder: Path) -> None:
    """Make sure before a run that it will not end for want of a word.

    Raises:
        WeightsUnavailable: the recipe needs weights that are not in `folder`, and nobody agreed to fetch them.
    """
    wanted = KNOWN.get(plan.recipe)
    if wanted and not plan.weights and not plan.fetch_weights and stored(wanted, folder) is None:
        raise _no_consent(wanted)


def obtain(
    weights: Weights, folder: Path, *, consent: bool, progress: Callable[[int, int], None], check: Callable[[], None]
) -> Path:
    """The file from `folder`, fetched into it first if need be. Nothing half-made stays behind.

    Args:
        consent: Whether the person agreed to fetch it.
        progress: Told bytes fetched, and of how many.
        check: Called between blocks; raises when the run is cancelled.

    Raises:
        WeightsUnavailable: there is no consent, no network, or the file is not the one that was asked for.
    """
    present = stored(weights, folder)
    if present is not None:
        return present
    if not consent:
        raise _no_consent(weights)
    elsewhere = _elsewhere(weights)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{weights.name}.{os.getpid()}"
    try:
        _fetch(weights, partial, progress, check)
        if _md5(partial) != weights.md5:
            raise WeightsUnavailable(
                f"What was fetched is not {weights.name}: its hash is wrong.", f"Try again later. {elsewhere}"
            )
        os.replace(partial, folder / weights.name)
    except urllib.error.HTTPError as error:
        error.close()
        raise WeightsUnavailable(
            f"{weights.name} could not be fetched: its server answered {error.code}.", f"Try again later. {elsewhere}"
        ) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise WeightsUnavailable(
            f"{weights.name} could not be fetched: there is no way to {urllib.request.Request(weights.url).host}.",
            f"Connect to the internet and try again. {elsewhere}",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return folder / weights.name


def sweep(folder: Path) -> None:
    """Remove what a training that was killed had fetched so far. One training runs at a time on a home."""
    for partial in folder.glob(".*"):
        partial.unlink(missing_ok=True)


def _elsewhere(weights: Weights) -> str:
    return f"Or fetch {weights.name} elsewhere and name that file."


def _no_consent(weights: Weights) -> WeightsUnavailable:
    return WeightsUnavailable(
        f"This recipe needs ImageNet weights of {round(weights.size / 1e6)} MB, which are fetched once.",
        f"Agree to fetching them. {_elsewhere(weights)}",
    )


def _fetch(weights: Weights, partial: Path, progress: Callable[[int, int], None], check: Callable[[], None]) -> None:
    with urllib.request.urlopen(weights.url, timeout=TIMEOUT_S) as answer, partial.open("wb") as file:
        fetched = 0
        while block := answer.read(BLOCK):
            check()
            fetched += len(block)
            if fetched > weights.size:
                raise WeightsUnavailable(
                    f"What came for {weights.name} is larger than it should be.", "Try again later."
                )
            file.write(block)
            progress(fetched, weights.size)
    if fetched < weights.size:
        raise WeightsUnavailable(
            f"Only {fetched / 1e6:.1f} of {weights.size / 1e6:.1f} MB of {weights.name} came.", "Try again."
        )


def _md5(path: Path) -> str:
    # MD5 is what keras.applications publishes; it guards against damage and mix-ups here.
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
