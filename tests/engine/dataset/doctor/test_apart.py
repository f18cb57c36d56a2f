from __future__ import annotations

import os
import shutil
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from engine.dataset.doctor import Kind, Report
from engine.dataset.doctor.apart import examine_apart
from engine.errors import DatasetError
from engine.paths import Home


def die(connection: Connection, _log: Path) -> None:
    connection.recv()
    os._exit(7)


def hang(connection: Connection, _log: Path) -> None:
    connection.recv()
    connection.send(("Looking at each photo", 1, 2))
    time.sleep(60)


def test_that_it_finds_in_another_process_what_it_finds_here(labelled_folder: Path, home: Path) -> None:
    shutil.copyfile(labelled_folder / "cat" / "0.png", labelled_folder / "cat" / "copy.png")
    *stages, report = examine_apart(labelled_folder, Home(home), threading.Event())
    assert isinstance(report, Report)
    assert report.complete
    assert [finding.path.name for finding in report.of(Kind.EXACT_DUPLICATE)] == ["copy.png"]
    assert ("Looking at each photo", 9, 9) in stages
    assert not list(home.glob("logs/*"))


def test_that_a_folder_without_pictures_is_said_as_it_is_here(tmp_path: Path, home: Path) -> None:
    with pytest.raises(DatasetError):
        list(examine_apart(tmp_path, Home(home), threading.Event()))


def test_that_a_check_that_died_is_a_sentence(tmp_path: Path, home: Path) -> None:
    with pytest.raises(DatasetError, match=r"exit status 7"):
        list(examine_apart(tmp_path, Home(home), threading.Event(), target=die))


def test_that_cancelling_ends_even_one_that_hangs(tmp_path: Path, home: Path) -> None:
    cancel = threading.Event()
    words = examine_apart(tmp_path, Home(home), cancel, target=hang)
    assert next(words) == ("Looking at each photo", 1, 2)
    cancel.set()
    assert list(words) == []
