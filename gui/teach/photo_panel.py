"""Some photos, why they are shown, and what can be done with them there and then: another label, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.desk import Desk
from gui.predict.class_picker import ClassPicker
from gui.teach.lesson import Lesson
from gui.teach.photo_grid import PhotoGrid, Shot
from gui.teach.thumbs import Thumbs

ROOMY_FROM = 460
"""Below this width the buttons stand under the title."""


class PhotoPanel(QWidget):
    """Signals:
    closed: The person has seen enough.
    done: Paths that were relabelled or left out, and in which words.
    """

    closed = Signal()
    done = Signal(object, str)

    def __init__(self, desk: Desk, lesson: Lesson, back: str = "Back", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._lesson = lesson
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.title.setWordWrap(True)
        self.back = push(back, f"{back} (Esc)")
        self.back.clicked.connect(self.closed)
        if not back:
            self.back.hide()
        self.relabel = push("Call it…", "Give the selected photos another label (C)", name="Call it something else")
        self.relabel.clicked.connect(self.ask)
        self.leave = push("Leave out", "Do not teach with the selected photos (Delete)")
        self.leave.clicked.connect(self.leave_out)
        self.grid = PhotoGrid(desk.theme, Thumbs(desk.tasks, self))
        self.grid.chosen.connect(self._on_chosen)
        self.picker = ClassPicker(desk.theme, self)
        self.picker.chosen.connect(self._on_label)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        for button in (self.relabel, self.leave):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(8)
        self._head.addWidget(self.back)
        self._head.addWidget(self.title, 1)
        self._head.addLayout(self._buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head)
        column.addWidget(self.grid, 1)
        self._on_chosen()

    def add_button(self, button: QPushButton) -> None:
        """One more, before what can be done with the photos."""
        self._buttons.insertWidget(0, button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < ROOMY_FROM
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def show_photos(self, title: str, shots: Sequence[Shot]) -> None:
        self.title.setText(title)
        self.grid.setAccessibleName(title)
        self.grid.show_shots(shots)
        if shots:
            self.grid.setCurrentIndex(self.grid.photos.index(0, 0))
        for button in (self.relabel, self.leave):
            button.setVisible(bool(shots))
        self._on_chosen()

    def show_rest(self, title: str, shots: Sequence[Shot]) -> None:
        """The same photos less some, or with some again: the keyboard stays where it was."""
        at = self.grid.currentIndex().row()
        self.title.setText(title)
        self.grid.show_shots(shots)
        self.grid.setCurrentIndex(self.grid.photos.index(max(0, min(at, len(shots) - 1)), 0))
        self._on_chosen()

    def ask(self) -> None:
        if self.grid.selected():
            self.picker.ask(self._lesson.classes)

    def leave_out(self) -> None:
        paths = self._teachable()
        if paths:
            self._lesson.leave_out(paths)
            self.done.emit(paths, "left out")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_C:
                self.ask()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.leave_out()
            case Qt.Key.Key_Escape if self.back.isVisible():
                self.closed.emit()
            case _:
                super().keyPressEvent(event)

    def _on_label(self, label: str) -> None:
        paths = self._teachable()
        if paths:
            self._lesson.relabel(paths, label)
            self.done.emit(paths, f"now {label}")

    def _teachable(self) -> list[Path]:
        """Those selected that are still among the pictures."""
        return [path for path in self.grid.selected() if path in self._lesson.labels]

    def _on_chosen(self) -> None:
        some = bool(self.grid.selected())
        self.relabel.setEnabled(some)
        self.leave.setEnabled(some)
