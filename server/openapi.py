"""The API's description: paths and words come from the routes, the shapes from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.limits import FILES, HISTORY_PAGE
from server.replies import JSON

if TYPE_CHECKING:
    from apiflask import APIFlask

    from server.room import Room

Shape = dict[str, Any]

WORDS = {
    200: "Done",
    201: "Kept",
    202: "Begun",
    400: "The request cannot be understood, or holds nothing",
    401: "The token is missing or wrong",
    403: "Not for pages of other sites, nor under another name",
    404: "There is no such thing",
    409: "Not now",
    413: "Too many bytes, pixels or files",
    415: "Not a picture format that Whisker reads",
    422: "Damaged, or not enough",
    501: "This edition cannot",
    503: "Busy, or no model can answer; try again",
    507: "The disk refuses",
}


def answers(shape: str | None, *failures: int, success: int = 200, media: str = JSON) -> dict[int, Any]:
    """The `responses` of a route: what succeeds has `shape` (None for what is no JSON), all others are errors."""
    good = {"type": "string"} if shape is None else _ref(shape)
    bad = {JSON: {"schema": _ref("Error")}}
    found: dict[int, Any] = {success: {"description": WORDS[success], "content": {media: {"schema": good}}}}
    return found | {code: {"description": WORDS[code], "content": bad} for code in (*failures, 401, 403)}


def describe(app: APIFlask, room: Room) -> None:
    """Let the application write its own OpenAPI 3.1 description."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["AUTO_404_RESPONSE"] = False
    app.config["LOCAL_SPEC_PATH"] = None
    app.config["SECURITY_SCHEMES"] = {"token": {"type": "http", "scheme": "bearer"}}
    app.description = (
        "Whisker says what is on a picture, on this machine alone. Every error has the shape "
        '`{"error": {"code", "message"}}`. Beyond this machine each request brings a token.'
    )

    @app.spec_processor
    def complete(spec: Shape | str) -> Shape | str:
        assert isinstance(spec, dict)  # it would be text for YAML
        components = spec.setdefault("components", {})
        components["schemas"] = {**components.get("schemas", {}), **SHAPES}
        for (path, method), body in BODIES.items():
            spec["paths"][path][method]["requestBody"] = body
        for (path, method), parameters in PARAMETERS.items():
            operation = spec["paths"][path][method]
            operation["parameters"] = [*operation.get("parameters", []), *parameters]
        if room.access.token is not None:
            spec["security"] = [{"token": []}]
        return spec


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Shape, optional: Shape | None = None) -> Shape:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def _list(items: Shape) -> Shape:
    return {"type": "array", "items": items}


def _map(values: Shape) -> Shape:
    return {"type": "object", "additionalProperties": values}


def _maybe(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def _one_of(*values: str) -> Shape:
    return {"type": "string", "enum": list(values)}


TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "number"}
COUNT: Shape = {"type": "integer", "minimum": 0}
SHARE: Shape = {"type": "number", "minimum": 0, "maximum": 1}
YES_NO: Shape = {"type": "boolean"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
FILE: Shape = {"type": "string", "contentMediaType": "application/octet-stream"}
ANYTHING: Shape = {"type": "object"}

_ANSWER: Shape = {
    "predicted_class": TEXT,
    "confidence": SHARE,
    "probabilities": _map(SHARE),
    "unknown": {**YES_NO, "description": "Unlike anything the model was shown; the class is only the nearest"},
    "timestamp": MOMENT,
    "model": TEXT,
    "model_version": COUNT,
    "elapsed_ms": {**NUMBER, "description": "Decoding and inference"},
}
_SCORES: Shape = {"precision": SHARE, "recall": SHARE, "f1": SHARE}
_KEPT: Shape = _object({"name": TEXT, "label": TEXT, "sha256": TEXT})

SHAPES: dict[str, Shape] = {
    "Error": _object({"error": _object({"code": TEXT, "message": TEXT})}),
    "One": _object(_ANSWER),
    "Named": {"anyOf": [_object({"name": TEXT, **_ANSWER}), _object({"name": TEXT, "error": ANYTHING})]},
    "Prediction": {"anyOf": [_ref("One"), _object({"predictions": _list(_ref("Named"))})]},
    "Metrics": _object(
        {
            "accuracy": SHARE,
            "accuracy_interval": _list(SHARE),
            **_SCORES,
            "per_class": _map(_object({**_SCORES, "support": COUNT})),
            "confusion_matrix": _object({"classes": _list(TEXT), "matrix": _list(_list(COUNT))}),
            "ece": NUMBER,
            "images": COUNT,
        }
    ),
    "Received": _object(
        {
            "saved": _list(_KEPT),
            "rejected": _list(_object({"name": TEXT, "code": TEXT, "reason": TEXT})),
            "duplicates": _list(_KEPT),
        }
    ),
    "UploadCounts": _object({"labels": _map(COUNT), "total": COUNT, "since_last_training": COUNT}),
    "Started": _object({"job_id": TEXT, "status_url": TEXT, "events_url": TEXT}),
    "Job": _object(
        {
            "job_id": TEXT,
            "state": _one_of("running", "finished", "failed", "cancelled"),
            "recipe": TEXT,
            "name": TEXT,
            "epoch": COUNT,
            "epochs": _maybe(COUNT),
            "message": TEXT,
            "metrics": _maybe({**ANYTHING, "description": "Of the last epoch while running; at the end, of the model"}),
            "model": _maybe(TEXT),
            "model_version": _maybe(COUNT),
            "activated": YES_NO,
            "notes": _list(TEXT),
            "error": _maybe(ANYTHING),
            "started": MOMENT,
            "seconds": _maybe(NUMBER),
            "status_url": TEXT,
            "events_url": TEXT,
        },
        {
            "stage": _maybe(TEXT),
            "done": COUNT,
            "total": COUNT,
            "seconds_left": _maybe(NUMBER),
            "comparison": _maybe(ANYTHING),
            "automatic": YES_NO,
        },
    ),
    "Jobs": _object({"jobs": _list(_ref("Job"))}),
    "Statistics": _object(
        {
            "cpu_percent": NUMBER,
            "memory_percent": NUMBER,
            "disk_percent": _maybe(NUMBER),
            "disk": _object({"read_bytes_per_second": _maybe(NUMBER), "written_bytes_per_second": _maybe(NUMBER)}),
            "gpu": _maybe(_object({"percent": NUMBER, "memory_percent": _maybe(NUMBER)})),
            "network": _object(
                {
                    "requests_per_second": NUMBER,
                    "received_bytes_per_second": NUMBER,
                    "sent_bytes_per_second": NUMBER,
                }
            ),
            "process": _object({"cpu_percent": NUMBER, "memory_bytes": COUNT, "threads": COUNT}),
            "predictions": _object(
                {
                    "total": COUNT,
                    "unknown": COUNT,
                    "per_class": _map(COUNT),
                    "per_second": NUMBER,
                    "in_history": _maybe(COUNT),
                }
            ),
            "latency": _object(
                {"count": COUNT, "p50": _maybe(NUMBER), "p95": _maybe(NUMBER), "p99": _maybe(NUMBER), "unit": TEXT}
            ),
            "requests": _map(COUNT),
            "uptime_seconds": NUMBER,
            "model": _maybe(_object({"name": TEXT, "version": COUNT, "metrics": _maybe(_ref("Metrics"))})),
            "recent": _maybe(
                _object(
                    {
                        "pictures": COUNT,
                        "unknown": COUNT,
                        "per_class": _map(COUNT),
                        "drift": _list(
                            _object(
                                {
                                    "kind": TEXT,
                                    "class": _maybe(TEXT),
                                    "share": NUMBER,
                                    "expected": NUMBER,
                                    "pictures": COUNT,
                                }
                            )
                        ),
                    }
                )
            ),
        }
    ),
    "Predictions": _object(
        {
            "predictions": _list(
                _object({"id": COUNT, "source": TEXT, "name": TEXT, "correction": _maybe(TEXT), **_ANSWER})
            ),
            "next_before": _maybe(COUNT),
        }
    ),
    "ModelInfo": _object(
        {
            "name": TEXT,
            "title": TEXT,
            "version": COUNT,
            "classes": _list(TEXT),
            "input": _object({"width": COUNT, "height": COUNT, "fit": TEXT, "resample": TEXT}),
            "recipe": _maybe(TEXT),
            "metrics": _maybe(_ref("Metrics")),
            "training": ANYTHING,
            "hash": {**TEXT, "description": "SHA-256 of model.onnx"},
            "sure_above": {**SHARE, "description": "The confidence from which the person calls an answer sure"},
        },
        {
            "created": _maybe(TEXT),
            "backbone": _maybe(TEXT),
            "precision": _maybe(TEXT),
            "unknown_threshold": _maybe(NUMBER),
            "versions": _map(TEXT),
            "licence": _maybe(TEXT),
        },
    ),
    "Health": _object(
        {"status": _one_of("ok"), "model": TEXT, "model_version": COUNT},
        {"problem": {**TEXT, "description": "Why another than the chosen model answers, while one does"}},
    ),
}

_FILES: Shape = {"type": "array", "items": FILE, "maxItems": FILES}
_PICTURE: Shape = {
    "image/*": {"schema": FILE},
    JSON: {"schema": _object({"image": {**TEXT, "contentEncoding": "base64"}})},
}
BODIES: dict[tuple[str, str], Shape] = {
    ("/api/predict", "post"): {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": FILE, "files": _FILES}}},
            **_PICTURE,
        },
    },
    ("/api/explain", "post"): {
        "required": True,
        "content": {"multipart/form-data": {"schema": _object({"file": FILE})}, **_PICTURE},
    },
    ("/api/upload", "post"): {
        "required": True,
        "content": {"multipart/form-data": {"schema": _object({"files": _FILES}, {"label": TEXT})}},
    },
    ("/api/retrain", "post"): {
        "required": False,
        "content": {
            JSON: {
                "schema": _object(
                    {},
                    {
                        "recipe": _one_of("quick", "finetune", "cnn", "vgg16", "resnet50"),
                        "epochs": {"type": "integer", "minimum": 1, "maximum": 1000},
                        "name": {**TEXT, "maxLength": 64},
                        "activate": YES_NO,
                    },
                )
            }
        },
    },
}


def _query(name: str, schema: Shape, description: str) -> Shape:
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": description}


PARAMETERS: dict[tuple[str, str], list[Shape]] = {
    ("/api/predict", "post"): [
        _query("top", {"type": "integer", "minimum": 1}, "Only so many of the best probabilities")
    ],
    ("/api/explain", "post"): [
        _query("class", TEXT, "The class to explain; the best one unless given"),
        _query("veil", _one_of("1"), "Only the transparent heat map"),
    ],
    ("/api/predictions", "get"): [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": HISTORY_PAGE, "default": 50}, "At most so many"),
        _query("before", TEXT, "The `next_before` of the page before, or a time"),
    ],
}
