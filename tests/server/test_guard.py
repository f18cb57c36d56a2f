"""The guard as pure functions, with hostile input; and on every route."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from engine.whisker import Whisker
from server.app import create_app
from server.guard import Access, authority, brings, is_loopback, network_addresses, own_addresses

TOKEN = "correct horse battery staple"
SELF = "127.0.0.1:5000"


def refusal(access: Access, method: str = "GET", **headers: str) -> str | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    refused = access.refusal(method, named.get)
    return None if refused is None else refused.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", ("localhost", None)),
        ("LocalHost.:5000", ("localhost", 5000)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:5000", ("::1", 5000)),
        ("[0:0:0:0:0:0:0:1]", ("::1", None)),
        ("[::ffff:127.0.0.1]:5000", ("127.0.0.1", 5000)),
        ("", None),
        ("::1", None),
        ("[::1", None),
        ("[localhost]", None),
        ("localhost:", None),
        ("localhost:0", None),
        ("localhost:99999", None),
        ("localhost:5000:5000", None),
        ("localhost:+80", None),
        ("localhost:²", None),
        ("localhost, evil.example", None),
        ("user@localhost", None),
        ("localhost/evil", None),
        ("loc alhost", None),
        ("localhost\n", ("localhost", None)),
        ("l\u043ecalhost", None),  # with a Cyrillic o
        ("127.1", ("127.1", None)),  # a name to us, and not our own
        ("2130706433", ("2130706433", None)),
        ("-", None),
    ],
)
def test_that_a_host_header_is_read_as_host_and_port(text: str, expected: tuple[str, int | None] | None) -> None:
    assert authority(text) == expected


@pytest.mark.parametrize(
    "host", [SELF, "localhost:5000", "LOCALHOST:5000", "localhost.:5000", "[::1]:5000", "[0:0:0:0:0:0:0:1]:5000"]
)
def test_that_its_own_names_are_answered(host: str) -> None:
    assert refusal(Access(port=5000), host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:5000",
        "localhost.evil.example:5000",
        "127.0.0.1.nip.io:5000",
        "127.0.0.1:80",
        "127.0.0.1",
        "localhost:5001",
        "127.0.0.2:5000",
        "0.0.0.0:5000",
        "[::]:5000",
        "2130706433:5000",
        "127.1:5000",
        "0x7f.1:5000",
        f"{SELF}, evil.example",
    ],
)
def test_that_any_other_name_is_refused(host: str) -> None:
    assert refusal(Access(port=5000), host=host) == "host_refused"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://evil.example:5000",
        "null",
        "",
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:5000",
        "file://",
        "chrome-extension://abcdef",
        "http://127.0.0.1:5000.evil.example",
        "http://127.0.0.1:5000@evil.example",
        "http://evil.example/127.0.0.1:5000",
        "localhost:5000",
    ],
)
def test_that_a_page_of_another_site_is_refused(origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        assert refusal(Access(port=5000), method, host=SELF, origin=origin) == "origin_refused"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5000", "http://localhost:5000", "HTTP://LOCALHOST:5000"])
def test_that_its_own_page_is_answered(origin: str) -> None:
    assert refusal(Access(port=5000), "POST", host=SELF, origin=origin) is None


def test_that_what_a_browser_fetches_for_another_site_is_refused_without_an_origin_too() -> None:
    """Pictures and scripts embedded elsewhere come without an Origin; Sec-Fetch-Site gives them away."""
    access = Access(port=5000)
    for site in ("cross-site", "same-site", "nonsense"):
        assert refusal(access, host=SELF, sec_fetch_site=site, sec_fetch_mode="no-cors") == "origin_refused"
        framed = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}
        assert refusal(access, host=SELF, **framed) == "origin_refused"
        followed = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
        assert refusal(access, host=SELF, **followed) is None
        assert refusal(access, "POST", host=SELF, **followed) == "origin_refused"
    for site in ("same-origin", "none"):
        assert refusal(access, host=SELF, sec_fetch_site=site) is None


def test_that_beyond_loopback_its_addresses_and_names_are_its_own() -> None:
    everywhere = Access("0.0.0.0", 5000, TOKEN)
    for own in own_addresses():
        host = f"[{own}]" if ":" in own else own
        assert refusal(everywhere, host=f"{host}:5000", authorization=f"Bearer {TOKEN}") is None
    assert refusal(everywhere, host="evil.example:5000", authorization=f"Bearer {TOKEN}") == "host_refused"
    assert refusal(everywhere, host="8.8.8.8:5000", authorization=f"Bearer {TOKEN}") == "host_refused"
    one = Access("192.0.2.7", 5000, TOKEN)
    assert refusal(one, host="192.0.2.7:5000", authorization=f"Bearer {TOKEN}") is None
    assert refusal(one, host="192.0.2.8:5000", authorization=f"Bearer {TOKEN}") == "host_refused"


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(secret.encode()).decode()


@pytest.mark.parametrize(
    "shown", [f"Bearer {TOKEN}", f"bearer  {TOKEN} ", basic(f"anybody:{TOKEN}"), basic(f":{TOKEN}")]
)
def test_that_the_token_opens(shown: str) -> None:
    assert brings(shown, TOKEN)


@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN.upper()}",
        f"Token {TOKEN}",
        f"Bearer {TOKEN}, Bearer x",
        basic(TOKEN),
        basic("a:b"),
        "Basic ***",
        "Basic é",
        "Bearer \udcff",
        "Bearer " + "x" * 100_000,
    ],
)
def test_that_nothing_else_opens(shown: str | None) -> None:
    assert not brings(shown, TOKEN)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *[(host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "LOCALHOST.")],
        *[(host, False) for host in ("0.0.0.0", "::", "192.168.1.5", "localhost.evil.example", "")],
    ],
)
def test_that_loopback_is_known(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def every_route(whisker: Whisker) -> Iterator[tuple[str, str]]:
    for rule in create_app(whisker).url_map.iter_rules():
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<path:{argument}>", "x").replace(f"<{argument}>", "x")
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            yield method, path


def test_that_no_route_answers_another_host_another_site_or_a_wrong_token(whisker: Whisker) -> None:
    open_client = create_app(whisker, Access(port=5000)).test_client()
    locked: FlaskClient = create_app(whisker, Access(port=5000, token=TOKEN)).test_client()
    routes = [*every_route(whisker), ("GET", "/nowhere"), ("BREW", "/api/health")]
    assert len(routes) > 20
    for method, path in routes:
        rebound = open_client.open(path, method=method, headers={"Host": "evil.example:5000"})
        assert (rebound.status_code, rebound.get_json()["error"]["code"]) == (403, "host_refused"), path
        foreign = {"Host": SELF, "Origin": "http://evil.example"}
        crossed = open_client.open(path, method=method, headers=foreign)
        assert (crossed.status_code, crossed.get_json()["error"]["code"]) == (403, "origin_refused"), path
        guessed = {"Host": SELF, "Authorization": "Bearer guess"}
        unknown = locked.open(path, method=method, headers=guessed)
        assert (unknown.status_code, unknown.get_json()["error"]["code"]) == (401, "token_wanted"), path
        assert "Bearer" in unknown.headers["WWW-Authenticate"]
    assert locked.get("/api/health", headers={"Host": SELF, "Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_that_other_machines_are_told_addresses_of_this_one_and_never_loopback() -> None:
    import psutil

    own = {address.address for card in psutil.net_if_addrs().values() for address in card}
    found = network_addresses()
    assert set(found) <= own
    assert not [one for one in found if is_loopback(one) or ":" in one or one.startswith("169.254.")]


def test_that_a_machine_without_a_network_has_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    monkeypatch.setattr(psutil, "net_if_stats", lambda: {})
    assert network_addresses() == []
