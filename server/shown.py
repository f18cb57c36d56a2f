"""A small copy of what was sent, for whoever watches the requests."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from engine.errors import ImageError
from server.bodies import Sent
from server.limits import IMAGE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from server.room import Room

THUMBNAIL = 96
KEY = "whisker.thumbnail"


def show(room: Room, sent: Sent, environ: WSGIEnvironment) -> None:
    """Put a small copy of the first picture where the front door finds it, while somebody looks."""
    if not room.thumbnails or not sent.pictures:
        return
    from engine.images import thumbnail

    try:
        small = thumbnail(sent.pictures[0][1], THUMBNAIL, limits=IMAGE)
    except ImageError:
        return
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    environ[KEY] = file.getvalue()
