"""What the window uses of the server. It does not know the server; it is handed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.whisker import Whisker

THIS_COMPUTER = "127.0.0.1"
EVERYWHERE = "0.0.0.0"


class Server(Protocol):
    """Something to switch on and off, from any thread; `start` and `stop` may take a while."""

    @property
    def running(self) -> bool: ...

    @property
    def url(self) -> str | None:
        """Where to reach it from this computer; None while it is off."""

    @property
    def retraining(self) -> bool:
        """Whether a training that was asked for through it is under way, which stopping would cancel."""

    def start(self, host: str, port: int, token: str | None = None) -> str:
        """Listen; returns the address.

        Raises:
            PortTaken: another program listens there.
            ServerError: it cannot listen there.
        """

    def stop(self) -> None: ...

    def free_port(self, host: str, after: int) -> int:
        """The first free port from `after` on; ServerError when there is none near."""

    def addresses(self) -> list[str]:
        """What other machines may call this one, the likeliest first."""

    def show_thumbnails(self, wanted: bool) -> None:
        """Whether `RequestAnswered` brings small pictures."""


MakeServer = Callable[["Whisker"], Server]


@dataclass(frozen=True)
class Wish:
    """How the person wants the server.

    Attributes:
        network: Whether other machines may reach it.
        token: What each request must bring; None for this computer alone.
    """

    port: int
    network: bool
    token: str | None

    @property
    def host(self) -> str:
        return EVERYWHERE if self.network else THIS_COMPUTER


def fresh_token() -> str:
    """32 letters that nobody can guess."""
    import secrets  # 4 ms, which the window's start need not pay.

    return secrets.token_urlsafe(24)
