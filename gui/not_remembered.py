"""A quiet line that says that answers are not kept, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gui.desk import Desk
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News


class NotRememberedLine(InlineMessage):
    """Said once as long as the window is open: the answers themselves are good. It goes when answers are kept again."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk.theme, parent)
        self._said = False
        desk.news.news.connect(self._hear)

    def _hear(self, news: News) -> None:
        from engine.bulletin import NotRemembered, Predicted

        if isinstance(news, NotRemembered) and not self._said:
            self._said = True
            self.show_message(news.message, news.hint, kind="info")
        elif isinstance(news, Predicted):
            self.clear()
