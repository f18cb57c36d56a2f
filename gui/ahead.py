"""What the pages are made of, imported while nobody waits: a page's first opening then makes its widgets alone."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from gui import interpreter
from gui.pages import FOOT, PAGES, SIDE_PAGES

if TYPE_CHECKING:
    from gui.task import Tasks

AHEAD_MS = 1_200
"""After the window was painted: behind the loading of the model, and before somebody has found the rail."""
CHARTS = "pyqtgraph"
"""Monitor and a training draw with it, and it takes longer than all the rest."""


def import_soon(window: QObject, tasks: Tasks) -> None:
    """To be called once the window was painted."""

    def begin() -> None:
        tasks.run(window, import_all, lambda _: None, lambda _error: None)

    QTimer.singleShot(AHEAD_MS, window, begin)


def import_all() -> None:
    """In whatever thread."""
    for module in (*(f"gui.{entry.key}.page" for entry in (*PAGES, *FOOT, *SIDE_PAGES)), CHARTS):
        importlib.import_module(module)
        interpreter.set_aside()
