"""One request to the window's own server, over HTTP as any program would send it."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from engine.errors import ServerError

LONGEST_S = 20.0


def send(address: str, token: str | None, photo: Path) -> None:
    """Ask what is on `photo`.

    Raises:
        ServerError: the server did not answer.
        OSError: the photo cannot be read.
    """
    request = Request(f"{address}/api/predict", photo.read_bytes(), {"Content-Type": "application/octet-stream"})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        # Straight there, whatever proxy the system has for elsewhere.
        with build_opener(ProxyHandler({})).open(request, timeout=LONGEST_S) as reply:
            reply.read()
    except URLError as error:
        raise ServerError(f"The server did not answer the sample ({error.reason}).", "The list says more.") from error
