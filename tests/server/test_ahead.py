"""The plainest question is answered ahead of the application, many of them together, and each as its route would."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from engine.bulletin import News, Predicted, RequestAnswered
from engine.errors import ModelBroken
from engine.predictor import Predictor
from engine.whisker import Whisker
from server.local_server import LocalServer
from tests.server.conftest import CAT, CAT_BASE64, DOG, UNKNOWN, Browser, until

FORM = (
    b'--xYz\r\nContent-Disposition: form-data; name="file"; filename="a dog.png"\r\nContent-Type: image/png\r\n\r\n'
    + DOG
    + b"\r\n--xYz--\r\n"
)
FORM_TYPE = "multipart/form-data; boundary=xYz"


class Held:
    """A server of one thread that is kept busy, so that what comes has to wait, and what it does with it."""

    def __init__(self, whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.entered = threading.Event(), threading.Event()
        self.together: list[int] = []
        self.news: list[News] = []
        alone, company = whisker.classify, whisker.classify_together

        def classify(*arguments: Any, **named: Any) -> Any:
            self.entered.set()
            self.go.wait(10)
            return alone(*arguments, **named)

        def classify_together(pictures: Sequence[bytes], **named: Any) -> Any:
            self.together.append(len(pictures))
            return company(pictures, **named)

        monkeypatch.setattr(whisker, "classify", classify)
        monkeypatch.setattr(whisker, "classify_together", classify_together)
        self.server = LocalServer(whisker)
        self.server.start(port=0, cores=1)
        self._leave = whisker.bulletin.listen(self.news.append)
        self._lanes: Any = self.server._running._server.task_dispatcher  # type: ignore[union-attr]

    def ask(self, *requests: tuple[str, bytes, str], hung_up: bytes = b"") -> list[tuple[int, Any]]:
        """Have these wait while another is being answered; (path and query, body, type) -> (status, JSON).

        Args:
            hung_up: Waits before all of them, and its sender does not.
        """
        said: dict[int, tuple[int, Any]] = {}

        def one(number: int, path: str, body: bytes, kind: str) -> None:
            client = Browser(self.server)
            said[number] = client.json("POST", path, body, **{"Content-Type": kind})
            client.close()

        threads = [threading.Thread(target=one, args=(-1, "/api/predict", CAT, "image/png"))]
        threads[0].start()
        assert self.entered.wait(5)
        if hung_up:
            with socket.create_connection(("127.0.0.1", self.server.port or 0), timeout=5) as wire:
                wire.sendall(hung_up)
                until(lambda: len(self._lanes.pictures.queue) == 1)
        for number, request in enumerate(requests):
            waiting = len(self._lanes.pictures.queue)
            threads.append(threading.Thread(target=one, args=(number, *request)))
            threads[-1].start()
            until(lambda before=waiting: len(self._lanes.pictures.queue) > before)  # type: ignore[misc]
        self.go.set()
        for thread in threads:
            thread.join()
        return [said[number] for number in range(len(requests))]

    def end(self) -> None:
        self._leave()
        self.go.set()
        self.server.stop()


@pytest.fixture
def held(whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    one = Held(whisker, monkeypatch)
    yield one
    one.end()


def test_that_all_that_wait_are_answered_by_few_runs_and_each_in_its_own_words(held: Held, whisker: Whisker) -> None:
    said = held.ask(
        ("/api/predict", CAT, "image/png"),
        ("/api/predict", FORM, FORM_TYPE),
        ("/api/predict", json.dumps({"image": CAT_BASE64}).encode(), "application/json"),
        ("/api/predict", DOG, "application/octet-stream"),
        ("/api/predict", CAT, "image/png"),
        ("/api/predict", DOG, "image/png"),
    )
    assert [status for status, _ in said] == [200] * 6
    assert [answer["predicted_class"] for _, answer in said] == ["cat", "dog", "cat", "dog", "cat", "dog"]
    # The first was alone; four, then two.
    assert held.together == [4, 2]
    assert [row.name for row in whisker.history.recent(10)] == ["The photo"] * 4 + ["a dog.png"] + ["The photo"] * 2
    assert [len(news.predictions) for news in held.news if isinstance(news, Predicted)] == [1, 4, 2]
    until(lambda: sum(isinstance(news, RequestAnswered) for news in held.news) == 7)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (CAT, "image/png"),
        (FORM, FORM_TYPE),
        (UNKNOWN, "application/octet-stream"),
        (json.dumps({"image": CAT_BASE64}).encode(), "application/json"),
        (CAT[:60], "image/png"),
        (b"hello", "text/plain"),
        (b"", "image/png"),
        (b"{", "application/json"),
        (FORM.replace(b"filename", b"other"), FORM_TYPE),
        (FORM.replace(b'name="file"', b'name="files"'), FORM_TYPE),
        (FORM, "multipart/form-data"),
    ],
)
def test_that_ahead_and_by_its_route_a_request_gets_the_same(
    server: LocalServer, whisker: Whisker, body: bytes, kind: str
) -> None:
    client = Browser(server)
    ahead = client.ask("POST", "/api/predict", body, **{"Content-Type": kind})
    # What has a query is left to the route.
    routed = client.ask("POST", "/api/predict?and=more", body, **{"Content-Type": kind})
    client.close()
    assert ahead[0] == routed[0]
    assert list(ahead[1]) == list(routed[1])
    changing = {"date", "content-length"}
    assert {k: v for k, v in ahead[1].items() if k not in changing} == {
        k: v for k, v in routed[1].items() if k not in changing
    }
    assert same(json.loads(ahead[2])) == same(json.loads(routed[2]))
    rows = whisker.history.recent(5)
    assert len({(row.source, row.name, row.predicted_class, row.unknown) for row in rows}) == (ahead[0] == 200)
    assert len(rows) == (2 if ahead[0] == 200 else 0)


def same(said: dict[str, Any]) -> dict[str, Any]:
    """Without what is another one each time."""
    said = {**said, "predictions": [same(one) for one in said.get("predictions", [])]}
    return {key: value for key, value in said.items() if key not in ("timestamp", "elapsed_ms")}


def test_that_both_ways_are_noted_alike(server: LocalServer, whisker: Whisker) -> None:
    news: list[News] = []
    whisker.bulletin.listen(news.append)
    server.show_thumbnails(True)
    client = Browser(server)
    for path in ("/api/predict", "/api/predict?and=more"):
        client.ask("POST", path, CAT)
        client.ask("POST", path, CAT[:60])
    metrics = client.ask("GET", "/metrics")[2].decode()
    client.close()
    told = [one for one in news if isinstance(one, RequestAnswered) and one.path == "/api/predict"]
    assert [one.status for one in told] == [200, 422, 200, 422]
    assert [one.thumbnail is not None for one in told] == [True, False, True, False]
    assert told[0].thumbnail == told[2].thumbnail
    for status in (200, 422):
        line = f'whisker_http_requests_total{{method="POST",route="/api/predict",status="{status}"}} 2.0'
        assert line in metrics


def test_that_each_mistake_is_told_to_its_own_sender_and_harms_no_other(held: Held, whisker: Whisker) -> None:
    said = held.ask(
        ("/api/predict", CAT[:60], "image/png"),
        ("/api/predict", CAT, "image/png"),
        ("/api/predict", b"{", "application/json"),
        ("/api/predict", DOG, "image/png"),
    )
    assert [status for status, _ in said] == [422, 200, 400, 200]
    assert held.together == [3]
    assert whisker.history.count() == 3


def test_that_what_has_a_query_or_is_another_route_is_not_answered_ahead(held: Held, whisker: Whisker) -> None:
    said = held.ask(
        ("/api/predict?top=0", CAT, "image/png"),
        ("/api/predict?top=1", CAT, "image/png"),
        ("/api/predict", b"", "image/png"),
    )
    assert [status for status, _ in said] == [400, 200, 400]
    assert len(said[1][1]["probabilities"]) == 1
    assert held.together == []
    assert whisker.history.count() == 2


def test_that_a_model_that_gives_up_says_so_to_each(
    held: Held, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: Any, **__: Any) -> Any:
        raise ModelBroken("The model could not answer.", "Close other programs and try again.")

    monkeypatch.setattr(whisker.predictor, "run", give_up)
    monkeypatch.setattr(whisker.predictor, "_run", give_up)
    said = held.ask(("/api/predict", CAT, "image/png"), ("/api/predict", DOG, "image/png"))
    assert [status for status, _ in said] == [503, 503]


def test_that_one_who_hangs_up_while_waiting_costs_the_others_nothing(held: Held) -> None:
    head = f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1:{held.server.port}\r\nContent-Length: {len(CAT)}\r\n\r\n"
    said = held.ask(("/api/predict", CAT, "image/png"), ("/api/predict", DOG, "image/png"), hung_up=head.encode() + CAT)
    assert [answer["predicted_class"] for _, answer in said] == ["cat", "dog"]


@pytest.mark.parametrize("behind", [False, True])
def test_that_in_a_window_no_picture_gets_more_than_one_core(
    whisker: Whisker, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0), raising=False)
    predictor = Predictor(whisker.predictor.path, threads=2)
    monkeypatch.setattr(Whisker, "predictor", predictor)
    used: list[int] = []

    class Watched:
        def __init__(self, session: Any) -> None:
            self._session = session

        def run(self, *arguments: Any) -> Any:
            used.append(self._session.get_session_options().intra_op_num_threads)
            return self._session.run(*arguments)

    predictor.prepare_for_many()
    predictor._alone, predictor._shared_session = Watched(predictor._alone), Watched(predictor._shared)
    server = LocalServer(whisker, behind_window=behind)
    server.start(port=0)
    client = Browser(server)
    for _ in range(3):
        assert client.json("POST", "/api/predict", CAT)[0] == 200
    client.close()
    server.stop()
    assert used == [1 if behind else 2] * 3
