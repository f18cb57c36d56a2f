"""The full edition, which can teach, or the light one, which answers.

They differ in what is installed beside the program and in nothing else: no flag says which one this is.
"""

from __future__ import annotations

from importlib.util import find_spec

from engine.errors import TrainingUnavailable


def can_train() -> bool:
    """Whether TensorFlow is here; looks it up without importing it."""
    return find_spec("tensorflow") is not None


def require_training() -> None:
    """
    Raises:
        TrainingUnavailable: this is the light edition.
    """
    if not can_train():
        raise TrainingUnavailable(
            "Training needs the full edition of Whisker.", "Install it; your models and settings will be there."
        )
