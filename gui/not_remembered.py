"""A quiet line that says that answers are not kept, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.bulletin_bridge import BulletinBridge
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News, NotRemembered
    from gui.desk import Desk


class Remembering(QObject):
    """Whether answers are kept, for every page that says so; also for one that is made when the news is old.

    Attributes:
        trouble: Why they are not, until they are kept again or a person has read it. Said once as long as the window
            is open.

    Signals:
        changed: It is another one now.
    """

    changed = Signal()

    def __init__(self, news: BulletinBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trouble: NotRemembered | None = None
        self._said = False
        news.news.connect(self._hear)

    def put_away(self) -> None:
        """It was read."""
        self._set(None)

    def _hear(self, news: News) -> None:
        from engine.bulletin import NotRemembered, Predicted

        if isinstance(news, NotRemembered) and not self._said:
            self._said = True
            self._set(news)
        elif isinstance(news, Predicted):
            self._set(None)

    def _set(self, trouble: NotRemembered | None) -> None:
        if trouble is not self.trouble:
            self.trouble = trouble
            self.changed.emit()


class NotRememberedLine(InlineMessage):
    """The answers themselves are good. It goes when answers are kept again, and everywhere when it is put away.

    Args:
        parent: At once, since it may have something to show from the start.
    """

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.theme, parent)
        self._remembering = desk.remembering
        self._remembering.changed.connect(self._show_trouble)
        self.closed.connect(self._remembering.put_away)
        self._show_trouble()

    def _show_trouble(self) -> None:
        trouble = self._remembering.trouble
        if trouble is not None:
            self.show_message(trouble.message, trouble.hint, kind="info")
        else:
            self.clear()
