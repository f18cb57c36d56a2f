"""The front door: every request passes the guard, and every reply leaves with the same headers and is noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from engine.errors import WhiskerError
from engine.prediction import Failure
from server import shown
from server.ahead import KEY, ROUTE, Ahead
from server.answers import answer
from server.replies import JSON, Headers, encoded, failure, status_line
from server.room import UNKNOWN_ROUTE, Room

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The page runs its own scripts and styles and nothing else; Bootstrap draws its arrows and ticks from data: pictures.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Headers = [
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
NO_STORE = ("Cache-Control", "no-store")


class Front:
    """WSGI around WSGI.

    Args:
        app: What answers those who may ask.
        room: Its access decides, its figures count, its whisker's bulletin is told.
    """

    def __init__(self, app: WSGIApplication, room: Room) -> None:
        self._app = app
        self._room = room

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ahead: Ahead | None = environ.get(KEY)
        began, at = (ahead.began, ahead.at) if ahead else (time.perf_counter(), time.time())

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            names = {name.lower() for name, _ in headers}
            extra = SECURITY if "cache-control" in names else [*SECURITY, NO_STORE]
            write = (
                start_response(status, [*headers, *extra], exc_info)
                if exc_info
                else start_response(status, [*headers, *extra])
            )
            self._room.note(
                environ["REQUEST_METHOD"],
                environ.get("whisker.route", UNKNOWN_ROUTE),
                environ.get("PATH_INFO", ""),
                int(status[:3]),
                at,
                time.perf_counter() - began,
                environ.get("REMOTE_ADDR", ""),
                environ.get(shown.KEY),
            )
            return write

        refusal = self._room.access.refusal(environ["REQUEST_METHOD"], header_of(environ))
        if refusal is not None:
            return _reply(start, *_said(refusal))
        if ahead is None:
            return self._app(environ, start)
        environ["whisker.route"] = ROUTE
        shown.show(self._room, ahead.sent, environ)
        if isinstance(ahead.outcome, Failure):
            return _reply(start, *_said(ahead.outcome.error))
        return _reply(start, 200, answer(ahead.outcome))


def _reply(start: StartResponse, status: int, content: bytes, headers: Headers | None = None) -> list[bytes]:
    start(status_line(status), [("Content-Type", JSON), ("Content-Length", str(len(content))), *(headers or ())])
    return [content]


def _said(error: WhiskerError) -> tuple[int, bytes, Headers]:
    status, payload, headers = failure(error)
    return status, encoded(payload), headers


def header_of(environ: WSGIEnvironment) -> Callable[[str], str | None]:
    """Headers by lower-case name, out of a WSGI environment."""

    def header(name: str) -> str | None:
        return environ.get("HTTP_" + name.upper().replace("-", "_"))

    return header
