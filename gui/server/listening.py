"""The server behind the switch: made when it is first wanted, begun, moved and ended as wished.

What takes a while (`begin`, `move`, `stop`) is meant to happen off the GUI thread, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import PortTaken, ServerError
from gui.server.switch import MakeServer, Server, Wish

if TYPE_CHECKING:
    from engine.whisker import Whisker


@dataclass(frozen=True)
class Begun:
    """It listens.

    Attributes:
        url: Where this computer reaches it.
        addresses: What other machines may call this one, if it listens to them.
    """

    url: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """It does not listen as wished.

    Attributes:
        error: Why.
        free: A port to take instead; None when there is none near.
        on: Whether it still listens as it did before.
    """

    error: PortTaken
    free: int | None
    on: bool


class Listening:
    """One server, on and off as often as wished.

    Args:
        make: Makes it over `whisker`.
    """

    def __init__(self, make: MakeServer, whisker: Whisker) -> None:
        self._make = make
        self._whisker = whisker
        self._server: Server | None = None
        self._looked_at = False

    @property
    def retraining(self) -> bool:
        """Whether a training that was asked for through it is under way, which stopping would cancel."""
        return self._server is not None and self._server.retraining

    def look(self, looking: bool) -> None:
        """Whether somebody looks at the requests, and so wants small pictures with them."""
        self._looked_at = looking
        if self._server is not None:
            self._server.show_thumbnails(looking)

    def begin(self, wish: Wish) -> Begun | Refused:
        """Listen as wished.

        Raises:
            ServerError: it cannot be made, or cannot listen there for another reason than a taken port.
        """
        if self._server is None:
            self._server = self._make(self._whisker)
        server = self._server
        server.show_thumbnails(self._looked_at)
        try:
            url = server.start(wish.host, wish.port, wish.token)
        except PortTaken as error:
            return Refused(error, _free_port(server, wish), on=False)
        return Begun(url, tuple(server.addresses()) if wish.network else ())

    def move(self, wish: Wish, before: Wish) -> Begun | Refused:
        """Listen as wished, after having listened as `before`; errors as for `begin`."""
        assert self._server is not None
        if wish.port != before.port:
            # Looked at first, so that a taken port does not cost the one it has.
            free = _free_port(self._server, wish)
            if free != wish.port:
                taken = f"Another program listens on port {wish.port} already."
                return Refused(PortTaken(taken, f"Whisker still answers on port {before.port}."), free, on=True)
        self._server.stop()
        return self.begin(wish)

    def stop(self) -> None:
        """Off, after what is being answered; a retraining is cancelled."""
        if self._server is not None:
            self._server.stop()


def _free_port(server: Server, wish: Wish) -> int | None:
    try:
        return server.free_port(wish.host, wish.port)
    except ServerError:
        return None
