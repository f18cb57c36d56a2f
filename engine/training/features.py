"""Features of pictures from a frozen backbone, computed once and kept.

No TensorFlow: onnxruntime runs the int8 backbones of resources/backbones, one one-thread session shared by as many
threads as there are cores, each of which decodes its own pictures.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from PIL import Image

from engine import images, paths
from engine.card import file_sha256
from engine.dataset.look_memory import LookMemory
from engine.dataset.survey import SIDE, Look, measured
from engine.errors import ImageError
from engine.image_formats import signature
from engine.remembered import Remembered
from engine.training.alterations import MIRRORED, PLAIN, alter

Floats = npt.NDArray[np.float32]

FEATURES = 1280
CHUNK = 4
"""Pictures run through the network together; larger batches are slower (docs/performance.md)."""


@dataclass(frozen=True)
class Extracted:
    """Features of n pictures.

    Attributes:
        features: float32 [n, variants, d]; zeros where the picture could not be read.
        failures: Why pictures could not be read, by position.
        computed: How many feature vectors were computed rather than remembered.
        cancelled: Whether it was stopped; the pictures not reached are zeros, too.
        looks: What each picture is like, where that was asked for; only the first ones if it was stopped.
    """

    features: Floats
    failures: dict[int, ImageError]
    computed: int
    cancelled: bool
    looks: tuple[Look, ...] = ()


class FeatureExtractor:
    """Features from one backbone at one input size.

    Args:
        backbone: "lite0" or "lite2".
        side: Height and width in pixels that pictures are squashed to.
        cache: Folder for remembered features; None remembers nothing.
        threads: How many cores to use; all by default.
    """

    def __init__(self, backbone: str, side: int, cache: Path | None = None, threads: int | None = None) -> None:
        self.backbone = backbone
        self.side = side
        self._graph = backbone_graph(backbone)
        self._cache = cache
        self._threads = threads or os.cpu_count() or 1

    def extract(
        self,
        files: Sequence[Path],
        variants: Sequence[str] = (PLAIN,),
        *,
        progress: Callable[[int], None] | None = None,
        cancel: threading.Event | None = None,
        survey: bool = False,
    ) -> Extracted:
        """Compute, or remember, the features of `files`.

        Args:
            files: Pictures; what cannot be read is reported, not raised.
            variants: Kinds of `alterations.alter`, each giving one vector a picture.
            progress: Told how many pictures are done, in order.
            cancel: Ends the work after the pictures in hand.
            survey: Whether to bring a `Look` at each picture as well, as `engine.dataset.survey` does, without
                opening it twice.
        """
        features = np.zeros((len(files), len(variants), FEATURES), np.float32)
        failures: dict[int, ImageError] = {}
        looks: list[Look] = []
        computed = 0
        with (
            closing(Remembered(self._cache, f"{self._name}_{self.side}", "features")) as remembered,
            closing(LookMemory(self._cache if survey else None)) as look_memory,
        ):
            chunks = _Chunks(self, files, variants, features, remembered, look_memory if survey else None)
            for done, part in chunks.in_order(self._threads, cancel):
                computed += part.computed
                failures |= part.failures
                looks += part.looks
                if progress is not None:
                    progress(min((done + 1) * CHUNK, len(files)))
            stopped = cancel is not None and cancel.is_set()
        return Extracted(features, failures, computed, stopped, tuple(looks))

    def run(self, batch: npt.NDArray[np.uint8]) -> Floats:
        """Features float32 [n, d] of decoded pictures uint8 [n, side, side, 3]."""
        answer: Floats = self._session.run(["features"], {"image": batch})[0]
        # What is remembered is half precision; what is computed must not differ from it.
        return answer.astype(np.float16).astype(np.float32)

    @cached_property
    def _name(self) -> str:
        return f"{self.backbone}_{file_sha256(self._graph)[:16]}"

    @cached_property
    def _session(self) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return ort.InferenceSession(self._graph, options, providers=["CPUExecutionProvider"])


@dataclass(eq=False)
class _Picture:
    """What is remembered of one picture; `vectors` has None for each variant that is not."""

    index: int
    path: Path
    content: bytes = b""
    digest: bytes = b""
    keys: Sequence[bytes] = ()
    vectors: Sequence[Floats | None] = ()
    look: Look | None = None
    error: ImageError | None = None


@dataclass(frozen=True)
class _Part:
    """What became of one chunk."""

    computed: int
    failures: dict[int, ImageError]
    looks: list[Look]


class _Chunks:
    """The work on a few pictures after another."""

    def __init__(
        self,
        extractor: FeatureExtractor,
        files: Sequence[Path],
        variants: Sequence[str],
        features: Floats,
        remembered: Remembered,
        looks: LookMemory | None,
    ) -> None:
        self._extractor = extractor
        self._files = files
        self._variants = variants
        self._features = features
        self._remembered = remembered
        self._looks = looks
        # Large enough for the crops among the variants.
        wanted = extractor.side if set(variants) <= {PLAIN, MIRRORED} else 2 * extractor.side
        self._wanted = wanted

    def in_order(self, threads: int, cancel: threading.Event | None) -> Iterator[tuple[int, _Part]]:
        """What became of each chunk, never more than a few ahead of whoever takes them.

        What is remembered is read here: threads would only wait for one another. They do what has to be computed.
        """
        with ThreadPoolExecutor(threads, thread_name_prefix="features") as pool:
            ahead: deque[Future[_Part]] = deque()
            done = 0
            for start in range(0, len(self._files), CHUNK):
                if cancel is not None and cancel.is_set():
                    break
                pictures = [self._recall(at, path) for at, path in enumerate(self._files[start : start + CHUNK], start)]
                if all(self._whole(picture) for picture in pictures):
                    ahead.append(Future())
                    ahead[-1].set_result(self._work(pictures))
                else:
                    ahead.append(pool.submit(self._work, pictures))
                if len(ahead) > 2 * threads:
                    yield done, ahead.popleft().result()
                    done += 1
            for future in ahead:
                yield done, future.result()
                done += 1

    def _recall(self, index: int, path: Path) -> _Picture:
        try:
            content = images.read(path)
        except ImageError as error:
            return _Picture(index, path, error=error)
        digest = hashlib.sha256(content).digest()
        keys = [digest + kind.encode() for kind in self._variants]
        vectors = [_vector(self._remembered.get(key)) for key in keys]
        look = None if self._looks is None else self._looks.get(path, digest.hex(), len(content))
        return _Picture(index, path, content, digest, keys, vectors, look)

    def _whole(self, picture: _Picture) -> bool:
        """Whether nothing is left to be computed."""
        unseen = self._looks is not None and picture.look is None
        return picture.error is not None or not (unseen or any(vector is None for vector in picture.vectors))

    def _work(self, pictures: Sequence[_Picture]) -> _Part:
        """Fill in the features of the pictures."""
        part = _Part(0, {}, [])
        missing: list[tuple[int, int, bytes]] = []
        pixels: list[npt.NDArray[np.uint8]] = []
        for picture in pictures:
            try:
                self._see(picture, missing, pixels)
            except ImageError as error:
                part.failures[picture.index] = error
            if self._looks is not None and picture.look is not None:
                part.looks.append(picture.look)
        for first in range(0, len(pixels), CHUNK):
            answers = self._extractor.run(np.stack(pixels[first : first + CHUNK]))
            for (index, column, key), vector in zip(missing[first : first + CHUNK], answers, strict=True):
                self._features[index, column] = vector
                self._remembered.put(key, vector.astype(np.float16).tobytes())
        return replace(part, computed=len(pixels))

    def _see(
        self,
        picture: _Picture,
        missing: list[tuple[int, int, bytes]],
        pixels: list[npt.NDArray[np.uint8]],
    ) -> None:
        """Take over what is remembered of one picture, and the pixels of what is not."""
        path, content, digest = picture.path, picture.content, picture.digest
        opened = None
        try:
            if picture.error is not None:
                raise picture.error
            if any(vector is None for vector in picture.vectors):
                opened = self._open(path, content, self._wanted)
            if self._looks is not None and picture.look is None:
                large = opened if self._wanted >= SIDE else None
                seen = large or self._open(path, content, SIDE)
                picture.look = measured(path, digest.hex(), len(content), signature(content), seen)
                self._looks.put(picture.look)
        except ImageError as error:
            form = signature(content) if content else None
            picture.look = Look(path, digest.hex(), len(content), form, error)
            raise
        for column, vector in enumerate(picture.vectors):
            if vector is not None:
                self._features[picture.index, column] = vector
            elif opened is not None:
                altered = alter(opened, self._variants[column], int.from_bytes(digest[:4]))
                pixels.append(images.fit(altered, self._extractor.side, self._extractor.side))
                missing.append((picture.index, column, picture.keys[column]))

    @staticmethod
    def _open(path: Path, content: bytes, side: int) -> Image.Image:
        return images.open_rgb(content, (side, side), name=images.display_name(path))


def _vector(value: bytes | None) -> Floats | None:
    return None if value is None or len(value) != 2 * FEATURES else np.frombuffer(value, np.float16).astype(np.float32)


def backbone_graph(backbone: str) -> Path:
    """The int8 graph of a backbone, any input size: `features` and `activation_map`."""
    return paths.resources() / "backbones" / f"{backbone}.onnx"


def backbone_weights(backbone: str) -> Path:
    """The fp32 arrays of a backbone, named "layer/0", "layer/1", ..."""
    return paths.resources() / "backbones" / f"{backbone}.npz"


def imagenet_head(backbone: str) -> tuple[Floats, Floats]:
    """Kernel float32 [d, 1000] and bias float32 [1000] of the backbone's own classes."""
    with np.load(backbone_weights(backbone)) as arrays:
        return arrays["logits/0"], arrays["logits/1"]


def imagenet_classes() -> list[str]:
    """The 1,000 class names, in the head's order."""
    return (paths.resources() / "backbones" / "imagenet_classes.txt").read_text(encoding="utf-8").splitlines()
