"""Ports: to listen on one, to find a free one, and to say why one cannot be had."""

from __future__ import annotations

import errno
import socket
import sys

from engine.errors import PortTaken, ServerError

HOST = "127.0.0.1"
PORT = 5000


def free_port(host: str = HOST, after: int = PORT) -> int:
    """The first port from `after` on that nobody listens on.

    Raises:
        ServerError: none of the next hundred is free.
    """
    for port in range(after, min(after + 100, 65536)):
        try:
            listen(host, port).close()
        except PortTaken:
            continue
        return port
    raise ServerError(f"No port from {after} on is free.", "Choose one yourself.")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes one that is free.

    Raises:
        PortTaken: another program listens there, or the system gives it to nobody.
        ServerError: it is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise ServerError(f"{host} is no address of this machine.", "127.0.0.1 is, for this machine alone.") from error
    listening = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            # There REUSEADDR would let two programs share the port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Taken only once it listens: on Linux two may bind.
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def _refused(host: str, port: int, error: OSError) -> ServerError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"Another program listens on port {port} already.", "Choose another port.")
    if error.errno == errno.EACCES:
        return PortTaken(f"The system does not give out port {port}.", "Choose one above 1023.")
    return ServerError(f"The server cannot listen on {host} ({error.strerror}).", "127.0.0.1 works everywhere.")


def reachable(host: str) -> str:
    """`host` as it stands in an address; every-address becomes this machine's own."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host
