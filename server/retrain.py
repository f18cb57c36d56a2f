"""Retraining: start it, watch it, end it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from engine.training.plan import Recipe
from server import bodies, openapi
from server.api import reply
from server.errors import RequestError
from server.job import Job
from server.limits import SMALL_BODY
from server.room import Room

BEAT_S = 5.0
"""A stream that has nothing to say shows this often that it lives."""

CLOSING_S = 0.25
"""How soon a stream notices that the server ends."""

_NAME = re.compile(r"\w(?:[\w .()+-]{0,62}[\w)+])?")
_KINDS: dict[str, tuple[type, ...]] = {"recipe": (str,), "epochs": (int,), "name": (str,), "activate": (bool,)}


def routes(room: Room) -> APIBlueprint:
    """/api/retrain and below."""
    blueprint = APIBlueprint("retrain", __name__, url_prefix="/api/retrain")

    @blueprint.get("")
    @blueprint.doc(responses=openapi.answers("Jobs"))
    def retrainings() -> Response:
        """List the latest retrainings, the last one first"""
        return reply({"jobs": [job.as_json() for job in room.jobs.latest()]})

    @blueprint.post("")
    @blueprint.doc(responses=openapi.answers("Started", 400, 409, 422, 501, success=202))
    def retrain() -> Response:
        """Learn from the photos that were uploaded

        The new model answers from then on unless the comparison with the one before says that it is worse;
        `activate` true or false decides instead.
        """
        wanted = _wanted(bodies.body(request.environ, SMALL_BODY))
        job = room.jobs.start(
            wanted.get("recipe", Recipe.QUICK),
            epochs=wanted.get("epochs"),
            name=wanted.get("name"),
            activate=wanted.get("activate"),
        )
        address = f"/api/retrain/{job.id}"
        started = reply({"job_id": job.id, "status_url": address, "events_url": f"{address}/events"}, 202)
        started.headers["Location"] = address
        return started

    @blueprint.get("/<job_id>")
    @blueprint.doc(responses=openapi.answers("Job", 404))
    def status(job_id: str) -> Response:
        """Say how far a retraining has come"""
        return reply(room.jobs.get(job_id).as_json())

    @blueprint.delete("/<job_id>")
    @blueprint.doc(responses=openapi.answers("Job", 404, 409))
    def cancel(job_id: str) -> Response:
        """Cancel a retraining; nothing half-made is left"""
        return reply(room.jobs.cancel(job_id).as_json())

    @blueprint.get("/<job_id>/events")
    @blueprint.doc(responses=openapi.answers(None, 404, 503, media="text/event-stream"))
    def events(job_id: str) -> Response:
        """Follow a retraining as server-sent events

        What happened before comes first. Each event has a number; `Last-Event-ID` takes it up after that one. The
        stream ends with `finished`, `failed` or `cancelled`.
        """
        job = room.jobs.get(job_id)
        last = request.headers.get("Last-Event-ID", "0")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else 0
        return Response(stream(job, room, after), content_type="text/event-stream; charset=utf-8")

    return blueprint


def stream(job: Job, room: Room, after: int) -> Iterator[bytes]:
    """The events of a job with a number above `after`, as they come, until its last one."""
    yield b"retry: 1000\n\n"
    silent = 0.0
    while not room.closing.is_set():
        with job.changed:
            fresh = [(number, event) for number, event in job.events if number > after]
            over = job.over
            if not fresh and not over:
                silent += CLOSING_S
                if job.changed.wait(CLOSING_S):
                    silent = 0.0
        for number, event in fresh:
            after = number
            yield f"id: {number}\nevent: {event['event']}\ndata: {json.dumps(event)}\n\n".encode()
        if over and not fresh:
            return
        if silent >= BEAT_S:
            silent = 0.0
            yield b": still at it\n\n"


def _wanted(content: bytes) -> dict[str, Any]:
    """The fields of the body, of the right kinds.

    Raises:
        RequestError: one is unknown or of another kind.
    """
    fields = bodies.parsed(content) if content.strip() else {}
    fields = {key: value for key, value in fields.items() if value is not None}
    for key, value in fields.items():
        if key not in _KINDS:
            raise RequestError(f"There is no field {key!r}.", f"There are {', '.join(_KINDS)}.")
        if not isinstance(value, _KINDS[key]) or (isinstance(value, bool) and bool not in _KINDS[key]):
            raise RequestError(f"The field {key!r} is of the wrong kind.", "/api/docs says what it may be.")
    if "recipe" in fields:
        recipes = [recipe.value for recipe in Recipe]
        if fields["recipe"] not in recipes:
            raise RequestError(f"There is no recipe {fields['recipe']!r}.", f"Choose one of {', '.join(recipes)}.")
        fields["recipe"] = Recipe(fields["recipe"])
    if "name" in fields and not _NAME.fullmatch(fields["name"]):
        raise RequestError("This cannot be a model's name.", "Letters, digits, spaces and _ - . ( ) + make one.")
    return fields
