"""Who may ask.

Loopback is no boundary: any web page that is open in a browser on this machine can send requests to it, directly
(cross-site posts, pictures, forms) or under a name of its own that it lets point here (DNS rebinding). So each request
must name this server as its host, and must not come from a page of another site. Beyond loopback it must also bring
the token. Everything here is pure, so that it can be tried with hostile input.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from server.errors import HostRefused, OriginRefused, Refused, TokenWanted

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ADDRESSES_AGAIN_S = 2.0

Header = Callable[[str], str | None]
"""The value of a header by its lower-case name, None if it was not sent."""

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,253}[a-z0-9_])?\.?")


@lru_cache(maxsize=64)
def authority(text: str) -> tuple[str, int | None] | None:
    """`LocalHost.:5000` -> ("localhost", 5000), `[::1]` -> ("::1", None); None when it is no host at all.

    Names come in lower case without a trailing dot; addresses in their shortest form.
    """
    text = text.strip().lower()
    port: int | None = None
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            return None
        digits = rest[1:]
        has_port = bool(rest)
    else:
        host, colon, digits = text.partition(":")
        has_port = bool(colon)
    if has_port:
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) < 65536):
            return None
        port = int(digits)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if text.startswith("[") or not _NAME.fullmatch(host):
            return None
        return host.rstrip("."), port
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address), port


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Whether listening on `host` reaches this machine alone."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Access:
    """What the server calls itself, and what it wants to be shown.

    Attributes:
        host: The address it listens on; all of them for 0.0.0.0 or ::.
        port: The port it listens on; None while it is not known, and then any port is its own.
        token: What `Authorization: Bearer` must bring; None on loopback alone.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    token: str | None = None
    _addresses: frozenset[str] = field(default=frozenset(), repr=False)
    _looked: float = field(default=-ADDRESSES_AGAIN_S, repr=False)

    def refusal(self, method: str, header: Header) -> Refused | None:
        """Why this request is not answered; None when it may be."""
        named = authority(header("host") or "")
        if named is None or not self.is_own(*named):
            return HostRefused("This server does not go by the name in the request's Host header.", "Use its address.")
        if not self._same_site(method, header):
            return OriginRefused("Pages of other sites may not use this server.", "Open its own page instead.")
        if self.token is not None and not brings(header("authorization"), self.token):
            return TokenWanted("This server wants its token.", "Send it as `Authorization: Bearer TOKEN`.")
        return None

    def is_own(self, host: str, port: int | None) -> bool:
        """Whether `host` (as `authority` gives it) and `port` are this server."""
        if self.port is not None and (port or 80) != self.port:
            return False
        if is_loopback(self.host):
            return host in LOOPBACK or host == self.host
        if host == self.host:
            return True
        if self.host in ("0.0.0.0", "::") and host in LOOPBACK:
            return True
        return host in self._own_addresses()

    def _same_site(self, method: str, header: Header) -> bool:
        origin = header("origin")
        if origin is not None:
            scheme, separator, rest = origin.partition("://")
            named = authority(rest) if separator and scheme.lower() == "http" else None
            return named is not None and self.is_own(*named)
        site = header("sec-fetch-site")
        if site is None or site in ("same-origin", "none"):
            return True
        # Following a link to the page is no attack; embedding it, or fetching from it, is.
        opened = header("sec-fetch-mode") == "navigate" and header("sec-fetch-dest") == "document"
        return method == "GET" and opened

    def _own_addresses(self) -> frozenset[str]:
        """The names and addresses of this machine; looked up again when the network may have changed."""
        if time.monotonic() - self._looked >= ADDRESSES_AGAIN_S:
            self._looked = time.monotonic()
            self._addresses = frozenset(own_addresses() if self.host in ("0.0.0.0", "::") else own_names())
        return self._addresses


def own_names() -> set[str]:
    """What other machines may call this one."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    return {name, short, f"{short}.local"} - {""}


def own_addresses() -> Iterable[str]:
    """Names and addresses of every network card."""
    import psutil

    found = own_names()
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family in (socket.AF_INET, socket.AF_INET6):
                found.add(str(ipaddress.ip_address(address.address.partition("%")[0])))
    return found


def network_addresses() -> list[str]:
    """The IPv4 addresses under which other machines reach this one, the one towards the rest of the world first."""
    import psutil

    up = {name for name, card in psutil.net_if_stats().items() if card.isup}
    found = [
        address.address
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if name in up and address.family == socket.AF_INET
    ]
    wanted = [one for one in found if not (ip := ipaddress.ip_address(one)).is_loopback and not ip.is_link_local]
    first = _outward()
    return sorted(wanted, key=lambda one: (one != first, not ipaddress.ip_address(one).is_private))


def _outward() -> str:
    """The address that a packet to elsewhere would leave from. Nothing is sent: UDP only looks up the way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(way.getsockname()[0])


def brings(authorization: str | None, token: str) -> bool:
    """Whether the header shows the token, as Bearer or, from a browser, as the password of Basic.

    Compared in constant time, so that a wrong one says nothing of the right one.
    """
    scheme, _, value = (authorization or "").strip().partition(" ")
    shown = value.strip().encode("utf-8", "surrogateescape")
    if scheme.lower() == "basic":
        try:
            shown = base64.b64decode(shown, validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            shown = b""
    elif scheme.lower() != "bearer":
        shown = b""
    return hmac.compare_digest(hashed(shown), hashed(token.encode()))


def hashed(secret: bytes) -> bytes:
    """A digest of equal length for secrets of any: `compare_digest` alone would tell the length."""
    return hmac.digest(b"whisker", secret, "sha256")
