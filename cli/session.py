"""What a command is handed: the engine, opened when first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.predictor import Predictor
    from engine.whisker import Whisker


class Session:
    """One run of one command. `--help` and wrong usage never open the engine.

    Args:
        open_whisker: Makes the engine.
    """

    def __init__(self, open_whisker: Callable[[], Whisker]) -> None:
        self._open_whisker = open_whisker

    @cached_property
    def whisker(self) -> Whisker:
        return self._open_whisker()

    def predictor(self, model: str | None) -> Predictor:
        """The model `NAME` or `NAME@VERSION`; the active one for None.

        Raises:
            ModelError: there is no such model, or it is broken.
        """
        return self.whisker.load(model) if model else self.whisker.predictor

    def close(self) -> None:
        if "whisker" in self.__dict__:
            self.whisker.close()
