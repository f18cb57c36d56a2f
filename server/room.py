"""What every route stands on."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.bulletin import RequestAnswered
from server.figures import Figures
from server.guard import Access
from server.jobs import Jobs
from server.uploads import Uploads

if TYPE_CHECKING:
    from engine.whisker import Whisker

log = logging.getLogger("server.requests")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN_ROUTE = "other"


@dataclass
class Room:
    """One server's things.

    Attributes:
        whisker: The engine.
        access: Who may ask.
        uploads: Pictures sent for retraining.
        jobs: Retrainings.
        figures: What was asked and answered.
        closing: Set when the server is to end, so that streams end too.
        thumbnails: Whether `RequestAnswered` carries small pictures; costs time, so only while somebody looks.
    """

    whisker: Whisker
    access: Access
    uploads: Uploads
    jobs: Jobs
    figures: Figures
    closing: threading.Event
    thumbnails: bool = False

    def note(
        self,
        method: str,
        route: str,
        path: str,
        status: int,
        at: float,
        seconds: float,
        client: str,
        thumbnail: bytes | None = None,
    ) -> None:
        """Count a request that was answered, log it and tell of it; never with what it carried.

        Args:
            route: The rule it came under.
            path: As it came, decoded, in the latin-1 of WSGI.
            at: Seconds since 1970, when it came.
        """
        # Quoted again: a line break in a path must not forge a line in the log.
        path = quote(path, encoding="latin-1")[:200]
        method = quote(method)[:20]
        self.figures.note(method if method in METHODS else "other", route, status, seconds)
        log.info("%s %s %s %d %.1f ms", client, method, path, status, seconds * 1e3)
        self.whisker.bulletin.tell(RequestAnswered(at, method, path, status, seconds * 1e3, client, thumbnail))
