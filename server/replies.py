"""How the server speaks: JSON, one shape for every error, and the one table of statuses."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from engine import errors
from engine.errors import WhiskerError
from server import errors as ours
from server.limits import RETRY_AFTER_S

STATUS: dict[type[WhiskerError], int] = {
    WhiskerError: 500,
    errors.ImageError: 422,
    errors.ImageNotFound: 404,
    errors.ImageNotAllowed: 403,
    errors.ImageEmpty: 400,
    errors.ImageTruncated: 422,
    errors.ImageUnreadable: 422,
    errors.ImageFormatUnsupported: 415,
    errors.ImageTooLarge: 413,
    errors.ImageTooManyPixels: 413,
    errors.ModelError: 503,
    errors.ModelNotFound: 503,
    errors.ModelBroken: 503,
    errors.ModelProtected: 409,
    errors.DatasetError: 422,
    errors.FolderError: 507,
    errors.HistoryError: 503,
    errors.SettingsError: 400,
    errors.ServerError: 500,
    errors.PortTaken: 500,
    errors.TrainingError: 500,
    errors.TrainingBusy: 409,
    errors.PlanError: 400,
    errors.TrainingUnavailable: 501,
    errors.TrainingCancelled: 409,
    errors.WeightsUnavailable: 424,
    ours.RequestError: 400,
    ours.NothingSent: 400,
    ours.BodyTooLarge: 413,
    ours.TooManyFiles: 413,
    ours.Busy: 503,
    ours.JobNotFound: 404,
    ours.JobFinished: 409,
    ours.Refused: 403,
    ours.HostRefused: 403,
    ours.OriginRefused: 403,
    ours.TokenWanted: 401,
}

JSON = "application/json"
Headers = list[tuple[str, str]]


def error_json(code: str, message: str) -> dict[str, Any]:
    """The one shape of every error."""
    return {"error": {"code": code, "message": message}}


def encoded(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def failure(error: WhiskerError) -> tuple[int, dict[str, Any], Headers]:
    """Status, body and extra headers for an error."""
    status = STATUS[type(error)]
    headers: Headers = []
    if status == 503:
        headers.append(("Retry-After", str(RETRY_AFTER_S)))
    if status == 401:
        # A browser asks for the token by itself when it is offered Basic: any name, the token as password.
        headers.append(("WWW-Authenticate", 'Basic realm="Whisker", charset="UTF-8", Bearer realm="Whisker"'))
    return status, error_json(error.code, str(error)), headers


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def code_of_status(status: int) -> str:
    """404 -> "not_found"."""
    if status == 413:
        # Its phrase is another one in each version of Python.
        return "body_too_large"
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")
