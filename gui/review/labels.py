"""Hands what people say to the engine, one after the other, without ever making them wait."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import WhiskerError
from gui.desk import Desk

if TYPE_CHECKING:
    from engine.whisker import Whisker

Labels = deque[tuple[int, str | None]]


class LabelWriter(QObject):
    """One worker writes all that waits, so that a label said just before the window closes is kept as well.

    Signals:
        failed: A history row and the WhiskerError because of which its label was not kept.
    """

    failed = Signal(int, object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: Labels = deque()
        self._busy = False

    def write(self, row: int, label: str | None) -> None:
        """Note what history row `row` really is; None takes it back."""
        self._waiting.append((row, label))
        if not self._busy:
            self._begin()

    @property
    def busy(self) -> bool:
        return self._busy

    def _begin(self) -> None:
        self._busy = True
        whisker, waiting = self._desk.whisker, self._waiting
        self._desk.tasks.run(self, lambda: _write_all(whisker, waiting), self._on_done, self._on_fault, urgent=True)

    def _on_done(self, refused: list[tuple[int, WhiskerError]]) -> None:
        self._busy = False
        for row, error in refused:
            self.failed.emit(row, error)
        if self._waiting:
            self._begin()

    def _on_fault(self, error: WhiskerError) -> None:
        self._on_done([(-1, error)])


def _write_all(whisker: Whisker, waiting: Labels) -> list[tuple[int, WhiskerError]]:
    refused: list[tuple[int, WhiskerError]] = []
    while waiting:
        row, label = waiting.popleft()
        try:
            whisker.correct(row, label)
        except WhiskerError as error:
            refused.append((row, error))
    return refused
