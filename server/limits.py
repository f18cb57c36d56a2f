"""How much is taken at once: bytes, pixels, files, requests and time."""

from __future__ import annotations

from engine.images import Limits

MB = 1 << 20

IMAGE = Limits(max_bytes=16 * MB, max_pixels=64_000_000)
"""One picture. Pixels are known from the header, before anything is decoded."""

IMAGE_BODY = 4 * IMAGE.max_bytes // 3 + MB
"""A picture as the whole body, base64 in JSON at the widest."""

FILES_BODY = 128 * MB
"""A multipart body with many pictures; those above 16 MB are refused one by one."""

DISCARDED = 1 << 30
"""A body that is refused is read to its end, so that the client hears why, and thrown away, up to this."""

SMALL_BODY = 64 * 1024
"""A body that holds no picture."""

FILES = 1000
PART_HEADER = 8 * 1024
REQUEST_HEADER = 32 * 1024

WAITING = 256
"""Pictures that may wait for a core before the next asker is told to come back."""

WAITING_BYTES = 512 * MB
RETRY_AFTER_S = 1
FOLLOWERS = 8
"""Streams of a retraining's events at one time."""

CONNECTIONS = 512
IDLE_S = 60
"""A connection that says nothing for so long is closed."""

MANY_S = 60.0
"""Time for one request with many pictures; those it leaves over are answered with an error each."""

HISTORY_PAGE = 500
"""Predictions in one answer."""
