"""The pages of the window, in the order of the rail. A page is one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from engine.history import Row
    from gui.desk import Desk
    from gui.intake import Intake


class Page(QWidget):
    """What the window knows of a page.

    `started` is called once after the window was first painted. `take` gets what was dropped or pasted and says
    whether the page has a use for it; what none has a use for goes to the first page. `drop_words` is what a drag
    over the window is promised: a title and a line.
    """

    drop_words = ("Drop to find out what it is", "Photos or whole folders. Nothing leaves this computer.")

    def started(self) -> None:
        """Begin what should not hold up the first painting."""

    def take(self, intake: Intake) -> bool:
        return False

    def show_answer(self, row: Row) -> None:
        """Show an answer of the history; only the first page can."""

    def show_version(self, reference: str, *, compare: bool = False) -> None:
        """Show a version of a model, or what it would change; only Models can."""

    def may_close(self) -> bool:
        """Whether the window may close now; a page that would lose something asks in its place and says no."""
        return True

    def end(self) -> None:
        """The window closes: end what is under way, and wait for it."""


@dataclass(frozen=True)
class PageEntry:
    key: str
    title: str
    icon: str
    make: Callable[[Desk, QWidget], Page]
    """Within its parent from the start: each move into another one has the style sheet worked out again for all
    that is inside."""
    key_sequence: str = ""
    """Its shortcut; pages of the rail's head are numbered instead."""


def _predict(desk: Desk, parent: QWidget) -> Page:
    from gui.predict.page import PredictPage

    return PredictPage(desk, parent)


def _teach(desk: Desk, parent: QWidget) -> Page:
    from gui.teach.page import TeachPage

    return TeachPage(desk, parent=parent)


def _review(desk: Desk, parent: QWidget) -> Page:
    from gui.review.page import ReviewPage

    return ReviewPage(desk, parent)


def _models(desk: Desk, parent: QWidget) -> Page:
    from gui.models.page import ModelsPage

    return ModelsPage(desk, parent)


def _monitor(desk: Desk, parent: QWidget) -> Page:
    from gui.monitor.page import MonitorPage

    return MonitorPage(desk, parent)


def _preferences(desk: Desk, parent: QWidget) -> Page:
    from gui.preferences.page import PreferencesPage

    return PreferencesPage(desk, parent)


def _help(desk: Desk, parent: QWidget) -> Page:
    from gui.help.page import HelpPage

    return HelpPage(desk, parent)


def _server(desk: Desk, parent: QWidget) -> Page:
    from gui.server.page import ServerPage

    return ServerPage(desk, parent)


def _history(desk: Desk, parent: QWidget) -> Page:
    from gui.history.page import HistoryPage

    return HistoryPage(desk, parent)


PAGES = (
    PageEntry("predict", "Predict", "photo", _predict),
    PageEntry("teach", "Teach", "teach", _teach),
    PageEntry("review", "Review", "review", _review),
    PageEntry("models", "Models", "model", _models),
    PageEntry("monitor", "Monitor", "monitor", _monitor),
    PageEntry("server", "Server", "server", _server),
)
FOOT = (
    PageEntry("help", "Help", "question", _help, "F1"),
    PageEntry("preferences", "Preferences", "preferences", _preferences, "Ctrl+,"),
)
"""The pages at the rail's foot: not for the work itself."""
SIDE_PAGES = (PageEntry("history", "History", "history", _history),)
"""Pages that others lead to and that do not stand in the rail."""
