"""A line asked and a line answered over Qt's local socket, which on Windows is a named pipe."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtNetwork import QLocalServer, QLocalSocket

LARGEST = 16 << 20

Answer = Callable[[bytes], bytes]


def addresses(home: Path, name: str) -> list[str]:
    """The pipe's name: of this home and this user, since pipes have no folder to lie in."""
    return [f"whisker-{getpass.getuser()}-{name}"]


class Listener:
    """Answers each line with `answer(line)`; with b"" it hangs up."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._callers: set[QLocalSocket] = set()
        self._server = QLocalServer()
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_caller)

    def listen(self, address: str) -> bool:
        """Whether one can be heard there. What a killed one has left there goes."""
        QLocalServer.removeServer(address)
        return self._server.listen(address)

    def close(self) -> None:
        self._server.close()
        for caller in tuple(self._callers):
            caller.abort()
        self._server.deleteLater()

    def _on_caller(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            self._callers.add(caller)
            caller.readyRead.connect(lambda caller=caller: self._on_words(caller))
            caller.disconnected.connect(lambda caller=caller: self._callers.discard(caller))
            self._on_words(caller)

    def _on_words(self, caller: QLocalSocket) -> None:
        if caller.canReadLine():
            answer = self._answer(bytes(caller.readLine().data()).rstrip(b"\n"))
            caller.write(answer)
            caller.flush()
            caller.disconnectFromServer()
        elif caller.bytesAvailable() > LARGEST:
            caller.abort()


def ask(address: str, line: bytes, end: float) -> bytes:
    """What is answered at `address` before the monotonic time `end`; b"" when nothing is."""
    # Without an application object: this process may yet become the first, and make one of its own.
    caller = QLocalSocket()
    try:
        caller.connectToServer(address)
        if not caller.waitForConnected(_left(end)):
            return b""
        _let_come_forward()
        caller.write(line + b"\n")
        while not caller.canReadLine():
            if not caller.waitForReadyRead(_left(end)):
                return b""
        return bytes(caller.readLine().data()).rstrip(b"\n")
    finally:
        caller.abort()


def _left(end: float) -> int:
    return max(1, round(1000 * (end - time.monotonic())))


def _let_come_forward() -> None:
    """Windows lets a program come to the front only when the one in front allows it: that is us, just started."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)
