"""What people say that pictures really are, in the order they said it, and taking it back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.errors import WhiskerError
from gui import words
from gui.desk import Desk

if TYPE_CHECKING:
    from engine.bulletin import News


class Corrections(QObject):
    """Hands corrections to the engine one after the other: two quick keys must not overtake each other.

    Views need not be told: the engine's news of a correction reaches them like any other.
    """

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: deque[tuple[int, str | None, str, tuple[int, str | None]]] = deque()
        self._busy = False
        self._undo: list[tuple[int, str | None]] = []
        desk.news.news.connect(self._hear)

    def correct(self, row: int, label: str, before: str | None, predicted: str) -> None:
        """Say that history row `row` is really `label`; `before` is what was said of it before."""
        if label == before:
            return
        back = (row, before)
        self._undo.append(back)
        said = f"Confirmed: {label}" if label == predicted else f"Corrected to {label}"
        self._enqueue(row, label, said, back)

    def undo(self) -> None:
        """Take the last correction back."""
        if self._undo:
            back = self._undo.pop()
            self._enqueue(*back, "", back)

    def _hear(self, news: News) -> None:
        from engine.bulletin import HistoryCleared

        if isinstance(news, HistoryCleared):
            # What is forgotten can have nothing taken back, and must not stand in the way of what can.
            self._undo = [back for back in self._undo if back[0] not in news.rows]

    def _enqueue(self, row: int, label: str | None, said: str, back: tuple[int, str | None]) -> None:
        self._waiting.append((row, label, said, back))
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        row, label, said, back = self._waiting.popleft()
        whisker = self._desk.whisker
        self._desk.tasks.run(
            self,
            lambda: whisker.correct(row, label),
            lambda _: self._on_done(said),
            lambda error: self._on_failed(error, said, back),
            urgent=True,
        )

    def _on_done(self, said: str) -> None:
        if said:
            self._desk.toast(said, self.undo)
        else:
            self._desk.toast("Taken back", None)
        self._next()

    def _on_failed(self, error: WhiskerError, said: str, back: tuple[int, str | None]) -> None:
        if not said:
            # It could not be taken back now; perhaps it can when it is tried again.
            self._undo.append(back)
        elif back in self._undo:
            self._undo.remove(back)
        self._desk.toast(words.sentence(error), None)
        self._next()
