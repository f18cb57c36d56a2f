"""Step 4: what it came to, in one sentence; then the proof, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.problems import InlineMessage
from gui.teach.lesson import Lesson
from gui.teach.outcome import Outcome, read_outcome
from gui.teach.result_views import RECENT, ResultViews

if TYPE_CHECKING:
    from engine.model_shelf import Entry, Removed
    from engine.training.events import Finished

ROOMY_FROM = 540
"""Below this height what is said takes as little room as it can."""


class ResultStep(QWidget):
    """Signals:
    again_asked: Train once more, with the labels as they are now.
    discarded: The model is off the shelf.
    shown: An outcome can be seen now.
    """

    again_asked = Signal()
    discarded = Signal()
    shown = Signal()

    def __init__(self, desk: Desk, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mended: dict[Path, str | None] = {}
        self._lesson = lesson
        self.outcome: Outcome | None = None
        self.setAccessibleName("Result")
        self.message = InlineMessage(desk.theme)
        self.headline = QLabel("Reading the result…")
        self.headline.setProperty("role", "title")
        self.headline.setWordWrap(True)
        self.against = QLabel()
        self.against.setWordWrap(True)
        self.notes = QLabel()
        self.notes.setProperty("role", "secondary")
        self.notes.setWordWrap(True)
        self.recent = push("", "Show what it would change on recent photos", kind="quiet", flush=True)
        self.recent.hide()
        self.use = push("Use it", "Let this model answer from now on", kind="primary")
        self.use.clicked.connect(self._on_use)
        self.keep = push("Keep it aside", "Leave it on the shelf; the model in use stays")
        self.keep.clicked.connect(self._on_keep)
        self.discard = push("Discard", "Take it off the shelf; can be undone")
        self.discard.clicked.connect(self._on_discard)
        self.again = push("Train again with my fixes", "Teach once more, with the labels as they are now")
        self.again.clicked.connect(self.again_asked)
        self.views = ResultViews(desk, lesson, self)
        self.views.mended.connect(self._on_mended)
        # The proof comes a turn later than what it proves: both at once would take as long as two frames.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.views.show)
        lesson.changed.connect(self._say_mended)
        self.views.recent.said.connect(self._say_recent)
        self.recent.clicked.connect(lambda: self.views.show_view(RECENT))
        head = QFrame()
        head.setProperty("surface", "card")
        said = QVBoxLayout()
        said.setSpacing(6)
        for label in (self.headline, self.against, self.notes):
            said.addWidget(label)
        said.addWidget(self.recent, 0, Qt.AlignmentFlag.AlignLeft)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        for button in (self.use, self.keep, self.discard):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.again)
        self._inside = QVBoxLayout(head)
        self._inside.addLayout(said)
        self._inside.addLayout(buttons)
        self._make_room(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.message)
        column.addWidget(head)
        column.addWidget(self.views, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.height() < ROOMY_FROM) != self._tight:
            self._make_room(not self._tight)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.use, self.keep, self.discard

    def show_finished(self, event: Finished) -> None:
        """Read the finished run's proof, then show it."""
        self.message.clear()
        shelf = self._desk.whisker.shelf
        self._desk.tasks.run(self, lambda: read_outcome(shelf, event), self._on_outcome, self._on_failed, urgent=True)

    def forget(self) -> None:
        self.outcome = None
        self._mended.clear()
        self.views.recent.run.cancel()

    def _on_outcome(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._mended.clear()
        self.headline.setText(outcome.headline())
        self.against.setText(outcome.against())
        self._say_notes(outcome.notes)
        self._say_mended()
        for button in self._buttons:
            button.setEnabled(True)
        self.use.setText("Use it")
        self.views.show_outcome(outcome)
        self._replay(outcome)
        self.views.hide()
        self.shown.emit()
        self._soon.start()

    def _make_room(self, tight: bool) -> None:
        """In a low window the proof below needs the room more than the words do."""
        self._tight = tight
        edge = 12 if tight else 16
        self._inside.setContentsMargins(20, edge, 20, edge)
        self._inside.setSpacing(8 if tight else 14)
        self.headline.setProperty("role", "brand" if tight else "title")
        self.headline.style().polish(self.headline)
        if self.outcome is not None:
            self._say_notes(self.outcome.notes)
        self._say_recent()

    def _say_notes(self, notes: Sequence[str]) -> None:
        shown = notes[:1] if self._tight else notes[:3]
        more = f"  And {len(notes) - len(shown)} more." if len(notes) > len(shown) else ""
        self.notes.setText("\n".join(shown) + more)
        self.notes.setToolTip("\n".join(notes))
        self.notes.setVisible(bool(notes))

    def _replay(self, outcome: Outcome) -> None:
        """Before it answers: what it would say of recent photos that the model in use has answered."""
        self.recent.hide()
        shelf, reference = self._desk.whisker.shelf, outcome.reference

        def find() -> tuple[Entry, Entry]:
            return shelf.active, shelf.find(reference)

        def begin(both: tuple[Entry, Entry]) -> None:
            active, new = both
            if active.reference != new.reference and self.outcome is outcome:
                same = set(active.card.classes) == set(new.card.classes)
                self.views.recent.start(active.reference, new.reference, same_classes=same)

        # Without a model in use there is nothing to compare with.
        self._desk.tasks.run(self, find, begin, lambda _error: None)

    def _say_recent(self) -> None:
        view = self.views.recent
        there = bool(view.run.total)
        # In a low window its chip says as much.
        self.recent.setVisible(there and not self._tight)
        self.views.chips[RECENT].setVisible(there)
        said = view.headline.text()
        self.recent.setText(f"On your recent photos: {said[:1].lower()}{said[1:]}")
        self.recent.setAccessibleName(self.recent.text())

    def _on_use(self) -> None:
        if self.outcome is None:
            return
        shelf, reference = self._desk.whisker.shelf, self.outcome.reference
        self._set_waiting(True)
        self._desk.tasks.run(self, lambda: shelf.activate(reference), self._on_used, self._on_failed, urgent=True)

    def _on_used(self, entry: Entry) -> None:
        shelf = self._desk.whisker.shelf

        def back() -> None:
            self._set_waiting(True)
            self._desk.tasks.run(self, shelf.roll_back, lambda _: self._set_waiting(False), self._on_failed)

        self.use.setText("In use")
        self.keep.setEnabled(False)
        self._desk.toast(f"{entry.name} v{entry.version} answers from now on", back)

    def _on_keep(self) -> None:
        if self.outcome is not None:
            for button in (self.keep,):
                button.setEnabled(False)
            self._desk.toast(f"{self.outcome.model} v{self.outcome.version} stays on the shelf, not in use", None)

    def _on_discard(self) -> None:
        if self.outcome is None:
            return
        shelf, reference = self._desk.whisker.shelf, self.outcome.reference
        self._set_waiting(True)
        self._desk.tasks.run(self, lambda: shelf.remove(reference), self._on_discarded, self._on_failed)

    def _on_discarded(self, removed: Removed) -> None:
        shelf, outcome = self._desk.whisker.shelf, self.outcome

        def restored(_entry: Entry) -> None:
            if outcome is not None and self.outcome is None:
                self._on_outcome(outcome)

        def back() -> None:
            self._desk.tasks.run(self, lambda: shelf.restore(removed), restored, self._on_failed)

        self.outcome = None
        name = removed.reference.replace("@", " v")
        self._desk.toast(f"{name} discarded", back)
        self.discarded.emit()

    def _set_waiting(self, on: bool) -> None:
        self.use.setText("Use it")
        for button in self._buttons:
            button.setEnabled(not on)

    def _on_failed(self, error: WhiskerError) -> None:
        self._set_waiting(False)
        self.message.show_message(error.message, error.hint)

    def _on_mended(self, paths: list[Path]) -> None:
        """These are about to have another label, or none; the list itself says when they have."""
        for path in paths:
            self._mended.setdefault(path, self._lesson.labels.get(path))
        self._say_mended()

    def _say_mended(self) -> None:
        """How many fixes stand, whatever was undone since; and what became of the photos shown."""
        labels = self._lesson.labels
        now = {path: labels.get(path) for path, before in self._mended.items() if labels.get(path) != before}
        self.views.mark(now)
        fixes = len(now)
        self.again.setText(f"Train again with my {words.count(fixes, 'fix', 'fixes')}" if fixes else "Train again")
        self.again.setProperty("kind", "primary" if fixes else "")
        self.again.style().polish(self.again)
