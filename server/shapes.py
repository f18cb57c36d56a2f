"""The shapes of what the API says, as JSON Schema: the components of its description."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def ref(name: str) -> Shape:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(required: Shape, optional: Shape | None = None) -> Shape:
    """An object that has all of `required` and may have those of `optional`."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def list_of(items: Shape) -> Shape:
    """A list of such."""
    return {"type": "array", "items": items}


def map_of(values: Shape) -> Shape:
    """An object from any names to such."""
    return {"type": "object", "additionalProperties": values}


def maybe(shape: Shape) -> Shape:
    """Such a one, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def one_of(*values: str) -> Shape:
    """One of these words."""
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
    "probabilities": map_of(SHARE),
    "unknown": {**YES_NO, "description": "Unlike anything the model was shown; the class is only the nearest"},
    "timestamp": MOMENT,
    "model": TEXT,
    "model_version": COUNT,
    "elapsed_ms": {**NUMBER, "description": "Decoding and inference"},
}
_SCORES: Shape = {"precision": SHARE, "recall": SHARE, "f1": SHARE}
_KEPT: Shape = object_of({"name": TEXT, "label": TEXT, "sha256": TEXT})

SHAPES: dict[str, Shape] = {
    "Error": object_of({"error": object_of({"code": TEXT, "message": TEXT})}),
    "One": object_of(_ANSWER),
    "Named": {"anyOf": [object_of({"name": TEXT, **_ANSWER}), object_of({"name": TEXT, "error": ANYTHING})]},
    "Prediction": {"anyOf": [ref("One"), object_of({"predictions": list_of(ref("Named"))})]},
    "Metrics": object_of(
        {
            "accuracy": SHARE,
            "accuracy_interval": list_of(SHARE),
            **_SCORES,
            "per_class": map_of(object_of({**_SCORES, "support": COUNT})),
            "confusion_matrix": object_of({"classes": list_of(TEXT), "matrix": list_of(list_of(COUNT))}),
            "ece": NUMBER,
            "images": COUNT,
        }
    ),
    "Received": object_of(
        {
            "saved": list_of(_KEPT),
            "rejected": list_of(object_of({"name": TEXT, "code": TEXT, "reason": TEXT})),
            "duplicates": list_of(_KEPT),
        }
    ),
    "UploadCounts": object_of({"labels": map_of(COUNT), "total": COUNT, "since_last_training": COUNT}),
    "Started": object_of({"job_id": TEXT, "status_url": TEXT, "events_url": TEXT}),
    "Job": object_of(
        {
            "job_id": TEXT,
            "state": one_of("running", "finished", "failed", "cancelled"),
            "recipe": TEXT,
            "name": TEXT,
            "epoch": COUNT,
            "epochs": maybe(COUNT),
            "message": TEXT,
            "metrics": maybe({**ANYTHING, "description": "Of the last epoch while running; at the end, of the model"}),
            "model": maybe(TEXT),
            "model_version": maybe(COUNT),
            "activated": YES_NO,
            "notes": list_of(TEXT),
            "error": maybe(ANYTHING),
            "started": MOMENT,
            "seconds": maybe(NUMBER),
            "status_url": TEXT,
            "events_url": TEXT,
        },
        {
            "stage": maybe(TEXT),
            "done": COUNT,
            "total": COUNT,
            "seconds_left": maybe(NUMBER),
            "comparison": maybe(ANYTHING),
            "automatic": YES_NO,
        },
    ),
    "Jobs": object_of({"jobs": list_of(ref("Job"))}),
    "Statistics": object_of(
        {
            "cpu_percent": NUMBER,
            "memory_percent": NUMBER,
            "disk_percent": maybe(NUMBER),
            "disk": object_of({"read_bytes_per_second": maybe(NUMBER), "written_bytes_per_second": maybe(NUMBER)}),
            "gpu": maybe(object_of({"percent": NUMBER, "memory_percent": maybe(NUMBER)})),
            "network": object_of(
                {
                    "requests_per_second": NUMBER,
                    "received_bytes_per_second": NUMBER,
                    "sent_bytes_per_second": NUMBER,
                }
            ),
            "process": object_of({"cpu_percent": NUMBER, "memory_bytes": COUNT, "threads": COUNT}),
            "predictions": object_of(
                {
                    "total": COUNT,
                    "unknown": COUNT,
                    "per_class": map_of(COUNT),
                    "per_second": NUMBER,
                    "in_history": maybe(COUNT),
                }
            ),
            "latency": object_of(
                {"count": COUNT, "p50": maybe(NUMBER), "p95": maybe(NUMBER), "p99": maybe(NUMBER), "unit": TEXT}
            ),
            "requests": map_of(COUNT),
            "uptime_seconds": NUMBER,
            "model": maybe(object_of({"name": TEXT, "version": COUNT, "metrics": maybe(ref("Metrics"))})),
            "recent": maybe(
                object_of(
                    {
                        "pictures": COUNT,
                        "unknown": COUNT,
                        "per_class": map_of(COUNT),
                        "drift": list_of(
                            object_of(
                                {
                                    "kind": TEXT,
                                    "class": maybe(TEXT),
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
    "Predictions": object_of(
        {
            "predictions": list_of(
                object_of({"id": COUNT, "source": TEXT, "name": TEXT, "correction": maybe(TEXT), **_ANSWER})
            ),
            "next_before": maybe(COUNT),
        }
    ),
    "ModelInfo": object_of(
        {
            "name": TEXT,
            "title": TEXT,
            "version": COUNT,
            "classes": list_of(TEXT),
            "input": object_of({"width": COUNT, "height": COUNT, "fit": TEXT, "resample": TEXT}),
            "recipe": maybe(TEXT),
            "metrics": maybe(ref("Metrics")),
            "training": ANYTHING,
            "hash": {**TEXT, "description": "SHA-256 of model.onnx"},
            "sure_above": {**SHARE, "description": "The confidence from which the person calls an answer sure"},
        },
        {
            "created": maybe(TEXT),
            "backbone": maybe(TEXT),
            "precision": maybe(TEXT),
            "unknown_threshold": maybe(NUMBER),
            "versions": map_of(TEXT),
            "licence": maybe(TEXT),
        },
    ),
    "Health": object_of(
        {"status": one_of("ok"), "model": TEXT, "model_version": COUNT},
        {"problem": {**TEXT, "description": "Why another than the chosen model answers, while one does"}},
    ),
}
