"""Small copies of the latest pictures that came without a file, in memory alone and only while somebody looks.

What a program sends to the API is not kept. Who watches the predictions as they come sees all the same what they were
about; when nobody looks any more, the copies are gone.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import ImageError

if TYPE_CHECKING:
    from engine.images import Limits

KEPT = 60
SIDE = 128


class Glimpses:
    """Pictures by the number of their row in the history. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def watch(self) -> Callable[[], None]:
        """Begin to look; the returned callable ends it, and with the last of those who look the copies go."""
        with self._lock:
            self._watchers += 1
        left = threading.Event()

        def leave() -> None:
            with self._lock:
                if not left.is_set():
                    left.set()
                    self._watchers -= 1
                    if not self._watchers:
                        self._kept.clear()

        return leave

    def keep(self, row: int | None, picture: bytes, limits: Limits | None = None) -> None:
        """Keep a small JPEG of `picture`, an image file's content, if somebody looks; takes a millisecond or two."""
        if row is None or not self._watchers:
            return
        from engine.images import DESKTOP, thumbnail

        file = io.BytesIO()
        try:
            thumbnail(picture, SIDE, limits=limits or DESKTOP).save(file, "JPEG", quality=80)
        except ImageError:
            return  # It was answered a moment ago; without its copy the list is whole all the same.
        with self._lock:
            if self._watchers:
                self._kept[row] = file.getvalue()
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)

    def get(self, row: int) -> bytes | None:
        """The picture of a row as a small JPEG; None when there is no copy."""
        with self._lock:
            return self._kept.get(row)

    def forget(self) -> None:
        """Rows were removed from the history: no copy outlives them."""
        with self._lock:
            self._kept.clear()
