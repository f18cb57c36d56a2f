"""Step 1: what is to be told apart. The classes with their photos, and beside them what the doctor says."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine import images
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.teach.checkup import Checkup
from gui.teach.class_list import ClassList
from gui.teach.class_model import ClassModel
from gui.teach.empty_images import EmptyImages, sample_set
from gui.teach.findings_panel import NARROW, WIDTH, FindingsPanel
from gui.teach.lesson import Lesson
from gui.teach.photo_grid import Shot
from gui.teach.photo_panel import PhotoPanel
from gui.teach.thumbs import Thumbs

if TYPE_CHECKING:
    from engine.dataset.doctor import Finding

PATIENCE_MS = 150
ROOMY_FROM = 920
"""Below this width the buttons stand under the line above the classes, and the findings give way."""


class ImagesStep(QWidget):
    """Signals:
    browse_asked: A folder is to be chosen.
    add_asked: Photos are to be chosen for a class.
    """

    browse_asked = Signal()
    add_asked = Signal(str)

    def __init__(self, desk: Desk, lesson: Lesson, checkup: Checkup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._lesson = lesson
        self._shots: list[Shot] = []
        self._labels: dict[Path, str | None] = {}
        self._title = ""
        self._renamed: dict[str, str] = {}
        self.setAccessibleName("Photos")
        self.stack = QStackedWidget(self)
        self.empty = EmptyImages(desk, lesson, self.stack)
        self.empty.browse_asked.connect(self.browse_asked)
        self.empty.sample_asked.connect(self._on_sample)
        self.model = ClassModel(self)
        self.list = ClassList(desk.theme, self.model, Thumbs(desk.tasks, self))
        self.looking = PhotoPanel(desk, lesson, "Back to the classes")
        self.looking.closed.connect(self.show_classes)
        self.findings = FindingsPanel(desk, lesson, checkup)
        self.findings.look_asked.connect(self._on_look)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._make_full())
        self.reading = QLabel("Reading the folders…")
        self.reading.setProperty("role", "secondary")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Reading the folders")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.reading)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._show_reading(True))
        self._show_reading(False)
        self.list.chosen.connect(self._on_chosen)
        self.list.dropped.connect(lambda label, paths: lesson.add(paths, label or None))
        self.list.add_asked.connect(self.add_asked)
        self.list.leave_out_asked.connect(self._on_leave_out)
        self.model.renamed.connect(self._on_renamed)
        lesson.changed.connect(self.refresh)
        lesson.failed.connect(lambda _error: self._renamed.clear())
        lesson.busy_changed.connect(self._on_busy)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < ROOMY_FROM
        self.findings.setFixedWidth(NARROW if narrow else WIDTH)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._head.setDirection(down if narrow else across)

    def refresh(self) -> None:
        lesson = self._lesson
        at = self.list.currentIndex().row()
        kept = {self._renamed.get(name, name) for name in self.list.selected()}
        scrolled = self.list.verticalScrollBar().value()
        self.model.show(lesson.rows)
        self.list.verticalScrollBar().setValue(scrolled)
        for row, each in enumerate(lesson.rows):
            if each.name in kept:
                self.list.setCurrentIndex(self.model.index(row))
        if not self.list.currentIndex().isValid() and lesson.rows and at >= 0:
            # The keyboard stays where it was; nothing is selected.
            stay = self.model.index(min(at, len(lesson.rows) - 1))
            self.list.selectionModel().setCurrentIndex(stay, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._renamed.clear()
        self._show_rest()
        self.stack.setCurrentIndex(0 if lesson.folder is None else 1)
        classes = words.count(len(lesson.rows), "class", "classes")
        self.line.setText(f"{classes}  ·  {words.count(lesson.pictures, 'photo', 'photos')}")
        self._on_chosen()

    def show_classes(self) -> None:
        self.left.setCurrentIndex(0)

    def _make_full(self) -> QWidget:
        full = QWidget(self.stack)
        self.left = QStackedWidget(full)
        self.line = QLabel()
        self.line.setProperty("role", "heading")
        self.add = push("Add photos…", "Add a folder of photos to these (Ctrl+O)", name="Add photos")
        self.add.clicked.connect(self.browse_asked)
        self.rename = push("Rename", "Give the selected class another name (F2)", kind="quiet")
        self.rename.clicked.connect(self._on_rename)
        self.merge = push("Merge", "Make the selected classes one", kind="quiet")
        self.merge.clicked.connect(self._on_merge)
        self.leave = push("Leave out", "Do not teach the selected classes (Delete)", kind="quiet")
        self.leave.clicked.connect(self._on_leave_out)
        self.show_all = push("Look", "Show all photos of the selected class (Enter)", kind="quiet")
        self.show_all.clicked.connect(self._on_open)
        self.list.activated.connect(lambda _index: self._on_open())
        self._menu = QMenu(self)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(4, 0, 0, 0)
        self._head.setSpacing(4)
        self._head.addWidget(self.line, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.show_all, self.rename, self.merge, self.leave):
            buttons.addWidget(button)
        buttons.addSpacing(4)
        buttons.addWidget(self.add)
        self._head.addLayout(buttons)
        card = QFrame()
        card.setProperty("surface", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 4, 8)
        inside.addWidget(self.list, 1)
        more = QLabel("Drop another folder here to add a class")
        more.setProperty("role", "secondary")
        more.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(more)
        classes = QWidget(self.left)
        column = QVBoxLayout(classes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head)
        column.addWidget(card, 1)
        self.left.addWidget(classes)
        self.left.addWidget(self.looking)
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self.left, 1)
        row.addWidget(self.findings)
        return full

    def _on_chosen(self) -> None:
        chosen = len(self.list.selected())
        for button in (self.rename, self.show_all):
            button.setEnabled(chosen == 1)
        self.leave.setEnabled(chosen > 0)
        self.merge.setEnabled(chosen > 1)

    def _on_rename(self) -> None:
        self.list.setFocus()
        self.list.edit(self.list.currentIndex())

    def _on_merge(self) -> None:
        """Ask which of the names it shall have."""
        names = self.list.selected()
        self._menu.clear()
        for name in names:
            self._menu.addAction(f"Call them all {name}", partial(self._lesson.merge, names, name))
        self._menu.popup(self.merge.mapToGlobal(self.merge.rect().bottomLeft()))

    def _on_leave_out(self) -> None:
        self._lesson.leave_out_classes(self.list.selected())

    def _on_open(self) -> None:
        names = self.list.selected()
        row = next((row for row in self._lesson.rows if names[:1] == [row.name]), None)
        if row is not None:
            self._look(f"{row.name}: ", [Shot(path, path.name) for path in row.paths])

    def _on_renamed(self, old: str, new: str) -> None:
        self._renamed[old] = new.strip()
        self._lesson.rename(old, new)

    def _on_look(self, findings: list[Finding]) -> None:
        shots: list[Shot] = []
        labels = self._lesson.labels
        for finding in findings:
            alone = finding.other is None and finding.new_label
            seems = f"looks like {finding.new_label}" if alone else images.display_name(finding.path)
            shots.append(Shot(finding.path, labels.get(finding.path, ""), seems))
            if finding.other is not None and finding.other.is_absolute():
                shots.append(Shot(finding.other, labels.get(finding.other, ""), images.display_name(finding.other)))
        self._look(findings[0].kind.title, shots)

    def _look(self, title: str, shots: list[Shot]) -> None:
        self._shots = shots
        self._labels = {shot.path: self._lesson.labels.get(shot.path) for shot in shots}
        self._title = title
        self.looking.show_photos(self._titled(len(shots)), shots)
        self.left.setCurrentIndex(1)
        self.looking.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_rest(self) -> None:
        """Those looked at that are still as they were; with none left, the classes."""
        if self.left.currentIndex() == 0:
            return
        labels = self._lesson.labels
        rest = [shot for shot in self._shots if labels.get(shot.path) == self._labels[shot.path]]
        if not rest:
            self.show_classes()
        elif rest != self.looking.grid.photos.shots:
            self.looking.show_rest(self._titled(len(rest)), rest)

    def _titled(self, number: int) -> str:
        return self._title + words.count(number, "photo", "photos") if self._title.endswith(": ") else self._title

    def _on_sample(self) -> None:
        folder: Path | None = sample_set()
        if folder is not None:
            self._lesson.add([folder])

    def _on_busy(self) -> None:
        if self._lesson.busy:
            self._patience.start()
        else:
            self._patience.stop()
            self._show_reading(False)

    def _show_reading(self, on: bool) -> None:
        self.reading.setVisible(on)
        self.bar.setVisible(on)
