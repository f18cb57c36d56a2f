"""The plainest question, one small picture and no query, is answered before the application is asked.

Those that wait together are answered together: one run of the network for four pictures takes a tenth less than four
runs, and one transaction keeps four rows (docs/performance.md). Nobody waits for company: who takes a picture from the
queue takes along those behind it. What comes of it goes with each request to the front door, which guards it, says it
and notes it as it does for all. Everything else, and everything that goes wrong but for the picture itself, is left to
the route.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import ImageError, WhiskerError
from engine.prediction import Failure, Outcome
from engine.together import BATCH
from server import bodies
from server.limits import IMAGE, MB

if TYPE_CHECKING:
    from waitress.parser import HTTPRequestParser

    from engine.whisker import Whisker

KEY = "whisker.ahead"
"""Where it stands in the environment of WSGI."""

ROUTE = "/api/predict"

MOST = BATCH
LARGEST = MB
"""A body above this is a picture that would keep the others waiting."""


@dataclass(frozen=True)
class Ahead:
    """What is known of a request before the application is asked.

    Attributes:
        sent: What its body holds.
        outcome: The answer to its picture.
        began: When work on it began, by `time.perf_counter`.
        at: The same in seconds since 1970.
    """

    sent: bodies.Sent
    outcome: Outcome
    began: float
    at: float


def may_go_along(request: HTTPRequestParser) -> bool:
    """Whether this request may be answered ahead."""
    return (
        request.error is None
        and request.command == "POST"
        and request.path == ROUTE
        and not request.query
        and int(request.headers.get("CONTENT_LENGTH") or 0) <= LARGEST
    )


def answer_ahead(whisker: Whisker, requests: Sequence[HTTPRequestParser], *, calmly: bool = False) -> None:
    """Answer those that can be, and leave the others, and every mistake that is not a picture's, to their route.

    Args:
        calmly: Give no picture more than one core: a window wants the other, and the network's own threads, unlike
            ours, do not step back for it.
    """
    began, at = time.perf_counter(), time.time()
    # Programs ask for hours, and the next one is not far: both sessions are worth their memory here.
    with suppress(WhiskerError):
        whisker.predictor.prepare_for_many()
    asked = [(request, sent) for request in requests if (sent := _one_picture(request)) is not None]
    try:
        outcomes = _outcomes(whisker, [sent.pictures[0] for _, sent in asked], calmly)
    except WhiskerError:
        return
    for (request, sent), outcome in zip(asked, outcomes, strict=True):
        request.ahead = Ahead(sent, outcome, began, at)


def _outcomes(whisker: Whisker, pictures: Sequence[tuple[str, bytes]], calmly: bool) -> Sequence[Outcome]:
    if len(pictures) == 1 and not calmly:
        name, data = pictures[0]
        try:
            return [whisker.classify(data, origin="api", name=name, limits=IMAGE)[1]]
        except ImageError as error:
            return [Failure(name, error)]
    names, contents = [name for name, _ in pictures], [data for _, data in pictures]
    return whisker.classify_together(contents, origin="api", names=names, limits=IMAGE, many=True) if pictures else []


def _one_picture(request: HTTPRequestParser) -> bodies.Sent | None:
    body = request.get_body_stream()
    environ: dict[str, Any] = {
        "CONTENT_TYPE": request.headers.get("CONTENT_TYPE", ""),
        "CONTENT_LENGTH": request.headers.get("CONTENT_LENGTH", ""),
        "wsgi.input": body,
    }
    try:
        sent = bodies.sent(environ)
    except WhiskerError:
        sent = None
    body.seek(0)
    return None if sent is None or sent.many else sent
