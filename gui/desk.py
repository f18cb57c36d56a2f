"""What every page is handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.bulletin_bridge import BulletinBridge
from gui.jobs import Jobs
from gui.model_state import ModelState
from gui.not_remembered import Remembering
from gui.server.state import ServerState
from gui.task import Tasks
from gui.theme import Theme
from gui.ways import Ways

if TYPE_CHECKING:
    from engine.whisker import Whisker


@dataclass(frozen=True)
class Desk:
    """The engine and the few things of the window that pages share.

    Attributes:
        whisker: The engine. Only its settings may be used on the GUI thread; all else goes through `tasks`.
        theme: Colours and icons.
        tasks: Work off the GUI thread.
        news: What the engine tells.
        model: Which model answers, and whether it can.
        jobs: Long work that the status bar shows.
        server: The local server: on, off, and what is asked of it.
        remembering: Whether answers are kept.
        toast: Say a line; with an undo, if there is one.
        ways: From one page to another.
    """

    whisker: Whisker
    theme: Theme
    tasks: Tasks
    news: BulletinBridge
    model: ModelState
    jobs: Jobs
    server: ServerState
    remembering: Remembering
    toast: Callable[[str, Callable[[], None] | None], None]
    ways: Ways
