"""Features of pictures from a frozen backbone, computed once and kept.

No TensorFlow: onnxruntime runs the int8 backbones of resources/backbones, one one-thread session shared by as many
threads as there are cores, each of which decodes its own pictures.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine import images, paths
from engine.card import file_sha256
from engine.database_health import DAMAGED, code_of
from engine.errors import ImageError
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
    """

    features: Floats
    failures: dict[int, ImageError]
    computed: int
    cancelled: bool


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
    ) -> Extracted:
        """Compute, or remember, the features of `files`.

        Args:
            files: Pictures; what cannot be read is reported, not raised.
            variants: Kinds of `alterations.alter`, each giving one vector a picture.
            progress: Told how many pictures are done, in order.
            cancel: Ends the work after the pictures in hand.
        """
        features = np.zeros((len(files), len(variants), FEATURES), np.float32)
        failures: dict[int, ImageError] = {}
        computed = 0
        with closing(_Cache(self._cache, f"{self._name}_{self.side}")) as cache:

            def work(start: int) -> tuple[int, dict[int, ImageError]]:
                chunk = list(enumerate(files[start : start + CHUNK], start))
                return self._chunk(chunk, variants, features, cache)

            for done, (count, failed) in _in_order(work, range(0, len(files), CHUNK), self._threads, cancel):
                computed += count
                failures |= failed
                if progress is not None:
                    progress(min((done + 1) * CHUNK, len(files)))
            stopped = cancel is not None and cancel.is_set()
        return Extracted(features, failures, computed, stopped)

    def run(self, batch: npt.NDArray[np.uint8]) -> Floats:
        """Features float32 [n, d] of decoded pictures uint8 [n, side, side, 3]."""
        answer: Floats = self._session.run(["features"], {"image": batch})[0]
        # What is remembered is half precision; what is computed must not differ from it.
        return answer.astype(np.float16).astype(np.float32)

    def _chunk(
        self, chunk: list[tuple[int, Path]], variants: Sequence[str], features: Floats, cache: _Cache
    ) -> tuple[int, dict[int, ImageError]]:
        missing: list[tuple[int, int, bytes]] = []
        pixels: list[npt.NDArray[np.uint8]] = []
        failed: dict[int, ImageError] = {}
        for index, path in chunk:
            try:
                content = images.read(path)
                digest = hashlib.sha256(content).digest()
                keys = [digest + kind.encode() for kind in variants]
                found = [cache.get(key) for key in keys]
                if any(vector is None for vector in found):
                    # Large enough for the crops among the variants.
                    wanted = self.side if set(variants) <= {PLAIN, MIRRORED} else 2 * self.side
                    size = (wanted, wanted)
                    picture = images.open_rgb(content, size, name=images.display_name(path))
                for column, vector in enumerate(found):
                    if vector is not None:
                        features[index, column] = vector
                        continue
                    altered = alter(picture, variants[column], int.from_bytes(digest[:4]))
                    pixels.append(images.fit(altered, self.side, self.side))
                    missing.append((index, column, keys[column]))
            except ImageError as error:
                failed[index] = error
        if pixels:
            answers = np.concatenate(
                [self.run(np.stack(pixels[start : start + CHUNK])) for start in range(0, len(pixels), CHUNK)]
            )
            for (index, column, key), vector in zip(missing, answers, strict=True):
                features[index, column] = vector
                cache.put(key, vector)
        return len(pixels), failed

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


def _in_order(
    work: Callable[[int], tuple[int, dict[int, ImageError]]],
    starts: Sequence[int],
    threads: int,
    cancel: threading.Event | None,
) -> Iterator[tuple[int, tuple[int, dict[int, ImageError]]]]:
    """Results of `work` in order, never more than a few chunks ahead of whoever takes them."""
    with ThreadPoolExecutor(threads, thread_name_prefix="features") as pool:
        ahead: deque[Future[tuple[int, dict[int, ImageError]]]] = deque()
        done = 0
        for start in starts:
            if cancel is not None and cancel.is_set():
                break
            ahead.append(pool.submit(work, start))
            if len(ahead) > 2 * threads:
                yield done, ahead.popleft().result()
                done += 1
        for future in ahead:
            yield done, future.result()
            done += 1


class _Cache:
    """Vectors by key in one SQLite file. It may fail (a full disk, a locked file): then nothing is remembered.

    A damaged one is thrown away, so that the next training remembers again.
    """

    def __init__(self, folder: Path | None, name: str) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        if folder is None:
            return
        self._file = folder / f"{name}.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, check_same_thread=False, timeout=5)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("CREATE TABLE IF NOT EXISTS features (key BLOB PRIMARY KEY, vector BLOB)")
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def get(self, key: bytes) -> Floats | None:
        with self._lock:
            if self._connection is None:
                return None
            try:
                row = self._connection.execute("SELECT vector FROM features WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error as error:
                self._give_up(error)
                return None
        if row is None or len(row[0]) != 2 * FEATURES:
            return None
        return np.frombuffer(row[0], np.float16).astype(np.float32)

    def put(self, key: bytes, vector: Floats) -> None:
        with self._lock:
            if self._connection is None:
                return
            try:
                blob = vector.astype(np.float16).tobytes()
                self._connection.execute("INSERT OR REPLACE INTO features VALUES (?, ?)", (key, blob))
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        with self._lock:
            if self._connection is None:
                return
            try:
                self._connection.commit()
            except sqlite3.Error as error:
                self._give_up(error)
            else:
                self._connection.close()
                self._connection = None

    def _give_up(self, error: Exception) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if code_of(error) in DAMAGED:
            for file in self._file.parent.glob(f"{self._file.name}*"):
                with suppress(OSError):
                    file.unlink()
