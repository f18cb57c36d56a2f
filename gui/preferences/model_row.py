"""Which model answers: the shelf's choice, offered beside the settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent

from engine.errors import WhiskerError
from gui import words
from gui.desk import Desk
from gui.preferences.controls import ListControl
from gui.preferences.row import Row

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.model_shelf import Entry

TITLE = "Model that answers"
SENTENCE = "Every new photo is answered by this model, in the window, the terminal and the server."
OVERRULED = "As long as $MODEL_PATH is set, the model that it names answers instead: {}"


class ModelRow(Row):
    def __init__(self, desk: Desk) -> None:
        self.control = ListControl(desk.theme)
        served = os.environ.get("MODEL_PATH", "").strip()
        super().__init__(TITLE, OVERRULED.format(served) if served else SENTENCE, self.control)
        self._desk = desk
        self._stale = True
        self.control.name(TITLE, SENTENCE)
        self.control.box.setMinimumWidth(240)
        self.control.chosen.connect(desk.model.activate)
        self.control.setEnabled(not served)
        desk.news.news.connect(self._hear)
        desk.model.changed.connect(self._on_model)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.read()

    def read(self) -> None:
        """Ask the shelf again; hidden pages wait until they are shown."""
        self._stale = not self.isVisible()
        if not self._stale:
            self._desk.tasks.run(self, self._desk.whisker.shelf.list, self._on_entries, self._on_failed, urgent=True)

    def _on_entries(self, entries: list[Entry]) -> None:
        self.control.offer(
            [entry.reference for entry in entries], [f"{entry.title} · v{entry.version}" for entry in entries]
        )
        active = next((entry.reference for entry in entries if entry.active), "")
        self.control.show_value(active)

    def _on_failed(self, error: WhiskerError) -> None:
        self.say(words.sentence(error))

    def _on_model(self) -> None:
        error = self._desk.model.error
        self.say(words.sentence(error) if error is not None else "")
        if error is not None:
            # Not that one, then: show the one that goes on answering.
            self.read()

    def _hear(self, news: News) -> None:
        from engine.bulletin import ModelActivated, ShelfChanged

        if isinstance(news, ModelActivated | ShelfChanged):
            self.read()
