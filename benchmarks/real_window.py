"""The window as a person has it, for what is measured in it; and waiting for it. Needs no display."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from engine.whisker import Whisker
    from gui.desk import Desk
    from gui.main_window import MainWindow
    from gui.server.switch import MakeServer


@dataclass(frozen=True)
class Opened:
    app: QApplication
    window: MainWindow
    desk: Desk
    whisker: Whisker


@contextmanager
def open_window(
    home: Path,
    *,
    model: str | None = None,
    size: tuple[int, int] = (1280, 800),
    page: str = "predict",
    make_server: MakeServer | None = None,
    before: Callable[[Whisker], object] = lambda _: None,
) -> Iterator[Opened]:
    """The window as gui.app.run opens and closes it, with its model loaded.

    Args:
        model: Made the active one, if it is not.
        before: What is to be done with the home while there is no window yet.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from engine import paths
    from engine.whisker import Whisker
    from gui import ahead, interpreter
    from gui.app import build

    app = QApplication.instance() or QApplication(["whisker"])
    assert isinstance(app, QApplication)
    whisker = Whisker(paths.Home(home))
    if model is not None and whisker.shelf.active.name != model:
        whisker.shelf.activate(model)
    before(whisker)
    window, desk = build(app, whisker, make_server)
    window.painted.connect(desk.model.load)
    window.painted.connect(interpreter.tune)
    window.painted.connect(partial(ahead.import_soon, window, desk.tasks))
    window.resize(*size)
    window.show()
    window.show_page(page)
    wait(lambda: desk.model.card is not None)
    try:
        yield Opened(app, window, desk, whisker)
    finally:
        desk.news.close()
        desk.tasks.close()
        desk.server.close()
        window.end()
        whisker.close()


def wait(fact: Callable[[], bool], seconds: float = 60.0) -> None:
    """Run the event loop until `fact`."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    late = time.perf_counter() + seconds
    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: loop.quit() if fact() or time.perf_counter() > late else None)
    timer.start()
    if not fact():
        loop.exec()
    if not fact():
        raise TimeoutError("it did not come to pass")


def settle(seconds: float) -> None:
    end = time.perf_counter() + seconds
    wait(lambda: time.perf_counter() >= end, seconds + 5)
