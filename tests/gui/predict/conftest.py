"""The grid of many photos with an album in it, and what a person does there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.prediction import Outcome
from gui.predict.many.picture import State
from gui.predict.many.run import Phase
from gui.predict.many_view import ManyView
from tests.bundles import BLUE, GREY, PURPLE, RED, solid
from tests.gui.conftest import Opened

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three cats, two dogs, one neither, one unknown, and one that is no picture."""
    folder = tmp_path / "album"
    for number in (1, 2, 10):
        solid(folder / f"cat {number}.png", RED)
    for number in (1, 2):
        solid(folder / "dogs" / f"dog {number}.png", BLUE)
    solid(folder / "dusk.png", PURPLE)
    solid(folder / "fog.png", GREY)
    (folder / "gone.jpg").write_bytes(b"")
    return folder


@pytest.fixture
def many(opened: Opened, album: Path) -> ManyView:
    """The grid with the album in it, all answered."""
    drop(opened, album)
    view = opened.page.many
    opened.wait(lambda: view.run.phase is Phase.DONE)
    opened.settle()
    view.chips.show_counts()
    return view


class Held:
    """Classifying that goes on only when it is let."""

    def __init__(self, real: Callable[..., Iterator[tuple[int | None, Outcome]]]) -> None:
        self._real = real
        self.go = threading.Event()

    def __call__(
        self, files: Sequence[Path], *, origin: str, cancel: threading.Event
    ) -> Iterator[tuple[int | None, Outcome]]:
        for number, file in enumerate(files):
            yield from self._real([file], origin=origin, cancel=cancel)
            while number >= 2 and not self.go.wait(0.005):
                if cancel.is_set():
                    return


@pytest.fixture
def held(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Held:
    holding = Held(opened.whisker.classify_many)
    monkeypatch.setattr(opened.whisker, "classify_many", holding)
    return holding


def drop(opened: Opened, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert opened.drop(mime)


def names(many: ManyView) -> list[str]:
    return [picture.name for picture in many.model.shown]


def press(many: ManyView, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """As the keyboard does: to whatever has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    assert many.isAncestorOf(focus) or focus is many
    QTest.keyClick(focus, key, held)


def click(many: ManyView, name: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    index = many.model.index(names(many).index(name))
    many.grid.scrollTo(index)
    QTest.mouseClick(many.grid.viewport(), Qt.MouseButton.LeftButton, held, many.grid.visualRect(index).center())


def chip(many: ManyView, group: str | State) -> QAbstractButton:
    chip = many.chips.chip(group)
    assert chip is not None
    assert chip.isVisible()
    return chip
