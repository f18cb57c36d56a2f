"""The engine's news on the GUI thread: everything behind this is plain widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from engine.bulletin import Bulletin, News


class BulletinBridge(QObject):
    """Turns what the bulletin tells, in whatever thread, into one signal on the GUI thread.

    Signals:
        news: An `engine.bulletin.News`.
    """

    news = Signal(object)
    _arrived = Signal(object)

    def __init__(self, bulletin: Bulletin, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        self._stop_listening = bulletin.listen(self._hear)

    def close(self) -> None:
        self._stop_listening()

    def _hear(self, news: News) -> None:
        self._arrived.emit(news)

    def _pass_on(self, news: News) -> None:
        self.news.emit(news)
