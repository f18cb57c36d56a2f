"""The model that answers now: $MODEL_PATH, else the shelf's active one, or what takes its place when it is broken."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ModelBroken, ModelNotFound
from engine.model_kinds import refuse_other_kinds
from engine.model_shelf import ModelShelf
from engine.settings import Settings

# NumPy, Pillow and onnxruntime take 0.4 s to import; the window is painted before.
if TYPE_CHECKING:
    from engine.predictor import Predictor


class ModelInUse:
    """Loads what answers when it is first asked for, and keeps it until another is chosen.

    Args:
        settings: Say how many cores it may use.
    """

    def __init__(self, shelf: ModelShelf, settings: Settings) -> None:
        self._shelf = shelf
        self._settings = settings
        self._loading = threading.Lock()
        self._predictor: Predictor | None = None

    @property
    def predictor(self) -> Predictor:
        """The model that answers. An active one that is broken gives way to the version before it.

        Raises:
            ModelError: there is none, or it is broken and no other is sound.
        """
        with self._loading:
            if self._predictor is None:
                served = _served()
                self._predictor = self.load(Path(served).expanduser()) if served else self._load_active()
            return self._predictor

    @property
    def substitution(self) -> str | None:
        """A sentence that says which model answers in the place of the chosen one, and why; None while all is well."""
        return None if _served() else self._shelf.substitution

    def load(self, path: Path) -> Predictor:
        """The model of a bundle folder or ONNX file, whether in use or not.

        Raises:
            ModelBroken: it is incomplete, altered, or does not answer as it did when it was made.
        """
        from engine.predictor import Predictor

        refuse_other_kinds(path)
        return Predictor(path, threads=int(self._settings["threads"]))

    def let_go(self) -> None:
        """Load anew when next asked for; requests in flight finish on the old one: a Predictor never changes."""
        with self._loading:
            self._predictor = None

    def _load_active(self) -> Predictor:
        broken: ModelBroken | None = None
        while True:
            try:
                entry = self._shelf.active
            except ModelNotFound as none:
                # What is wrong with the chosen one says more than that no other is left.
                raise broken or none from None
            try:
                return self.load(entry.folder)
            except ModelBroken as error:
                broken = broken or error
                self._shelf.refuse(entry, error)


def _served() -> str:
    """The model that the environment names, or nothing."""
    return os.environ.get("MODEL_PATH", "").strip()
