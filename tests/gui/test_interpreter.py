from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui import interpreter


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(interpreter, "SETTLED_MS", 1)
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    gc.unfreeze()


def test_that_what_was_loaded_with_the_window_is_not_walked_through_again(qtbot: QtBot) -> None:
    window = QObject()
    interpreter.tune(window)
    assert sys.getswitchinterval() == pytest.approx(interpreter.SWITCH_S)
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 10_000)


def test_that_after_much_was_let_go_of_the_garbage_is_collected_before_the_rest_is_set_aside(qtbot: QtBot) -> None:
    class Loop:
        """Held by itself alone."""

    gone: list[str] = []
    loop = Loop()
    loop.self = loop  # type: ignore[attr-defined]
    owner = QObject()
    weakref.finalize(loop, gone.append, "gone")
    interpreter.before_much()
    del loop
    gc.collect()
    assert not gone
    interpreter.after_much(owner)
    qtbot.waitUntil(lambda: gone == ["gone"] and gc.get_freeze_count() > 10_000)
