from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.errors import TrainingCancelled, WeightsUnavailable
from engine.training import weights
from engine.training.plan import Recipe, TrainingPlan
from engine.training.weights import KNOWN, Weights, obtain, require, stored

CONTENT = bytes(range(256)) * 4096  # 1 MiB
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        content = {"/whole": CONTENT, "/other": CONTENT[::-1], "/longer": CONTENT + b"x", "/cut": CONTENT}[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.path == "/cut" else content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def wanted(url: str) -> Weights:
    return Weights("w.h5", url, len(CONTENT), MD5)


def fetch(url: str, folder: Path, *, consent: bool = True) -> Path:
    return obtain(wanted(url), folder, consent=consent, progress=lambda *_: None, check=lambda: None)


def test_that_weights_are_fetched_once_with_progress(shop: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = obtain(
        wanted(f"{shop}/whole"),
        tmp_path,
        consent=True,
        progress=lambda done, total: told.append((done, total)),
        check=lambda: None,
    )
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert len(told) > 1
    # Now no server and no consent are needed.
    assert fetch("http://127.0.0.1:1/", tmp_path, consent=False) == path


def test_that_nothing_is_fetched_without_consent(shop: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match=r"needs ImageNet weights of 1 MB, .* Agree"):
        fetch(f"{shop}/whole", tmp_path, consent=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/other", "its hash is wrong"),
        ("/longer", "larger than it should be"),
        ("/cut", "Only 0.5 of 1.0 MB"),
        ("/gone", "answered 404"),
    ],
)
def test_that_the_wrong_file_is_a_sentence_and_nothing_is_half_made(
    shop: str, tmp_path: Path, path: str, why: str
) -> None:
    with pytest.raises(WeightsUnavailable) as refused:
        fetch(f"{shop}{path}", tmp_path)
    assert why in refused.value.message
    assert "w.h5" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_that_no_way_to_the_server_is_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/w.h5"
        with pytest.raises(WeightsUnavailable, match=r"no way to 127\.0\.0\.1.* name that file"):
            fetch(address, tmp_path)
    assert not list(tmp_path.iterdir())


def test_that_cancelling_ends_a_fetch(shop: str, tmp_path: Path) -> None:
    def stop() -> None:
        raise TrainingCancelled("Cancelled.")

    with pytest.raises(TrainingCancelled):
        obtain(wanted(f"{shop}/whole"), tmp_path, consent=True, progress=lambda *_: None, check=stop)
    assert not list(tmp_path.iterdir())


def test_that_a_damaged_stored_file_is_fetched_again(shop: str, tmp_path: Path) -> None:
    (tmp_path / "w.h5").write_bytes(CONTENT[:-1])
    assert stored(wanted(shop), tmp_path) is None
    assert fetch(f"{shop}/whole", tmp_path).read_bytes() == CONTENT


def test_that_what_a_killed_fetch_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".w.h5.123").write_bytes(b"half")
    (tmp_path / "w.h5").write_bytes(b"whole")
    weights.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["w.h5"]
    weights.sweep(tmp_path / "nowhere")


def test_that_a_plan_is_asked_for_its_weights_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = TrainingPlan(tmp_path, "pets", Recipe.VGG16)
    with pytest.raises(WeightsUnavailable, match="59 MB"):
        require(plan, tmp_path)
    for fine in ({"fetch_weights": True}, {"weights": tmp_path}, {"recipe": Recipe.QUICK}):
        require(TrainingPlan(tmp_path, "pets", **{"recipe": Recipe.VGG16, **fine}), tmp_path)
    monkeypatch.setitem(KNOWN, Recipe.VGG16, wanted(""))
    (tmp_path / "w.h5").write_bytes(CONTENT)
    require(plan, tmp_path)
