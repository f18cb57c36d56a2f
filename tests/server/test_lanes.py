"""Many clients at once, on a real socket."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import pytest

from engine import images
from engine.priority import LAST, NICENESS
from engine.whisker import Whisker
from server.local_server import LocalServer
from tests.server.conftest import CAT, DOG, Browser, until


def test_that_many_clients_at_once_are_all_answered(server: LocalServer, whisker: Whisker) -> None:
    answers: list[str] = []

    def work(number: int) -> None:
        client = Browser(server)
        for turn in range(10):
            cat = (number + turn) % 2
            said = client.json("POST", "/api/predict", CAT if cat else DOG)[1]
            answers.append("right" if said.get("predicted_class") == ("cat" if cat else "dog") else str(said))
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["right"] * 160
    assert whisker.history.count() == 160


def test_that_a_rush_is_turned_away_while_questions_are_still_answered(whisker: Whisker, slow: threading.Event) -> None:
    server = LocalServer(whisker)
    server.start(port=0, cores=1, waiting=2)
    said: list[tuple[int, dict[str, str]]] = []

    def ask() -> None:
        client = Browser(server)
        status, headers, _ = client.ask("POST", "/api/predict", CAT)
        said.append((status, headers))
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    try:
        for thread in threads:
            thread.start()
        until(lambda: len(said) == 3)
        assert [status for status, _ in said] == [503, 503, 503]
        assert all(headers["retry-after"] == "1" for _, headers in said)
        client = Browser(server)
        assert client.json("GET", "/api/health")[0] == 200
        client.close()
        slow.set()
        for thread in threads:
            thread.join()
        assert sorted(status for status, _ in said) == [200, 200, 200, 503, 503, 503]
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has a niceness for each thread")
@pytest.mark.parametrize("behind", [False, True])
def test_that_in_a_window_the_threads_for_pictures_step_back(
    whisker: Whisker, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    server = LocalServer(whisker, behind_window=behind)
    nice: list[int] = []
    load = images.load

    def look(*arguments: Any, **named: Any) -> Any:
        nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return load(*arguments, **named)

    monkeypatch.setattr(images, "load", look)
    server.start(port=0)
    client = Browser(server)
    try:
        assert client.json("POST", "/api/predict", CAT)[0] == 200
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        assert nice[0] == (min(own + NICENESS, LAST) if behind else own)
    finally:
        client.close()
        server.stop()
