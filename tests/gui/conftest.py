"""A real window on a tiny model whose answers a test can foretell, and a guard against leaks."""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine import paths
from engine.whisker import Whisker
from gui import interpreter
from gui.app import build
from gui.desk import Desk
from gui.main_window import MainWindow
from gui.predict.page import PredictPage
from gui.server.switch import MakeServer
from gui.training_thread import TrainingThread
from tests.bundles import make_bundle

MANY_CLASSES = tuple(f"thing {number}" for number in range(1, 21))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/gui/" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            # The offscreen platform has no window manager to ask.
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built-in models: `cats-dogs` (red is a cat, blue a dog, grey unknown) and `things` with twenty classes."""
    folder = tmp_path_factory.mktemp("models")
    make_bundle(folder / "cats-dogs")
    make_bundle(folder / "things", MANY_CLASSES)
    return folder


@pytest.fixture
def whisker(home: Path, shelf: Path) -> Iterator[Whisker]:
    opened = Whisker(paths.Home(home), shelf)
    yield opened
    opened.close()


@dataclass
class Opened:
    """The window under test."""

    window: MainWindow
    desk: Desk
    page: PredictPage
    whisker: Whisker
    qtbot: QtBot

    def wait(self, fact: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(fact()), timeout=10_000)

    def settle(self) -> None:
        """Until nothing is under way."""
        self.wait(lambda: not self.desk.tasks.busy)

    def show(self, path: Path) -> None:
        """Open one picture and wait for its answer."""
        self.page.open([path])
        self.wait(lambda: self.page.single.answer is not None and self.page.single.answer.name == path.name)
        self.settle()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.window, key, modifier)

    def drop(self, mime: QMimeData, where: QPointF | None = None) -> bool:
        """Drag `mime` over the window and drop it; whether the window took it."""
        at = where or QPointF(self.window.rect().center())
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(at.toPoint(), copy, mime, left, none)
        QApplication.sendEvent(self.window, enter)
        move = QDragMoveEvent(at.toPoint(), copy, mime, left, none)
        QApplication.sendEvent(self.window, move)
        if not (enter.isAccepted() and move.isAccepted()):
            return False
        drop = QDropEvent(at, copy, mime, left, none)
        QApplication.sendEvent(self.window, drop)
        return drop.isAccepted()


@pytest.fixture
def make_server() -> MakeServer | None:
    """What the window switches on and off; nothing, unless a test's folder says otherwise."""
    return None


@pytest.fixture
def opened(whisker: Whisker, make_server: MakeServer | None, qtbot: QtBot, qapp: QApplication) -> Iterator[Opened]:
    """The window, painted, with its model loaded."""
    window, desk = build(qapp, whisker, make_server)
    window.painted.connect(desk.model.load)
    window.show()
    window.activateWindow()
    page = window.page("predict")
    assert isinstance(page, PredictPage)
    under_test = Opened(window, desk, page, whisker, qtbot)
    under_test.wait(lambda: desk.model.card is not None or desk.model.error is not None)
    under_test.settle()
    under_test.wait(window.isActiveWindow)
    yield under_test
    desk.news.close()
    assert desk.tasks.close()
    desk.server.close()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test must not leave widgets, running timers, threads or processes of ours."""
    # What was there before is passed over: with all that a whole run loads, walking through it takes a second a test.
    gc.freeze()
    aside = False

    def set_aside() -> None:
        nonlocal aside
        aside = True
        gc.freeze()

    monkeypatch.setattr(interpreter, "set_aside", set_aside)
    threads, widgets = set(threading.enumerate()), {_where(widget) for widget in QApplication.allWidgets()}
    timers = {_where(timer) for timer in _running_timers()}
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QGuiApplication.styleHints().unsetColorScheme()
    qapp.setStyleSheet("")
    if aside:
        # What was meant to stay is looked at as well.
        gc.unfreeze()
    gc.collect()
    _nothing("widgets", [each for each in QApplication.allWidgets() if _where(each) not in widgets and _ours(each)])
    _nothing("timers of widgets", [timer.parent() for timer in _running_timers() if _where(timer) not in timers])
    trainings = [each for each in gc.get_objects() if type(each) is TrainingThread and shiboken6.isValid(each)]
    _nothing("trainings", [training for training in trainings if training.isRunning()])
    fresh = [thread for thread in threading.enumerate() if thread not in threads and not _of_qt(thread)]
    for thread in fresh:
        # Who was told to end a moment ago may do so.
        thread.join(2)
    _nothing("threads", [thread for thread in fresh if thread.is_alive()])
    _nothing("processes", multiprocessing.active_children())


def _running_timers() -> list[QTimer]:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    timers = [timer for widget in QApplication.allWidgets() for timer in widget.findChildren(QTimer, options=direct)]
    return [timer for timer in timers if timer.isActive()]


def _nothing(what: str, left: Sequence[Any]) -> None:
    names = [f"{each} {each.accessibleName()}" if isinstance(each, QWidget) else str(each) for each in left]
    assert not left, f"{what} left behind: {names}"


def _where(thing: QObject) -> int:
    return int(shiboken6.getCppPointer(thing)[0])


def _ours(widget: QWidget) -> bool:
    # Qt keeps its tooltip, and pyqtgraph's charts have menus of their own that nobody sees.
    return widget.parentWidget() is None and not widget.inherits("QTipLabel") and not isinstance(widget, QMenu)


def _of_qt(thread: threading.Thread) -> bool:
    # Python knows a thread of Qt's pool once it has run something of ours; the pool keeps it for a while.
    return isinstance(thread, threading._DummyThread)
