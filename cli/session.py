"""What a command is handed: the engine, opened when first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from cli.printing import say

if TYPE_CHECKING:
    from engine.predictor import Predictor
    from engine.whisker import Whisker


class Server(Protocol):
    """Something to switch on and off. The terminal does not know the server; it is handed one."""

    def start(self, host: str, port: int, token: str | None = None) -> str: ...
    def stop(self) -> None: ...
    def addresses(self) -> list[str]: ...


class Session:
    """One run of one command. `--help` and wrong usage never open the engine.

    Args:
        open_whisker: Makes the engine.
        make_server: Makes the server over an engine; None where this edition has none.
    """

    def __init__(
        self, open_whisker: Callable[[], Whisker], make_server: Callable[[Whisker], Server] | None = None
    ) -> None:
        self._open_whisker = open_whisker
        self._make_server = make_server

    @property
    def server(self) -> Server:
        """A server over this session's engine.

        Raises:
            ServerError: this edition has none.
        """
        return self.server_over(self.whisker)

    def server_over(self, whisker: Whisker) -> Server:
        """A server over any engine.

        Raises:
            ServerError: this edition has none.
        """
        from engine.errors import ServerError

        if self._make_server is None:
            raise ServerError("This edition of Whisker has no server.", "Install the full edition.")
        return self._make_server(whisker)

    @cached_property
    def whisker(self) -> Whisker:
        return self._open_whisker()

    def predictor(self, model: str | None) -> Predictor:
        """The model `NAME` or `NAME@VERSION`; the active one for None.

        Raises:
            ModelError: there is no such model, or it is broken.
        """
        if model:
            return self.whisker.load(model)
        predictor = self.whisker.predictor
        if self.whisker.substitution:
            say(self.whisker.substitution)
        return predictor

    def close(self) -> None:
        if "whisker" in self.__dict__:
            self.whisker.close()
