"""An immutable model that answers: an onnxruntime session and its card. Any number of threads may ask at once."""

from __future__ import annotations

import hashlib
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
from engine.card import FORMAT, ONNX, Card, golden_image
from engine.errors import ModelBroken
from engine.prediction import Prediction

# Windows has another road for that, which engine/__init__.py does not close; nothing leaves this machine.
ort.disable_telemetry_events()

_ort = ort.capi.onnxruntime_pybind11_state
_ERROR_NAMES = (
    "EPFail EngineError Fail InvalidArgument InvalidGraph InvalidProtobuf NoModel NoSuchFile NotFound NotImplemented "
    "RuntimeException"
)
_ORT_ERRORS: tuple[type[Exception], ...] = tuple(
    getattr(_ort, name) for name in _ERROR_NAMES.split() if hasattr(_ort, name)
)
_LOADING_ERRORS: tuple[type[Exception], ...] = (*_ORT_ERRORS, ValueError, RuntimeError)
_OUTPUTS = ("probabilities", "features", "activation_map", "familiarity")

# One session is made at a time: it takes a core for a tenth of a second, and two callers may want the same one.
_creation = threading.Lock()


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

    A lone caller is served by a session that spreads over the cores; callers that come together share a one-thread
    session, each on its own core, which answers more pictures a second than any other arrangement
    (docs/performance.md). Neither spins while idle.

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
        if card and check and hashlib.sha256(self._model).hexdigest() != card.sha256.get(ONNX):
            raise _broken(card.title, "was altered after it was made")
        self._alone_threads = threads or min(os.cpu_count() or 1, 4)
        self._alone = self._session(self._alone_threads)
        self._metadata = self._read_metadata()
        self.card = card or self._card_from_metadata()
        self.classes = self.card.classes
        self._check_shapes()
        if check:
            self._check_golden()
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
        name = name or (images.display_name(path) if path else "picture")
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
        session = self._alone if self._asking == 1 and not many else self._shared
        wanted = [name for name in self._output_names if reasons or name in ("probabilities", "familiarity")]
        try:
            answers = dict(zip(wanted, session.run(wanted, {self._input_name: batch}), strict=True))
        except _ORT_ERRORS as error:
            raise ModelBroken(
                f"The model {self.card.title} could not answer.", "Close other programs and try again."
            ) from error
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
            raise _broken(self.card.title, "does not say how its features make its answer") from error
        if weights.ndim != 2 or weights.shape[1] != len(self.classes):
            raise _broken(self.card.title, "does not say how its features make its answer")
        return weights

    @property
    def _shared(self) -> ort.InferenceSession:
        """The one-thread session, made when a second caller first comes."""
        if self._shared_session is None:
            with _creation:
                if self._shared_session is None:
                    self._shared_session = self._alone if self._alone_threads == 1 else self._session_now(1)
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
        with _creation:
            return self._session_now(threads)

    def _session_now(self, threads: int) -> ort.InferenceSession:
        """A session; `_creation` must be held."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Spinning costs an idle desktop 8 % of a CPU (docs/performance.md).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A model stands alone: weights in other files, anywhere on this machine, are not fetched.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
        try:
            return ort.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        except _LOADING_ERRORS as error:
            raise ModelBroken(
                f"The model file of {self.path.name} is damaged or is no ONNX model.", "Import or train it again."
            ) from error

    def _read_metadata(self) -> dict[str, str]:
        try:
            return dict(self._alone.get_modelmeta().custom_metadata_map)
        except UnicodeDecodeError as error:
            raise _broken(self.path.name, "has damaged metadata") from error

    def _card_from_metadata(self) -> Card:
        """The card of a lone ONNX file, from what the export wrote into it."""
        meta = self._metadata
        try:
            content = {
                "format": FORMAT,
                "name": meta.get("name") or self.path.stem,
                "version": meta.get("version") or 1,
                "created": "",
                "classes": json.loads(meta["classes"]),
                "input": json.loads(meta["resize"]),
                "backbone": "",
                "recipe": "",
                "precision": "",
                "temperature": meta.get("temperature") or 1.0,
                "unknown_threshold": meta.get("unknown_threshold") or None,
                "sha256": {ONNX: hashlib.sha256(self._model).hexdigest()},
                "golden": json.loads(meta.get("golden") or "[]"),
                "versions": json.loads(meta.get("versions") or "{}"),
            }
        except (KeyError, ValueError, RecursionError) as error:
            raise ModelBroken(
                f"{self.path.name} does not say what its classes are and how large its pictures.",
                "Use the whole bundle folder, or import it with `models import FILE --labels FILE`.",
            ) from error
        return Card.from_json(content, self.path.name)

    def _check_shapes(self) -> None:
        inputs = self._alone.get_inputs()
        outputs = {output.name: output for output in self._alone.get_outputs()}
        size, probabilities = self.card.input, outputs.get("probabilities")
        fits = (
            len(inputs) == 1
            and probabilities is not None
            and inputs[0].type == "tensor(uint8)"
            and list(inputs[0].shape[1:]) == [size.height, size.width, 3]
            and not isinstance(inputs[0].shape[0], int)
            and probabilities.type == "tensor(float)"
            and len(probabilities.shape) == 2
            and probabilities.shape[1] == len(self.classes)
            and ("familiarity" in outputs or self.card.unknown_threshold is None)
        )
        if not fits or not self._names_the_same_classes():
            raise _broken(self.card.title, "does not fit its card")
        self._input_name = inputs[0].name
        self._output_names = [name for name in _OUTPUTS if name in outputs]

    def _names_the_same_classes(self) -> bool:
        """Whether the file's own list of classes, if any, is the card's, in the same order."""
        try:
            return tuple(json.loads(self._metadata["classes"])) == self.classes
        except KeyError:
            return True
        except (ValueError, TypeError, RecursionError):
            return False

    def _check_golden(self) -> None:
        for golden in self.card.golden:
            image = golden_image(golden.seed, self.card.input.width, self.card.input.height)
            try:
                (answer,) = self._alone.run(["probabilities"], {self._input_name: image[None]})
            except _ORT_ERRORS as error:
                raise _broken(self.card.title, "cannot answer") from error
            answers = dict(zip(self.classes, answer[0].tolist(), strict=True))
            for name, expected in golden.probabilities.items():
                # Not a number fails every comparison, so it is asked whether the answer is near.
                if not abs(answers.get(name, np.nan) - expected) <= golden.tolerance:
                    raise _broken(self.card.title, "does not answer as it did when it was made")


def output_shapes(model: Path) -> dict[str, list[int | str]]:
    """The outputs of an ONNX file and their shapes, open axes by name.

    Raises:
        ModelBroken: it cannot be read.
    """
    try:
        session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    except _LOADING_ERRORS as error:
        raise ModelBroken(f"{model.name} is damaged or is no ONNX model.", "Import or train it again.") from error
    return {output.name: list(output.shape) for output in session.get_outputs()}


def _broken(title: str, why: str) -> ModelBroken:
    return ModelBroken(f"The model {title} {why}, so it is not used.", "Import or train it again.")
