"""Pictures that came without a file are seen while somebody looks, and are gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import images
from engine.bulletin import HistoryCleared
from engine.glimpses import KEPT, SIDE, Glimpses
from engine.paths import Home
from engine.whisker import Whisker
from tests.bundles import RED, make_bundle, solid


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return solid(tmp_path / "red.png", RED, (400, 200)).read_bytes()


@pytest.fixture
def whisker(home: Path, tmp_path: Path) -> Iterator[Whisker]:
    make_bundle(tmp_path / "models" / "cats-dogs")
    opened = Whisker(Home(home), tmp_path / "models")
    yield opened
    opened.close()


def test_that_nothing_is_kept_while_nobody_looks(picture: bytes) -> None:
    glimpses = Glimpses()
    glimpses.keep(1, picture)
    assert glimpses.get(1) is None


def test_that_a_small_copy_is_there_until_the_last_one_has_looked_away(picture: bytes) -> None:
    glimpses = Glimpses()
    first, second = glimpses.watch(), glimpses.watch()
    glimpses.keep(1, picture)
    glimpses.keep(None, picture)
    copy = glimpses.get(1)
    assert copy is not None
    assert images.open_rgb(copy).size == (SIDE, SIDE // 2)
    first()
    first()
    assert glimpses.get(1) is not None
    second()
    assert glimpses.get(1) is None


def test_that_only_the_latest_are_kept(picture: bytes) -> None:
    glimpses = Glimpses()
    glimpses.watch()
    for row in range(1, KEPT + 3):
        glimpses.keep(row, picture)
    assert glimpses.get(2) is None
    assert glimpses.get(3) is not None
    glimpses.keep(99, b"no picture")
    assert glimpses.get(99) is None


def test_that_what_a_program_sends_is_seen_and_forgotten_with_the_history(whisker: Whisker, picture: bytes) -> None:
    whisker.glimpses.watch()
    row, _ = whisker.classify(picture, origin="api", name="red.png")
    assert row is not None
    assert whisker.glimpses.get(row) is not None
    whisker.bulletin.tell(HistoryCleared())
    assert whisker.glimpses.get(row) is None
