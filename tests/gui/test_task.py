from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from engine.errors import ImageEmpty, WhiskerError
from gui.task import Tasks, Unforeseen


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    running = Tasks()
    yield running
    assert running.close()


def test_that_a_result_arrives_on_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    here = QThread.currentThread()
    seen: list[object] = []
    owner = QObject()
    tasks.run(owner, threading.get_ident, lambda ident: seen.extend((ident, QThread.currentThread())), seen.append)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] != threading.get_ident()
    assert seen[1] is here


def test_that_an_engine_error_and_a_disk_error_reach_failed_in_words(tasks: Tasks, qtbot: QtBot) -> None:
    errors: list[WhiskerError] = []
    owner = QObject()

    def empty() -> None:
        raise ImageEmpty("a.jpg is empty.")

    def full() -> None:
        raise OSError(28, "No space left on device")

    for work in (empty, full):
        tasks.run(owner, work, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert {str(error).split(".")[0] for error in errors} == {"a", "No space left on device"}


def test_that_a_fault_of_ours_reaches_both_the_hook_and_the_owner(
    tasks: Tasks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: hooked.append(kind))
    errors: list[WhiskerError] = []
    owner = QObject()
    tasks.run(owner, lambda: [][1], lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors and hooked))
    assert hooked == [IndexError]
    assert isinstance(errors[0], Unforeseen)


def test_that_a_result_is_dropped_when_its_owner_is_gone(tasks: Tasks, qtbot: QtBot) -> None:
    go = threading.Event()
    seen: list[object] = []
    owner = QObject()
    tasks.run(owner, lambda: go.wait(5), seen.append, seen.append)
    shiboken6.delete(owner)
    go.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert seen == []


def test_that_a_cancelled_result_is_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    go = threading.Event()
    seen: list[object] = []
    owner = QObject()
    task = tasks.run(owner, lambda: go.wait(5), seen.append, seen.append)
    task.cancel()
    go.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert seen == []


def test_that_a_stream_arrives_in_order_and_then_ends(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[int] = []
    ended: list[bool] = []
    owner = QObject()
    tasks.follow(owner, lambda stop: iter(range(5000)), seen.extend, lambda: ended.append(True), lambda _: None)
    qtbot.waitUntil(lambda: bool(ended))
    assert seen == list(range(5000))


def test_that_a_cancelled_stream_stops_its_source(tasks: Tasks, qtbot: QtBot) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(stop: threading.Event) -> Iterator[int]:
        begun.set()
        while not stop.wait(0.001):
            yield 1
        ended.set()

    owner = QObject()
    task = tasks.follow(owner, endless, lambda _: None, lambda: None, lambda _: None)
    qtbot.waitUntil(begun.is_set)
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.busy)


def test_that_closing_waits_for_what_is_under_way_and_drops_it(qtbot: QtBot) -> None:
    tasks = Tasks()
    begun = threading.Event()
    seen: list[object] = []
    owner = QObject()

    def work() -> None:
        begun.set()

    tasks.run(owner, work, seen.append, seen.append)
    begun.wait(5)
    assert tasks.close()
    qtbot.wait(20)
    assert seen == []
