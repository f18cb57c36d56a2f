"""How the Server page is posed for its screenshots: a real server on this computer, and real requests."""

from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

from server.local_server import LocalServer
from server.ports import free_port


class AtHome(LocalServer):
    """Stays on this computer whatever is wished, and tells an address as a home network gives them."""

    def start(self, host: str = "127.0.0.1", port: int = 5000, token: str | None = None, **more: Any) -> str:
        return super().start("127.0.0.1", port, token, **more)

    def addresses(self) -> list[str]:
        return ["192.168.1.20"]


def off(studio: Any) -> None:
    studio.whisker.settings.set("server_port", free_port())
    studio.window.show_page("server")


def taken(studio: Any) -> None:
    """Another program has the port."""
    page = studio.window.page("server")
    with socket.create_server(("127.0.0.1", studio.desk.server.wish.port)):
        page.power.switch.click()
        studio.wait(lambda: studio.desk.server.error is not None)


def on(studio: Any) -> None:
    studio.window.page("server").power.switch.click()
    studio.wait(lambda: studio.desk.server.on)


def busy(studio: Any) -> None:
    photos = [path.read_bytes() for path in sorted(studio.many.iterdir())]
    for number, photo in enumerate(photos):
        _ask(studio, "POST", "/api/predict", photo)
        if number % 4 == 2:
            _ask(studio, "GET", "/api/statistics")
    _ask(studio, "POST", "/api/explain", photos[3])
    _ask(studio, "POST", "/api/predict", studio.broken.read_bytes())
    _ask(studio, "GET", "/api/predictions", None, Origin="http://elsewhere.example")
    for photo in photos[4:9]:
        _ask(studio, "POST", "/api/predict", photo)
    studio.wait(lambda: studio.window.page("server").requests.table.model().rowCount() > len(photos))


def python(studio: Any) -> None:
    studio.window.page("server").snippets.tabs["Python"].click()


def network(studio: Any) -> None:
    page = studio.window.page("server")
    page.reach.reach["network"].click()
    studio.wait(lambda: studio.desk.server.on and studio.desk.server.addresses)
    page.snippets.tabs["JavaScript"].click()


def moved(studio: Any) -> None:
    """Another program has the port that was wished for; the server stays where it is."""
    page = studio.window.page("server")
    page.reach.reveal.setChecked(True)
    state = studio.desk.server
    wished = free_port(after=state.port + 1)
    with socket.create_server(("127.0.0.1", wished)):
        state.set("server_port", wished)
        studio.wait(lambda: state.error is not None)
    page.reach.reveal.setChecked(False)


def _ask(studio: Any, method: str, path: str, body: bytes | None = None, **headers: str) -> None:
    port = urlsplit(studio.desk.server.url).port
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request(method, path, body, headers)
    client.getresponse().read()
    client.close()


POSES = {
    "server-off": off,
    "server-port-taken": taken,
    "server-on": on,
    "server-busy": busy,
    "server-python": python,
    "server-network": network,
    "server-moved": moved,
}
"""In this order: each begins where the one before it ends."""
