"""An immutable model that answers: an onnxruntime session and its card. Any number of threads may ask at once."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine import images
from engine.card import ONNX, Card, Golden, ModelInput, file_sha256, golden_image
from engine.errors import ModelBroken
from engine.prediction import Prediction

# onnxruntime on Windows reports usage unless told not to; nothing leaves this machine.
ort.disable_telemetry_events()

_ort = ort.capi.onnxruntime_pybind11_state
_ORT_ERRORS = (
    _ort.Fail,
    _ort.InvalidArgument,
    _ort.InvalidGraph,
    _ort.InvalidProtobuf,
    _ort.NoSuchFile,
    _ort.NotImplemented,
    _ort.RuntimeException,
)
_OUTPUTS = ("probabilities", "features", "activation_map", "familiarity")

# Session creation holds the GIL; two at once would stall every other thread for twice as long.
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
        self.onnx_file = path / ONNX if path.is_dir() else path
        if not self.onnx_file.is_file():
            raise ModelBroken(f"The model {path.name} has no {ONNX}.", "Import or train it again.")
        self._alone_threads = threads or min(os.cpu_count() or 1, 4)
        self._alone = self._session(self._alone_threads)
        self.card = Card.read(path) if path.is_dir() else self._card_from_metadata()
        self.classes = self.card.classes
        self._check_shapes()
        if check:
            if path.is_dir() and file_sha256(self.onnx_file) != self.card.sha256.get(ONNX):
                raise self._broken("was altered after it was made")
            self._check_golden()
        self._asking = 0
        self._asking_lock = threading.Lock()

    def predict(self, source: Path | bytes, name: str = "", limits: images.Limits | None = None) -> Prediction:
        """Answer one picture.

        Raises:
            ImageError: the picture cannot be read.
        """
        began = time.perf_counter()
        size = self.card.input
        image = images.load(source, size.width, size.height, name=name, limits=limits or images.DESKTOP)
        outputs = self.run(image[None])
        path = source if isinstance(source, Path) else None
        name = name or (path.name if path else "picture")
        return self.answer(outputs, 0, name, path, (time.perf_counter() - began) * 1e3)

    def run(self, batch: npt.NDArray[np.uint8], *, reasons: bool = False) -> Outputs:
        """Run the network.

        Args:
            batch: uint8 [n, height, width, 3], RGB, of the size that the card names.
            reasons: Whether to bring features and the activation map as well.
        """
        with self._asking_lock:
            self._asking += 1
            alone = self._asking == 1
        try:
            session = self._alone if alone else self._shared
            wanted = [name for name in self._output_names if reasons or name in ("probabilities", "familiarity")]
            answers = dict(zip(wanted, session.run(wanted, {self._input_name: batch}), strict=True))
        finally:
            with self._asking_lock:
                self._asking -= 1
        return Outputs(
            answers["probabilities"],
            answers.get("familiarity"),
            answers.get("features"),
            answers.get("activation_map"),
        )

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
        """float32 [features, classes]: the head's weights, which turn an activation map into a heat map."""
        return np.asarray(json.loads(self._metadata["class_weights"]), dtype=np.float32)

    @property
    def _shared(self) -> ort.InferenceSession:
        """The one-thread session, made when a second caller first comes."""
        with _creation:
            if "_shared_session" not in self.__dict__:
                self.__dict__["_shared_session"] = (
                    self._alone if self._alone_threads == 1 else self._session(1, locked=True)
                )
        session: ort.InferenceSession = self.__dict__["_shared_session"]
        return session

    def prepare_for_many(self) -> None:
        """Make the shared session now, so that the first pictures of a folder do not wait for it."""
        _ = self._shared

    def _session(self, threads: int, *, locked: bool = False) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning costs an idle desktop 8 % of a CPU (docs/performance.md).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            if locked:
                return ort.InferenceSession(self.onnx_file, options, providers=["CPUExecutionProvider"])
            with _creation:
                return ort.InferenceSession(self.onnx_file, options, providers=["CPUExecutionProvider"])
        except _ORT_ERRORS as error:
            raise ModelBroken(
                f"The model file {self.onnx_file.name} of {self.path.name} is damaged.", "Import or train it again."
            ) from error

    @cached_property
    def _metadata(self) -> dict[str, str]:
        return dict(self._alone.get_modelmeta().custom_metadata_map)

    def _card_from_metadata(self) -> Card:
        """The card of a lone ONNX file, from what the export wrote into it."""
        meta = self._metadata
        try:
            resize = json.loads(meta["resize"])
            return Card(
                name=meta.get("name", self.path.stem),
                title=meta.get("name", self.path.stem),
                version=int(meta.get("version", "1")),
                created="",
                classes=tuple(json.loads(meta["classes"])),
                input=ModelInput(**resize),
                backbone="",
                recipe="",
                precision="",
                temperature=float(meta.get("temperature") or 1.0),
                unknown_threshold=float(meta["unknown_threshold"]) if meta.get("unknown_threshold") else None,
                metrics=None,
                sha256={},
                golden=tuple(Golden(**golden) for golden in json.loads(meta.get("golden", "[]"))),
                versions=json.loads(meta.get("versions", "{}")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelBroken(
                f"{self.path.name} does not say what its classes are.",
                "Import it together with a file that lists them, or use the whole bundle folder.",
            ) from error

    def _check_shapes(self) -> None:
        inputs, outputs = self._alone.get_inputs(), self._alone.get_outputs()
        self._input_name = inputs[0].name
        self._output_names = [output.name for output in outputs if output.name in _OUTPUTS]
        shapes = {output.name: output.shape for output in outputs}
        size = self.card.input
        fits = (
            len(inputs) == 1
            and inputs[0].type == "tensor(uint8)"
            and list(inputs[0].shape[1:]) == [size.height, size.width, 3]
            and shapes.get("probabilities", [None])[-1] == len(self.classes)
        )
        if not fits:
            raise self._broken("does not fit its card")

    def _check_golden(self) -> None:
        for golden in self.card.golden:
            image = golden_image(golden.seed, self.card.input.width, self.card.input.height)
            probabilities = self._alone.run(["probabilities"], {self._input_name: image[None]})[0][0]
            for name, expected in golden.probabilities.items():
                if name not in self.classes or not (
                    abs(float(probabilities[self.classes.index(name)]) - expected) <= golden.tolerance
                ):
                    raise self._broken("does not answer as it did when it was made")

    def _broken(self, why: str) -> ModelBroken:
        return ModelBroken(f"The model {self.card.title} {why}, so it is not used.", "Import or train it again.")
