"""`serve`: the API server without a window."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from cli.printing import result, say
from cli.session import Session

if TYPE_CHECKING:
    from engine.bulletin import News

EVERYWHERE = "0.0.0.0"
GUESSED_BELOW = 16
"""A token of fewer letters does not withstand somebody who tries."""


@click.command(short_help="Answer over HTTP, without a window.")
@click.option("--host", metavar="HOST", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    help="The port; 0 takes one that is free.",
)
@click.option(
    "--token",
    metavar="TOKEN",
    envvar="WHISKER_TOKEN",
    help="What each request must bring (Authorization: Bearer TOKEN). Beyond this machine there must be one. "
    "$WHISKER_TOKEN keeps it out of the list of processes.",
)
@click.pass_obj
def serve(session: Session, host: str, port: int, token: str | None) -> int:
    """Answer over HTTP, with a web page for people at the address and the API below /api.

    Only programs on this machine reach it, and no web page of another site does. The address is printed once it
    listens; Ctrl-C or SIGTERM end it, after what is being answered.
    """
    if not host.strip():
        raise click.UsageError("An empty address is none to listen on.")
    if token is not None and not token.strip():
        raise click.UsageError("An empty token protects nothing.")
    beyond = not _is_loopback(host)
    if not token and beyond:
        import secrets

        raise click.UsageError(
            f"Beyond this machine ({host}) the server wants a token, so that not everybody may use it. "
            f"Give it one, for example: --token {secrets.token_urlsafe(24)}"
        )
    ended = threading.Event()
    before = _on_ending(ended)
    try:
        server = session.server
        whisker = session.whisker
        for problem in whisker.tidy():
            say(problem)
        whisker.bulletin.listen(_say_not_remembered)
        address = server.start(host, port, token)
        try:
            result(address)
            say("Whisker answers there. Ctrl-C ends it.")
            if beyond:
                _say_who_else(host, address, server.addresses(), token or "")
            loading = threading.Thread(target=_load, args=(session,), name="load", daemon=True)
            loading.start()
            # In slices: a wait without an end cannot be interrupted on Windows.
            while not ended.wait(0.5):
                pass
            # A thread that is still loading would take the interpreter down with it (status -6).
            loading.join()
        finally:
            server.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    say("Ended.")
    return 0


def _say_who_else(host: str, address: str, others: list[str], token: str) -> None:
    """What it means that other machines may ask."""
    port = address.rpartition(":")[2]
    if host == EVERYWHERE and others:
        say(f"Other machines reach it at http://{others[0]}:{port}, with the token.")
    say("The connection is not encrypted, so only in a network you trust.")
    if len(token) < GUESSED_BELOW:
        say(f"The token is short enough to be guessed; {GUESSED_BELOW} letters or more are not.")


def _say_not_remembered(news: News) -> None:
    """From when on answers are given but not kept, and why: once until they are kept again."""
    from engine.bulletin import NotRemembered

    if isinstance(news, NotRemembered):
        # Standard error may lead to the very disk that is full, and the request is to be answered all the same.
        with suppress(OSError):
            say(f"{news.message} {news.hint}".rstrip())


def _load(session: Session) -> None:
    """Load the model early, so that the first request does not wait for it."""
    from engine.errors import ModelError

    try:
        _ = session.predictor(None)
    except ModelError as error:
        say(f"{error} Until then there are no answers (/api/health says so).")


def _on_ending(ended: threading.Event) -> dict[int, signal._HANDLER]:
    """Let SIGINT and SIGTERM set `ended`; the second one ends the program at once. Returns the handlers before."""

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()
        signal.signal(number, signal.SIG_DFL)

    return {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
