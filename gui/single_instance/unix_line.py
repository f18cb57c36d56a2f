"""A line asked and a line answered over a Unix socket, on the event loop's own thread.

Plain Python, since Qt's network library wants Kerberos and more of the system, which a bare machine need not have.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSocketNotifier

LARGEST = 16 << 20
"""Bytes of a line: room for a hundred thousand long paths."""

Answer = Callable[[bytes], bytes]


def addresses(home: Path, name: str) -> list[str]:
    """Where the first one listens: in the home, or where that cannot hold a socket, in a folder of this user."""
    found = [str(home / "window.socket")]
    short = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), f"whisker-{os.getuid()}")
    try:
        short.mkdir(mode=0o700, exist_ok=True)
        mine = short.lstat()
    except OSError:
        return found
    # A folder that somebody else has made there, or may write to, is not trusted.
    if mine.st_uid == os.getuid() and mine.st_mode & 0o170022 == 0o040000:
        found.append(str(short / name))
    return found


class Listener:
    """Answers each line with `answer(line)`; with b"" it hangs up."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._socket: socket.socket | None = None
        self._notifiers: dict[socket.socket, QSocketNotifier] = {}
        self._heard: dict[socket.socket, bytearray] = {}
        self._address = ""

    def listen(self, address: str) -> bool:
        """Whether one can be heard there. What a killed one has left there goes."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(address)
            listening.bind(address)
            # Nobody is let in before `listen`, and then its own user alone.
            os.chmod(address, 0o600)
            listening.listen(16)
        except (OSError, UnicodeError):
            # A path that is too long, or a file system without sockets.
            listening.close()
            return False
        self._socket, self._address = listening, address
        self._watch(listening, self._on_caller)
        return True

    def close(self) -> None:
        for end in tuple(self._notifiers):
            self._hang_up(end)
        if self._socket is not None:
            self._socket = None
            with contextlib.suppress(OSError):
                os.unlink(self._address)

    def _watch(self, end: socket.socket, ready: Callable[[], None]) -> None:
        end.setblocking(False)
        notifier = QSocketNotifier(end.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(lambda *_: ready())
        self._notifiers[end] = notifier

    def _on_caller(self) -> None:
        if self._socket is None:
            return
        try:
            caller, _ = self._socket.accept()
        except OSError:
            return
        self._heard[caller] = bytearray()
        self._watch(caller, lambda: self._on_words(caller))

    def _on_words(self, caller: socket.socket) -> None:
        heard = self._heard.get(caller)
        if heard is None:
            return
        try:
            words = caller.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            words = b""
        heard += words
        line, newline, _ = heard.partition(b"\n")
        if newline:
            answer = self._answer(bytes(line))
            with contextlib.suppress(OSError):
                caller.sendall(answer)
        if newline or not words or len(heard) > LARGEST:
            self._hang_up(caller)

    def _hang_up(self, end: socket.socket) -> None:
        notifier = self._notifiers.pop(end)
        notifier.setEnabled(False)
        notifier.deleteLater()
        self._heard.pop(end, None)
        end.close()


def ask(address: str, line: bytes, end: float) -> bytes:
    """What is answered at `address` before the monotonic time `end`; b"" when nothing is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        try:
            caller.settimeout(max(0.01, end - time.monotonic()))
            caller.connect(address)
            caller.sendall(line + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                caller.settimeout(max(0.01, end - time.monotonic()))
                words = caller.recv(1024)
                if not words:
                    return b""
                answer += words
            return answer.rstrip(b"\n")
        except (OSError, UnicodeError):
            return b""
