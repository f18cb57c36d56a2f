"""Ask, and be told how things are. Each route: parse, call the engine, reply."""

from __future__ import annotations

import datetime
import io
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import Response, request

from engine.errors import HistoryError, ModelError
from engine.prediction import Outcome
from engine.together import BATCH
from server import bodies, openapi
from server.answers import answer, answers
from server.errors import RequestError
from server.figures import prometheus_text
from server.limits import HISTORY_PAGE, IMAGE, MANY_S
from server.replies import JSON, encoded
from server.room import Room
from server.shown import show
from server.statistics import statistics_of
from server.uploads import Received

if TYPE_CHECKING:
    from engine.history import Row


def reply(payload: Any, status: int = 200) -> Response:
    return as_json(encoded(payload), status)


def as_json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, content_type=JSON)


def routes(room: Room) -> APIBlueprint:
    """Everything but retraining and the pages."""
    blueprint = APIBlueprint("api", __name__)
    whisker = room.whisker

    @blueprint.post("/api/predict")
    @blueprint.doc(responses=openapi.answers("Prediction", 400, 413, 415, 422, 503))
    def predict() -> Response:
        """Say what is on one photo, or on many

        A form with one `file` is answered with one prediction; a form with several `files` with
        `{"predictions": [...]}`, in order, each its own answer or error. A photo may also be the raw body, or base64
        in the `image` of a JSON object.
        """
        top = _whole_number("top", None, 1, 1_000_000)
        sent = bodies.sent(request.environ)
        show(room, sent, request.environ)
        if sent.many:
            return as_json(answers(_each(room, sent), top))
        name, data = sent.pictures[0]
        return as_json(answer(whisker.classify(data, origin="api", name=name, limits=IMAGE)[1], top))

    @blueprint.post("/api/explain")
    @blueprint.doc(responses=openapi.answers(None, 400, 413, 415, 422, 503, media="image/png"))
    def explain() -> Response:
        """Show where the model looked, as a PNG

        Takes one photo as `/api/predict` does, and lays the heat map over it; with `veil=1` only the transparent
        heat map comes back, to be stretched over the photo. `class` asks for another class than the best.
        """
        from server.heat import over_picture, veil

        sent = bodies.sent(request.environ)
        show(room, sent, request.environ)
        name, data = sent.pictures[0]
        wanted = request.args.get("class") or None
        if wanted is not None and wanted not in whisker.predictor.classes:
            raise RequestError(f"The model knows no class {wanted!r}.", "/api/model-info lists its classes.")
        reasons = whisker.explain(data, wanted)
        drawn = veil(reasons.heat) if request.args.get("veil") == "1" else over_picture(data, name, reasons.heat)
        file = io.BytesIO()
        drawn.save(file, "PNG", compress_level=1)
        return Response(file.getvalue(), content_type="image/png")

    @blueprint.get("/api/upload")
    @blueprint.doc(responses=openapi.answers("UploadCounts"))
    def uploaded() -> Response:
        """Count the labelled photos that were sent for retraining"""
        counts = room.uploads.counts()
        return reply({"labels": counts, "total": sum(counts.values()), "since_last_training": room.uploads.fresh()})

    @blueprint.post("/api/upload")
    @blueprint.doc(responses=openapi.answers("Received", 400, 413, 503, 507, success=201))
    def upload() -> Response:
        """Send labelled photos for retraining

        The class is the field `label`, or stands in each file's name as in `cat.0.jpg`. Photos are kept by content:
        what was sent before is named under `duplicates`. What was saved is on the disk when the answer comes.
        """
        from server.automatic import retrain_if_due

        sent = bodies.sent_form(request.environ)
        show(room, sent, request.environ)
        received: Received = room.uploads.receive(sent.pictures, sent.fields.get("label") or None)
        if received.saved:
            retrain_if_due(room)
        return reply(received.as_json(), 201)

    @blueprint.get("/api/statistics")
    @blueprint.doc(responses=openapi.answers("Statistics"))
    def statistics() -> Response:
        """Look at the machine, the process, the answers so far and the model's scores"""
        return reply(statistics_of(room))

    @blueprint.get("/api/predictions")
    @blueprint.doc(responses=openapi.answers("Predictions", 400, 503))
    def predictions() -> Response:
        """List recent predictions, newest first

        Whoever made them: the window, the terminal or this API. `before` takes the `id` of the last one of the page
        before, or a time.
        """
        limit = _whole_number("limit", 50, 1, HISTORY_PAGE) or 50
        before, until = _before(request.args.get("before"))
        rows = whisker.history.recent(limit, before, until=until)
        following = rows[-1].id if len(rows) == limit else None
        return reply({"predictions": [_row(row) for row in rows], "next_before": following})

    @blueprint.get("/api/model-info")
    @blueprint.doc(responses=openapi.answers("ModelInfo", 503))
    def model_info() -> Response:
        """Describe the model that answers"""
        predictor = whisker.predictor
        card = predictor.card
        return reply(
            {
                "name": card.name,
                "title": card.title,
                "version": card.version,
                "created": card.created or None,
                "classes": list(card.classes),
                "input": asdict(card.input),
                "recipe": card.recipe or None,
                "backbone": card.backbone or None,
                "precision": card.precision or None,
                "metrics": card.metrics,
                "training": card.training,
                "unknown_threshold": card.unknown_threshold,
                "sure_above": whisker.settings["sure_above"],
                "hash": card.sha256.get("model.onnx") or _sha256(predictor.path),
                "versions": card.versions,
                "licence": card.licence or None,
            }
        )

    @blueprint.get("/api/health")
    @blueprint.doc(responses=openapi.answers("Health", 503))
    def health() -> Response:
        """Say whether a model can answer"""
        card = whisker.predictor.card
        problem = {"problem": whisker.substitution} if whisker.substitution else {}
        return reply({"status": "ok", "model": card.name, "model_version": card.version, **problem})

    @blueprint.get("/metrics")
    @blueprint.doc(responses=openapi.answers(None, media="text/plain"))
    def metrics() -> Response:
        """Give all figures to Prometheus"""
        try:
            card = whisker.predictor.card
            model = {"name": card.name, "version": str(card.version)}
        except ModelError:
            model = {}
        try:
            drift = [sign.kind for sign in whisker.outlook().signs]
        except (ModelError, HistoryError):
            drift = None
        text, kind = prometheus_text(room.figures, whisker.monitor, model, drift)
        return Response(text, content_type=kind)

    return blueprint


def _each(room: Room, sent: bodies.Sent) -> Iterator[tuple[str, Outcome | None]]:
    """Each picture's name and what came of it; None where the time was over."""
    deadline = time.monotonic() + MANY_S
    for start in range(0, len(sent.pictures), BATCH):
        names, pictures = zip(*sent.pictures[start : start + BATCH], strict=True)
        if time.monotonic() > deadline:
            yield from ((name, None) for name in names)
        else:
            outcomes = room.whisker.classify_together(pictures, origin="api", names=names, limits=IMAGE)
            yield from zip(names, outcomes, strict=True)


def _row(row: Row) -> dict[str, Any]:
    # No path: where a person keeps their pictures is nobody's business.
    return {
        "id": row.id,
        "timestamp": row.at.isoformat(timespec="microseconds"),
        "source": row.source,
        "name": row.name,
        "predicted_class": row.predicted_class,
        "confidence": round(row.confidence, 6),
        "probabilities": dict(row.top),
        "unknown": row.unknown,
        "correction": row.correction,
        "model": row.model,
        "model_version": row.model_version,
        "elapsed_ms": round(row.elapsed_ms, 2),
    }


def _whole_number(name: str, default: int | None, low: int, high: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise RequestError(f"`{name}` is a whole number from {low} to {high}.", "Mend the query.")
    return int(text)


def _before(text: str | None) -> tuple[int | None, datetime.datetime | None]:
    if text is None:
        return None, None
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text), None
    try:
        # A plus in a query is a space unless it was escaped.
        moment = datetime.datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return None, moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        raise RequestError("`before` is the id of a prediction, or a time.", "Take `next_before`.") from error


@lru_cache(maxsize=4)
def _sha256(path: Path) -> str:
    from engine.card import ONNX, file_sha256

    return file_sha256(path / ONNX if path.is_dir() else path)
