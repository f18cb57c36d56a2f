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


def answer(wire: socket.socket) -> bytes:
    """The next answer's body; ends the program at any that is no 200."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += received(wire)
    head, _, body = said.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += received(wire)
    if head.split()[1] != b"200":
        raise SystemExit(f"{head.decode()}\n{body.decode()}")
    return body


def received(wire: socket.socket) -> bytes:
    data = wire.recv(65536)
    if not data:
        raise SystemExit("The server closed the connection.")
    return data


def burst(port: int, clients: int, requests: int, picture: bytes) -> dict[str, float]:
    """Send so many requests in all over so many connections."""
    whole = request(port, picture)
    times: list[float] = []
    left = [requests]
    lock = threading.Lock()

    def work(wire: socket.socket) -> None:
        while True:
            with lock:
                if left[0] == 0:
                    return
                left[0] -= 1
            began = time.perf_counter()
            wire.sendall(whole)
            answer(wire)
            times.append(time.perf_counter() - began)

    wires = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    for wire in wires:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threads = [threading.Thread(target=work, args=(wire,)) for wire in wires]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for wire in wires:
        wire.close()
    times.sort()
    return {"seconds": seconds, "p50": times[len(times) // 2] * 1e3, "p99": times[int(len(times) * 0.99)] * 1e3}


if __name__ == "__main__":
    photo = Path(sys.argv[1]).read_bytes()
    for line in sys.stdin:
        print(json.dumps(burst(*map(int, line.split()), photo)), flush=True)
