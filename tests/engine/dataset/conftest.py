"""A desk to sort from, on disks of several kinds."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.engine.dataset.sorting import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of syncs would take minutes on a busy disk, and only a power cut would tell the difference."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(params=["one disk", "two disks", "no hard links"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kinds of places people sort between."""
    link = os.link

    def refuse(source: Path, target: Path) -> None:
        if request.param == "no hard links":
            raise OSError(errno.EPERM, "Operation not permitted")
        if request.param == "two disks" and not str(source).endswith(".part"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(os, "link", refuse)
    return str(request.param)
