"""Bringing in a plain ONNX picture classifier that another program made, with its labels."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.card import MAX_SIDE
from engine.errors import ModelBroken
from engine.model_kinds import refuse_other_kinds

if TYPE_CHECKING:
    from engine.model_shelf import Entry, ModelShelf

LARGEST_LABELS = 1 << 24
RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Feeding:
    """How a model wants its pixels: (low + pixel / 255 * (high - low) - mean) / std, by channel, in RGB.

    Attributes:
        side: Height and width in pixels, where the model leaves them open.
    """

    low: float = 0.0
    high: float = 1.0
    mean: RGB = (0.0, 0.0, 0.0)
    std: RGB = (1.0, 1.0, 1.0)
    side: int | None = None

    def checked(self) -> Feeding:
        """Itself.

        Raises:
            ModelBroken: a number is out of its range.
        """
        if self.low >= self.high or min(self.std) <= 0:
            raise ModelBroken(
                "The pixels' range or deviation is none.", "The range must rise, and deviations be above 0."
            )
        if self.side is not None and not 0 < self.side <= MAX_SIDE:
            raise ModelBroken(
                f"Photos of {self.side} x {self.side} pixels are too large or too small.", "Choose another size."
            )
        return self


def import_foreign(
    shelf: ModelShelf,
    source: Path,
    labels: Path,
    *,
    name: str = "",
    feeding: Feeding | None = None,
    logs: Path,
    cancel: threading.Event | None = None,
) -> Entry:
    """Put a foreign ONNX classifier on the shelf, its normalisation and a softmax built into it.

    A process of its own looks at it; nothing but the graph is run, and by onnxruntime alone.

    Args:
        labels: The classes in the model's order; see `read_labels`.
        name: On the shelf; the file's unless given.
        feeding: How its pixels are normalised; 0 to 1 unless given.
        logs: For the log of that process.

    Raises:
        ModelBroken: it is no picture classifier with so many classes.
        TrainingUnavailable: this edition cannot.
        FolderError: the disk refused.
    """
    from engine.training.errand import run_errand

    name = name or source.stem
    shelf.spelling(name)
    if not source.is_file():
        raise ModelBroken(f"There is no model at {source}.", "Check the path.")
    refuse_other_kinds(source)
    staged = shelf.stage()
    try:
        arguments = {
            "source": source,
            "staged": staged,
            "name": name,
            "classes": read_labels(labels),
            "feeding": (feeding or Feeding()).checked(),
        }
        run_errand("foreign:dress", arguments, needs="onnx", logs=logs, cancel=cancel)
        return shelf.publish(staged, name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def read_labels(file: Path) -> list[str]:
    """Class names: one a line, or JSON (a list, or an object from number to name as in {"0": "cat"}).

    Raises:
        ModelBroken: it holds no two different names.
    """
    try:
        if file.stat().st_size > LARGEST_LABELS:
            raise ModelBroken(f"{file.name} is too large for a list of labels.", "Choose another file.")
        text = file.read_text(encoding="utf-8-sig")
        names = _from_json(json.loads(text)) if file.suffix.lower() == ".json" else text.splitlines()
    except OSError as error:
        raise ModelBroken(f"{file.name} cannot be read ({error.strerror}).", "Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise ModelBroken(f"{file.name} is no list of labels.", "Write one label a line, in UTF-8.") from error
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if len(names) < 2 or not all(names) or twice is not None:
        why = f"names {twice} twice" if twice else "has an empty line" if len(names) > 1 else "names no two classes"
        raise ModelBroken(f"{file.name} {why}.", "Write one label a line, in the model's order.")
    return names


def _from_json(content: object) -> list[str]:
    if isinstance(content, dict):
        numbered = {int(key): value for key, value in content.items()}
        if sorted(numbered) != list(range(len(numbered))):
            raise ValueError("labels are missing")
        content = [numbered[at] for at in range(len(numbered))]
    if not isinstance(content, list) or not all(isinstance(name, str) for name in content):
        raise ValueError("no list of names")
    return list(content)
