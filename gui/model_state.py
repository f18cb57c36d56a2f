"""Which model answers, and whether it can: loaded once at start and again whenever another one is activated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import WhiskerError
from gui.bulletin_bridge import BulletinBridge
from gui.task import Task, Tasks

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.card import Card
    from engine.whisker import Whisker


class ModelState(QObject):
    """The active model as the window sees it.

    Attributes:
        card: The card of the model that answers, None before it is known.
        error: Why it cannot answer, None while all is well.
        substitution: Why another than the chosen one answers, None while all is well.

    Signals:
        changed: Either is another one now.
    """

    changed = Signal()

    def __init__(self, whisker: Whisker, tasks: Tasks, news: BulletinBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._whisker = whisker
        self._tasks = tasks
        self._loading: Task | None = None
        self.card: Card | None = None
        self.error: WhiskerError | None = None
        self.substitution: str | None = None
        news.news.connect(self._hear)

    def load(self) -> None:
        """Load the active model, so that the first picture need not wait for it."""
        if self._loading is not None:
            self._loading.cancel()
        whisker = self._whisker
        self._loading = self._tasks.run(
            self, lambda: whisker.predictor.card, self._on_loaded, self._on_failed, urgent=True
        )

    def activate(self, reference: str) -> None:
        """Let another model answer; when it cannot, the present one stays and `error` says why."""
        whisker = self._whisker
        self._tasks.run(self, lambda: whisker.shelf.activate(reference), lambda _: None, self._on_refused)

    def _on_loaded(self, card: Card) -> None:
        self.card, self.error, self.substitution = card, None, self._whisker.substitution
        self.changed.emit()

    def _on_failed(self, error: WhiskerError) -> None:
        self.card, self.error = None, error
        self.changed.emit()

    def _on_refused(self, error: WhiskerError) -> None:
        self.error = error
        self.changed.emit()

    def _hear(self, news: News) -> None:
        from engine.bulletin import ModelActivated

        if isinstance(news, ModelActivated):
            self.load()
