"""waitress, made to refuse early and to speak JSON.

Who may not ask is turned away when the headers are there, before a body is kept: it is read to its end, so that the
client hears why instead of a broken pipe, and thrown away. waitress's own refusals (a request that is no HTTP) leave
in the same shape as all others.
"""

from __future__ import annotations

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from engine.errors import WhiskerError
from server.ahead import KEY, Ahead
from server.bodies import body_limit, too_large
from server.front import NO_STORE, SECURITY
from server.guard import Access
from server.replies import JSON, Headers, code_of_status, encoded, error_json, failure, status_line
from server.room import UNKNOWN_ROUTE, Room


class Refusal(Error):  # type: ignore[misc]
    """An answer without the application.

    Args:
        error: What to say.
        keep: Whether the connection may go on, because the request was read whole.
    """

    def __init__(self, error: WhiskerError, *, keep: bool = False) -> None:
        super().__init__(str(error))
        self.code, payload, headers = failure(error)
        self.keep = keep
        self._content = encoded(payload)
        self._headers = headers

    def to_response(self, ident: str | None = None) -> tuple[str, Headers, bytes]:
        return status_line(self.code), [("Content-Type", JSON), *self._headers], self._content


class Task(WSGITask):  # type: ignore[misc]
    """Brings the application what is known already, and sends an answer in one piece."""

    wrote_header: bool

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.ahead is not None:
            environ[KEY] = self.request.ahead
        return environ

    def write(self, data: bytes) -> None:
        if not self.wrote_header and self.complete and data and self.content_length == len(data) and self.has_body:
            # Two pieces would be two calls of the system, and would wake the client twice.
            self.channel.write_soon(self.build_response_header() + data)
            self.wrote_header = True
            self.content_bytes_written += len(data)
        else:
            super().write(data)


class JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """Speaks of what waitress found wrong in the shape of all our errors."""

    def execute(self) -> None:
        error = self.request.error
        if isinstance(error, Refusal):
            status, headers, content = error.to_response()
        else:
            said = error_json(code_of_status(error.code), f"This is no request that is understood: {error.body}.")
            status, headers, content = status_line(error.code), [("Content-Type", JSON)], encoded(said)
        request, client = self.request, self.channel.addr[0] if self.channel.addr else ""
        method, path = getattr(request, "command", "GET"), getattr(request, "path", "")
        self.channel.room.note(method, UNKNOWN_ROUTE, path, error.code, time.time(), 0.0, client)
        self.status = status
        self.response_headers.extend([*headers, *SECURITY, NO_STORE])
        if not (isinstance(error, Refusal) and error.keep):
            self.set_close_on_finish()
        self.content_length = len(content)
        self.write(content)


class Bin:
    """A buffer that forgets; its length is what was thrown in."""

    def __init__(self) -> None:
        self._length = 0

    def append(self, data: bytes) -> None:
        self._length += len(data)

    def __len__(self) -> int:
        return self._length

    def getfile(self) -> None:
        return None

    def close(self) -> None:
        return None


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Knows when the headers are there whether the body is wanted."""

    access: Access
    error: Error | None = None
    refusal: Refusal | None = None
    limit: int | None = None
    ahead: Ahead | None = None

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        refused: WhiskerError | None = self.access.refusal(self.command, self._header)
        self.limit = body_limit(self.command, self.path, self.headers.get("CONTENT_TYPE", ""))
        if refused is None and self.content_length > self.limit:
            refused = too_large(self.limit)
        if refused is not None:
            self._refuse(refused)

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        # A chunked body says its size only by coming.
        if self.refusal is None and self.limit is not None and self.body_bytes_received > self.limit and self.chunked:
            self._refuse(too_large(self.limit))
        if self.completed and self.error is None:
            self.error = self.refusal
        return consumed

    def _refuse(self, why: WhiskerError) -> None:
        # What was read whole leaves a connection that can go on.
        self.refusal = Refusal(why, keep=True)
        if self.body_rcv is not None:
            self.body_rcv.buf.close()
            self.body_rcv.buf = Bin()

    def _header(self, name: str) -> str | None:
        value: Any = self.headers.get(name.upper().replace("-", "_"))
        return None if value is None else str(value)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection of `room`'s server."""

    room: Room
    task_class = Task
    error_task_class = JsonErrorTask
    _busy = False

    def recv(self, buffer_size: int) -> bytes:
        data: bytes = super().recv(buffer_size)
        self.room.whisker.monitor.answers.moved(received=len(data))
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        count: int = super().send(data, do_close)
        self.room.whisker.monitor.answers.moved(sent=count)
        return count

    def write_soon(self, data: bytes) -> int:
        self._busy = True
        try:
            written: int = super().write_soon(data)
            return written
        finally:
            self._busy = False
            if self.total_outbufs_len:
                self.server.pull_trigger()

    def writable(self) -> bool:
        # A thread that is sending needs no help: the loop would go round and round beside it until it is done.
        if self._busy and self.total_outbufs_len < self.adj.outbuf_high_watermark and not self.will_close:
            return False
        return bool(super().writable())


def channel_for(room: Room) -> type[Channel]:
    """The kind of connection that this room's server accepts."""

    class GuardedParser(Parser):
        access = room.access

    class OwnChannel(Channel):
        parser_class = GuardedParser

    OwnChannel.room = room
    return OwnChannel
