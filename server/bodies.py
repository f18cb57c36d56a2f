"""How pictures arrive: a form with files, a raw body, or JSON with base64."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from server.errors import BodyTooLarge, NothingSent, RequestError
from server.limits import FILES_BODY, IMAGE_BODY, MB, SMALL_BODY
from server.multipart import Part, boundary_of, parts_of

PICTURE = "The photo"
"""What one without a name is called, in the sentences about it and in the history."""
FORM = "multipart/form-data"
_SEND = "Send a file field, a raw image body, or JSON with base64 in `image`."


@dataclass(frozen=True)
class Sent:
    """Pictures as they came.

    Attributes:
        pictures: Name and content of each, in order.
        many: Whether a list is expected back.
        fields: The form's other fields.
    """

    pictures: list[tuple[str, bytes]]
    many: bool
    fields: dict[str, str]


def sent_form(environ: dict[str, Any]) -> Sent:
    """The files of a form, where nothing else will do.

    Raises:
        NothingSent: it is no form, or has no file.
        RequestError: the form is damaged.
    """
    kind = str(environ.get("CONTENT_TYPE", ""))
    if _media(kind) != FORM:
        raise NothingSent("No form was sent.", "Send a multipart/form-data form with `files`.")
    return _form(parts_of(body(environ, FILES_BODY), boundary_of(kind)))


def sent(environ: dict[str, Any]) -> Sent:
    """The pictures of a request.

    Raises:
        NothingSent: there is none.
        RequestError: the body is not what its type says.
    """
    media = _media(str(environ.get("CONTENT_TYPE", "")))
    if media == FORM:
        return sent_form(environ)
    content = body(environ, IMAGE_BODY)
    if not content:
        raise NothingSent("No photo was sent.", _SEND)
    if media == "application/json" or media.endswith("+json"):
        return Sent([(PICTURE, _base64(parsed(content)))], False, {})
    # Whatever else it calls itself: the content decides, and curl calls every body a form.
    return Sent([(PICTURE, content)], False, {})


def body(environ: dict[str, Any], limit: int) -> bytes:
    """The whole body.

    Raises:
        BodyTooLarge: it has more than `limit` bytes; nothing was decoded.
    """
    declared = str(environ.get("CONTENT_LENGTH") or "0")
    length = int(declared) if declared.isascii() and declared.isdigit() else 0
    if length > limit:
        raise too_large(limit)
    content: bytes = environ["wsgi.input"].read(length)
    return content


def body_limit(method: str, path: str, content_type: str) -> int:
    """How many bytes such a request may bring; known before any has come."""
    if method != "POST" or path not in ("/api/predict", "/api/explain", "/api/upload"):
        return SMALL_BODY
    return FILES_BODY if content_type.lstrip().lower().startswith("multipart/") else IMAGE_BODY


def too_large(limit: int) -> BodyTooLarge:
    size = f"{limit // MB} MB" if limit >= MB else f"{limit // 1024} kB"
    return BodyTooLarge(f"More than {size} came at once.", "A photo may have 16 MB.")


def parsed(content: bytes) -> dict[str, Any]:
    """A JSON object.

    Raises:
        RequestError: it is none.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RequestError("The body is no JSON.", _SEND) from error
    if not isinstance(value, dict):
        raise RequestError("The body is no JSON object.", _SEND)
    return value


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _form(parts: list[Part]) -> Sent:
    files = [part for part in parts if part.filename is not None and part.name in ("file", "files")]
    # A browser sends an input that was left empty as one nameless file without content.
    files = [part for part in files if part.filename or part.data]
    if not files:
        raise NothingSent("No file was sent.", "Send it in the form's field `file`, or several in `files`.")
    many = len(files) > 1 or files[0].name == "files"
    fields = {part.name: part.data.decode("utf-8", "replace") for part in parts if part.filename is None}
    return Sent([(base_name(part.filename or PICTURE), part.data) for part in files], many, fields)


def base_name(name: str) -> str:
    """The last part of what a client calls its file, without controls: a label for people, never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200].strip() or PICTURE


def _base64(value: dict[str, Any]) -> bytes:
    text = value.get("image")
    if not isinstance(text, str) or not text.strip():
        raise NothingSent("The JSON has no `image`.", "Put the photo there as base64.")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError("`image` is no base64.", "Encode the file's bytes, not its name.") from error
