"""An immutable model that answers: an onnxruntime session and its card. Any number of threads may ask at once."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine import images
from engine.card import ONNX, Card
from engine.errors import ModelBroken
from engine.model_checks import broken, card_of_lone_file, check_golden, check_shapes, check_unaltered, metadata_of
from engine.onnx_session import ASKING_ERRORS, creation, open_session
from engine.pace import Pace, crowded
from engine.prediction import Prediction

_OUTPUTS = ("probabilities", "features", "activation_map", "familiarity")


@dataclass(frozen=True)
class Outputs:
    """Raw answers to a batch of n pictures.

    Attributes:
        probabilities: float32 [n, classes].
        familiarity: float32 [n], or None for a model that cannot tell the unknown.
        features: float32 [n, d], when asked for.
        activation_map: float32 [n, h, w, d], when asked for.
    """

    probabilities: npt.NDArray[np.float32]
    familiarity: npt.NDArray[np.float32] | None
    features: npt.NDArray[np.float32] | None = None
    activation_map: npt.NDArray[np.float32] | None = None


class Predictor:
    """Answers from the bundle or ONNX file at `path`.

    A lone caller is served by a session that spreads over the cores, while nothing else wants them; callers that come
    together share a one-thread session, each on its own core, which answers more pictures a second than any other
    arrangement (docs/performance.md). Neither spins while idle.

    Args:
        path: A bundle folder, or an ONNX file that carries its card in its metadata.
        threads: Cores that a lone picture may use; 0 for all, up to 4, past which these networks gain nothing.
        check: Whether to prove the file against its card (hash, shapes, golden answers) before it may answer.

    Raises:
        ModelBroken: the bundle is incomplete, altered, or does not answer as it did when it was made.
    """

    def __init__(self, path: Path, *, threads: int = 0, check: bool = True) -> None:
        self.path = path
        card = Card.read(path) if path.is_dir() else None
        # Kept, so that the second session is the same model even if the file was replaced in the meantime.
        self._model = self._bytes(path / ONNX if card else path)
        if card and check:
            check_unaltered(card, self._model)
        self._alone_threads = threads or min(os.cpu_count() or 1, 4)
        with creation:
            self._alone = self._session(self._alone_threads)
        self._metadata = metadata_of(self._alone, path.name)
        self.card = card or card_of_lone_file(path, self._model, self._metadata)
        self.classes = self.card.classes
        check_shapes(self.card, self._alone, self._metadata)
        if check:
            check_golden(self.card, self._alone)
        self._input_name = self._alone.get_inputs()[0].name
        there = {output.name for output in self._alone.get_outputs()}
        self._output_names = [name for name in _OUTPUTS if name in there]
        self._pace = Pace()
        self._shared_session: ort.InferenceSession | None = None
        self._asking = 0
        self._asking_lock = threading.Lock()

    def predict(self, source: Path | bytes, name: str = "", limits: images.Limits | None = None) -> Prediction:
        """Answer one picture.

        Raises:
            ImageError: the picture cannot be read.
        """
        began = time.perf_counter()
        size = self.card.input
        # Who decodes counts as well: it wants a core, and the network a moment later.
        with self._counted():
            image = images.load(source, size.width, size.height, name=name, limits=limits or images.DESKTOP)
            outputs = self._run(image[None])
        path = source if isinstance(source, Path) else None
        name = name or (images.display_name(path) if path else "photo")
        return self.answer(outputs, 0, name, path, (time.perf_counter() - began) * 1e3)

    def run(self, batch: npt.NDArray[np.uint8], *, reasons: bool = False, many: bool = False) -> Outputs:
        """Run the network.

        Args:
            batch: uint8 [n, height, width, 3], RGB, of the size that the card names.
            reasons: Whether to bring features and the activation map as well.
            many: Whether other threads ask as well, as in a folder run; otherwise that is found out.

        Raises:
            ModelBroken: the network gave up, for want of memory say.
        """
        with self._counted():
            return self._run(batch, reasons=reasons, many=many)

    def _run(self, batch: npt.NDArray[np.uint8], *, reasons: bool = False, many: bool = False) -> Outputs:
        alone = self._asking == 1 and not many
        # The other session is not made only to be tried: it takes some 60 MB.
        fast = alone and (self._pace.fast() if self._shared_session else not crowded())
        session = self._alone if fast else self._shared
        wanted = [name for name in self._output_names if reasons or name in ("probabilities", "familiarity")]
        began = time.perf_counter()
        try:
            answers = dict(zip(wanted, session.run(wanted, {self._input_name: batch}), strict=True))
        except ASKING_ERRORS as error:
            raise ModelBroken(
                f"The model {self.card.title} could not answer.", "Close other programs and try again."
            ) from error
        if alone and not reasons and len(batch) == 1 and self._asking == 1:
            self._pace.took(fast, time.perf_counter() - began)
        return Outputs(
            answers["probabilities"],
            answers.get("familiarity"),
            answers.get("features"),
            answers.get("activation_map"),
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Around what a caller wants of this model, so that each knows whether it is alone."""
        with self._asking_lock:
            self._asking += 1
        try:
            yield
        finally:
            with self._asking_lock:
                self._asking -= 1

    def answer(self, outputs: Outputs, row: int, name: str, path: Path | None, elapsed_ms: float) -> Prediction:
        """Turn row `row` of raw outputs into a prediction."""
        familiarity = None if outputs.familiarity is None else float(outputs.familiarity[row])
        threshold = self.card.unknown_threshold
        unknown = familiarity is not None and threshold is not None and familiarity < threshold
        return Prediction(
            source=name,
            classes=self.classes,
            probabilities=outputs.probabilities[row],
            familiarity=familiarity,
            unknown=unknown,
            model=self.card.name,
            model_version=self.card.version,
            elapsed_ms=elapsed_ms,
            path=path,
        )

    @cached_property
    def class_weights(self) -> npt.NDArray[np.float32]:
        """float32 [features, classes]: the head's weights, which turn an activation map into a heat map.

        Raises:
            ModelBroken: the model came without them.
        """
        try:
            weights = np.asarray(json.loads(self._metadata["class_weights"]), dtype=np.float32)
        except (KeyError, ValueError, TypeError) as error:
            raise broken(self.card.title, "does not say how its features make its answer") from error
        if weights.ndim != 2 or weights.shape[1] != len(self.classes):
            raise broken(self.card.title, "does not say how its features make its answer")
        return weights

    @property
    def _shared(self) -> ort.InferenceSession:
        """The one-thread session, made when a second caller first comes, or the machine is busy."""
        if self._shared_session is None:
            with creation:
                if self._shared_session is None:
                    self._shared_session = self._alone if self._alone_threads == 1 else self._session(1)
        return self._shared_session

    def prepare_for_many(self) -> None:
        """Make the shared session now, so that the first pictures of a folder do not wait for it."""
        _ = self._shared

    @staticmethod
    def _bytes(file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as error:
            raise ModelBroken(f"There is no readable model at {file}.", "Import or train it again.") from error

    def _session(self, threads: int) -> ort.InferenceSession:
        """`creation` must be held."""
        return open_session(self._model, self.path.name, threads)
