"""Asking whether an image is really to be forgotten, with all that would go. It cannot be undone, so it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.predict.photo_view import PhotoView
from gui.task import Task

if TYPE_CHECKING:
    from engine.forgetting import Traces
    from engine.history import Row


class ForgetCard(QFrame):
    """Signals:
    done: It is forgotten.
    left: It was thought better of.
    failed: A WhiskerError.
    """

    done = Signal()
    left = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._found: Traces | None = None
        self._task: Task | None = None
        self._busy = False
        self.setProperty("surface", "card")
        self.setAccessibleName("Forget this photo?")
        self.photo = PhotoView(desk.theme)
        self.photo.setFixedHeight(140)
        self.title = QLabel("Forget this photo?")
        self.title.setProperty("role", "brand")
        self.title.setWordWrap(True)
        self.goes = QLabel()
        self.goes.setWordWrap(True)
        self.goes.setTextFormat(Qt.TextFormat.PlainText)
        self.stays = QLabel()
        self.stays.setProperty("role", "secondary")
        self.stays.setWordWrap(True)
        self.stays.setTextFormat(Qt.TextFormat.PlainText)
        self.keep = push("Keep it", "Leave everything as it is (Esc)")
        self.keep.clicked.connect(self.leave)
        self.sure = push("Forget it", "Remove all of this for good (Delete once more)", kind="primary")
        self.sure.clicked.connect(self.forget)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.sure)
        buttons.addWidget(self.keep)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.photo)
        for label in (self.title, self.goes, self.stays):
            column.addWidget(label)
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addStretch(1)

    def ask(self, rows: list[Row], photo: QImage | None) -> None:
        """Look for everything that is kept about these, and say it; `photo` shows the one that is meant."""
        self._end()
        self.photo.setVisible(photo is not None)
        if photo is not None:
            self.photo.show_photo(photo, rows[0].name)
        many = len(rows) > 1
        self.title.setText(f"Forget {len(rows):,} photos?" if many else f"Forget {rows[0].name}?")
        self.goes.setText(f"Looking for what is kept about {'them' if many else 'it'}…")
        self.stays.clear()
        self.sure.setEnabled(False)
        self.keep.setText("Keep them" if many else "Keep it")
        self.sure.setText("Forget them" if many else "Forget it")
        whisker, numbers = self._desk.whisker, [row.id for row in rows]
        self._task = self._desk.tasks.run(
            self, lambda: whisker.traces(numbers), self._on_found, self._on_failed, urgent=True
        )
        self.keep.setFocus()

    def forget(self) -> None:
        found = self._found
        if found is None or self._busy:
            return
        self._busy = True
        self.sure.setEnabled(False)
        self.goes.setText("Forgetting…")
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: whisker.forget(found), lambda _: self._on_done(found), self._on_failed)

    def leave(self) -> None:
        if not self._busy:
            self._end()
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_Delete:
            self.forget()
        else:
            super().keyPressEvent(event)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._found = None

    def _on_found(self, found: Traces) -> None:
        self._found = found
        self.goes.setText("\n".join(("Whisker will remove", *(f"  •  {line}" for line in goes(found)))))
        self.stays.setText(" ".join(stays(found)))
        self.sure.setEnabled(True)

    def _on_done(self, found: Traces) -> None:
        self._busy = False
        self._end()
        self._desk.toast(f"Forgotten: {words.count(len(found.rows), 'answer', 'answers')}", None)
        self.done.emit()

    def _on_failed(self, error: WhiskerError) -> None:
        self._busy = False
        self._end()
        self.failed.emit(error)


def goes(found: Traces) -> list[str]:
    """What will be removed, a line each."""
    lines = [words.count(len(found.rows), "answer in the history", "answers in the history")]
    if found.corrected:
        lines.append(words.count(found.corrected, "correction of yours", "corrections of yours"))
    if found.features:
        lines.append("what was computed from it for training")
    if found.copies:
        lines.append(words.count(len(found.copies), "copy that Whisker made", "copies that Whisker made"))
    if found.lists:
        lists = words.count(len(found.lists), "list to teach with", "lists to teach with")
        lines.append(f"its lines in {lists}, whose earlier edits can then not be undone")
    if found.models:
        models = words.count(len(found.models), "model", "models")
        lines.append(f"its place among what {models} can show as alike or as proof")
    return lines


def stays(found: Traces) -> list[str]:
    """What will not be touched."""
    lines = []
    if found.originals:
        files = "Your own file stays" if len(found.originals) == 1 else f"Your {len(found.originals):,} own files stay"
        lines.append(f"{files} where it is." if len(found.originals) == 1 else f"{files} where they are.")
    if found.models:
        lines.append("What a model has learnt from it cannot be taken out; train anew for that.")
    lines.append("This cannot be undone.")
    return lines
