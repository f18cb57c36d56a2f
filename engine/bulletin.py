"""One road for news: whatever happens is a small frozen value told to everyone who listens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.prediction import Prediction


@dataclass(frozen=True)
class News:
    """Something that happened; each kind is a subclass."""


@dataclass(frozen=True)
class Predicted(News):
    """Predictions were made and stand in the history; many at once while a folder is classified."""

    rows: tuple[int, ...]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class Unrecorded(News):
    """Predictions were made that the history could not take; told each time, while NotRemembered says why once."""

    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class NotRemembered(News):
    """The history could not take predictions: what is the matter, and what to do next. Not told again until it can."""

    message: str
    hint: str


@dataclass(frozen=True)
class Corrected(News):
    """A person said what the picture of history row `row` really is; None takes it back."""

    row: int
    label: str | None


@dataclass(frozen=True)
class RequestAnswered(News):
    """The local server answered a request.

    Attributes:
        at: Seconds since 1970, when it came.
        status: The HTTP status.
        client: The address that asked.
        thumbnail: The picture that was sent, as a small JPEG, while the server is asked for those; else None.
    """

    at: float
    method: str
    path: str
    status: int
    elapsed_ms: float
    client: str
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class RetrainingBegun(News):
    """A training that a client of the local server asked for is under way, or one that begins by itself."""

    automatic: bool


@dataclass(frozen=True)
class Retrained(News):
    """A training that a client of the local server asked for, or that began by itself, is over.

    Attributes:
        automatic: It began by itself.
        reference: The model it made, as NAME@VERSION; None if none came of it.
        said: One or two sentences: whether that model answers from now on and why, or why there is none.
    """

    automatic: bool
    reference: str | None
    said: str


@dataclass(frozen=True)
class ModelActivated(News):
    """From now on answers come from this model."""

    name: str
    version: int


@dataclass(frozen=True)
class ShelfChanged(News):
    """A model was published, imported or removed."""


@dataclass(frozen=True)
class SettingChanged(News):
    """The setting `key` has a new value; read it from the settings."""

    key: str


@dataclass(frozen=True)
class HistoryCleared(News):
    """Rows were removed from the history: these, or, where none is named, more than are worth naming."""

    rows: tuple[int, ...] = ()


Listener = Callable[[News], None]


class Bulletin:
    """Tells each listener each piece of news, in the thread that has the news.

    Listeners must be quick and must not raise: a window hands over to its own thread, a server to its queue.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Register `listener`; the returned callable takes it off again."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def tell(self, news: News) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(news)
