"""The API's description: paths and words come from the routes, what they take and fail with from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.limits import FILES, HISTORY_PAGE
from server.replies import JSON
from server.shapes import FILE, SHAPES, TEXT, YES_NO, Shape, object_of, one_of, ref

if TYPE_CHECKING:
    from apiflask import APIFlask

    from server.room import Room

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
    415: "Not a photo format that Whisker reads",
    422: "Damaged, or not enough",
    501: "This edition cannot",
    503: "Busy, or no model can answer; try again",
    507: "The disk refuses",
}


def answers(shape: str | None, *failures: int, success: int = 200, media: str = JSON) -> dict[int, Any]:
    """The `responses` of a route: what succeeds has `shape` (None for what is no JSON), all others are errors."""
    good = {"type": "string"} if shape is None else ref(shape)
    bad = {JSON: {"schema": ref("Error")}}
    found: dict[int, Any] = {success: {"description": WORDS[success], "content": {media: {"schema": good}}}}
    return found | {code: {"description": WORDS[code], "content": bad} for code in (*failures, 401, 403)}


def describe(app: APIFlask, room: Room) -> None:
    """Let the application write its own OpenAPI 3.1 description."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["AUTO_404_RESPONSE"] = False
    app.config["LOCAL_SPEC_PATH"] = None
    app.config["SECURITY_SCHEMES"] = {"token": {"type": "http", "scheme": "bearer"}}
    app.description = (
        "Whisker says what is on a photo, on this machine alone. Every error has the shape "
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


_FILES: Shape = {"type": "array", "items": FILE, "maxItems": FILES}
_PICTURE: Shape = {
    "image/*": {"schema": FILE},
    JSON: {"schema": object_of({"image": {**TEXT, "contentEncoding": "base64"}})},
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
        "content": {"multipart/form-data": {"schema": object_of({"file": FILE})}, **_PICTURE},
    },
    ("/api/upload", "post"): {
        "required": True,
        "content": {"multipart/form-data": {"schema": object_of({"files": _FILES}, {"label": TEXT})}},
    },
    ("/api/retrain", "post"): {
        "required": False,
        "content": {
            JSON: {
                "schema": object_of(
                    {},
                    {
                        "recipe": one_of("quick", "finetune", "cnn", "vgg16", "resnet50"),
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
        _query("veil", one_of("1"), "Only the transparent heat map"),
    ],
    ("/api/predictions", "get"): [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": HISTORY_PAGE, "default": 50}, "At most so many"),
        _query("before", TEXT, "The `next_before` of the page before, or a time"),
    ],
}
