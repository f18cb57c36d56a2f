"""Clients that keep their connections and post one picture again and again, in a process of their own.

Lines in: PORT CLIENTS REQUESTS. Lines out: one JSON object each, {"seconds", "p50", "p99"}, the times in milliseconds.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from pathlib import Path

BOUNDARY = b"a-boundary-that-is-not-in-the-picture"


class Unanswered(Exception):
    """A server that did not do its work: then there is nothing to measure."""


def request(port: int, picture: bytes) -> bytes:
    """One multipart request, whole."""
    head = b'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = b"--" + BOUNDARY + b"\r\n" + head + picture + b"\r\n--" + BOUNDARY + b"--\r\n"
    lines = [
        b"POST /api/predict HTTP/1.1",
        b"Host: 127.0.0.1:%d" % port,
        b"Content-Type: multipart/form-data; boundary=" + BOUNDARY,
        b"Content-Length: %d" % len(body),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def answer(wire: socket.socket) -> bool:
    """Read the next answer; whether the server keeps the connection.

    Raises:
        Unanswered: it is no 200.
    """
    said = b""
    while b"\r\n\r\n" not in said:
        said += received(wire)
    head, _, body = said.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += received(wire)
    if head.split()[1] != b"200":
        raise Unanswered(f"{head.decode()}\n{body.decode()}")
    return b"connection: close" not in head.lower()


def received(wire: socket.socket) -> bytes:
    data = wire.recv(65536)
    if not data:
        raise Unanswered("The server closed the connection.")
    return data


def burst(port: int, clients: int, requests: int, picture: bytes) -> dict[str, float]:
    """Send so many requests in all over so many connections."""
    whole = request(port, picture)
    times: list[float] = []
    failed: list[str] = []
    left = [requests]
    lock = threading.Lock()

    def connected() -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", port))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def work() -> None:
        wire = connected()
        try:
            while take():
                began = time.perf_counter()
                wire.sendall(whole)
                if not answer(wire):
                    wire.close()
                    wire = connected()
                times.append(time.perf_counter() - began)
        except (Unanswered, OSError) as error:
            failed.append(f"port {port}: {error}")
        finally:
            wire.close()

    def take() -> bool:
        with lock:
            left[0] -= 1
            return left[0] >= 0

    threads = [threading.Thread(target=work) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failed:
        raise SystemExit(failed[0])
    times.sort()
    return {"seconds": seconds, "p50": times[len(times) // 2] * 1e3, "p99": times[int(len(times) * 0.99)] * 1e3}


if __name__ == "__main__":
    photo = Path(sys.argv[1]).read_bytes()
    for line in sys.stdin:
        print(json.dumps(burst(*map(int, line.split()), photo)), flush=True)
