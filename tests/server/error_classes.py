"""The errors that a route may meet."""

from __future__ import annotations

from collections.abc import Iterator

from engine import errors
from engine.errors import WhiskerError
from server import errors as ours


def family(parent: type[WhiskerError] = WhiskerError) -> Iterator[type[WhiskerError]]:
    yield parent
    for child in parent.__subclasses__():
        if child.__module__ in (errors.__name__, ours.__name__):
            yield from family(child)
