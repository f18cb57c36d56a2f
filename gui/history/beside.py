"""The chosen answer beside the table: its photo, what was said, what it really is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from gui import words
from gui.buttons import push, tool
from gui.desk import Desk
from gui.elided_label import ElidedLabel
from gui.history import said
from gui.predict.answer import Answer
from gui.predict.class_picker import ClassPicker
from gui.predict.correction_bar import CorrectionBar
from gui.predict.corrections import Corrections
from gui.predict.photo_view import PhotoView
from gui.task import Task
from gui.theme import ICON

if TYPE_CHECKING:
    from engine.errors import WhiskerError
    from engine.history import Row

SETTLE_MS = 60
"""A key held down runs through answers that are not each worth a preview."""
_SIDE = 800
_FACTS = ("Asked by", "Model", "When", "Took", "File")


class Beside(QFrame):
    """Signals:
    open_asked: The answer should be shown in Predict.
    copy_asked: The paths of those chosen are wanted on the clipboard.
    forget_asked: Those chosen should be forgotten.
    """

    open_asked = Signal()
    copy_asked = Signal()
    forget_asked = Signal()

    def __init__(self, desk: Desk, corrections: Corrections, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._corrections = corrections
        self._row: Row | None = None
        self._chosen = 0
        self._preview: Task | None = None
        self.image: QImage | None = None
        self._previewed: int | None = None
        self.setProperty("surface", "card")
        self.setAccessibleName("The chosen answer")
        self.photo = PhotoView(desk.theme)
        self.photo.setMinimumSize(160, 120)
        self.headline = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.headline.setProperty("role", "title")
        self.pill = QLabel()
        self.pill.setProperty("verdict", "unknown")
        self.many = QLabel()
        self.many.setProperty("role", "secondary")
        self.many.setWordWrap(True)
        self.facts = {name: ElidedLabel() for name in _FACTS}
        self.bar = CorrectionBar()
        self.bar.chosen.connect(self.correct)
        self.bar.more_asked.connect(self.ask_class)
        self.open = push("Open", "Show it in Predict, large and with its reason (Enter)", kind="primary")
        self.open.clicked.connect(self.open_asked)
        self.copy = tool("Copy where the file lies (Ctrl+C)", name="Copy path", side=ICON)
        self.copy.clicked.connect(self.copy_asked)
        self.forget = push("Forget…", "Remove everything that Whisker keeps about it (Delete)")
        self.forget.clicked.connect(self.forget_asked)
        self.nothing = QLabel("Choose an answer to see its photo.")
        self.nothing.setProperty("role", "secondary")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._place()
        self.picker = ClassPicker(desk.theme, self)
        self.picker.chosen.connect(self.correct)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._read_photo)
        desk.theme.changed.connect(self._tint)
        self._tint()

    @property
    def row(self) -> Row | None:
        return self._row

    def show_row(self, row: Row | None, chosen: int) -> None:
        """Show an answer of the history while `chosen` are selected."""
        self._row, self._chosen = row, chosen
        self._stack.setCurrentIndex(0 if row is None else 1)
        if row is None:
            self._previewed = None
            return
        sure_above = float(self._desk.whisker.settings["sure_above"])
        answer = Answer.from_row(row)
        self.headline.set_full_text(answer.headline(sure_above), row.name)
        self.pill.setText(answer.pill(sure_above))
        self.pill.setAccessibleName(answer.pill(sure_above))
        self.pill.setProperty("verdict", answer.verdict(sure_above))
        self.pill.style().polish(self.pill)
        self._show_facts(row)
        self.many.setVisible(chosen > 1)
        self.many.setText(f"{chosen:,} are selected. Copying and forgetting are for all of them.")
        self.bar.setVisible(chosen <= 1)
        self.bar.offer(self._classes(row), [name for name, _ in row.top], row.correction, row.predicted_class)
        self.open.setEnabled(chosen <= 1)
        self.copy.setEnabled(row.path is not None or chosen > 1)
        self.copy.setAccessibleName("Copy paths" if chosen > 1 else "Copy path")
        self.forget.setText(f"Forget {chosen:,}…" if chosen > 1 else "Forget…")
        self.forget.setAccessibleName(f"Forget {chosen:,} photos" if chosen > 1 else "Forget this photo")
        if row.id != self._previewed:
            self._previewed, self.image = row.id, None
            if self._preview is not None:
                self._preview.cancel()
            self._settle.start()

    def correct(self, label: str) -> None:
        row = self._row
        if row is not None and self._chosen <= 1:
            self._corrections.correct(row.id, label, row.correction, row.predicted_class)

    def press(self, number: int) -> None:
        """As if the key `number`, from 1, was pressed."""
        if self._row is not None and self._chosen <= 1:
            self.bar.press(number)

    def ask_class(self) -> None:
        """Let one of all classes be chosen."""
        row = self._row
        if row is not None and self._chosen <= 1:
            self.picker.ask(list(self._classes(row)) or [name for name, _ in row.top])

    def _classes(self, row: Row) -> Sequence[str]:
        card = self._desk.model.card
        return card.classes if card is not None and card.name == row.model else ()

    def _show_facts(self, row: Row) -> None:
        values = {
            "Asked by": said.SOURCES.get(row.source, row.source),
            "Model": f"{row.model} v{row.model_version}",
            "When": said.moment(row.at),
            "Took": words.milliseconds(row.elapsed_ms),
            "File": row.name if row.path is None else str(row.path),
        }
        for name, value in values.items():
            self.facts[name].set_full_text(value)

    def _place(self) -> None:
        whole = QWidget(self)
        scroll = QScrollArea(whole)
        content = QWidget(scroll.viewport())
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(self.headline)
        pill = QHBoxLayout()
        pill.addWidget(self.pill)
        pill.addStretch(1)
        column.addLayout(pill)
        column.addWidget(self.many)
        column.addWidget(self.bar)
        column.addSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(self.facts.items()):
            label = QLabel(name)
            label.setProperty("role", "status")
            value.setProperty("role", "status")
            grid.addWidget(label, at, 0)
            grid.addWidget(value, at, 1)
        column.addLayout(grid)
        column.addStretch(1)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.forget)
        inside = QVBoxLayout(whole)
        inside.setContentsMargins(20, 20, 12, 16)
        inside.setSpacing(16)
        inside.addWidget(self.photo, 5)
        inside.addWidget(scroll, 6)
        inside.addLayout(buttons)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(whole)
        self.setMinimumWidth(300)

    def _read_photo(self) -> None:
        row = self._row
        if row is None:
            return
        if row.path is None:
            self.photo.show_missing("This photo was not kept.")
            return
        path = row.path
        self.photo.show_loading()

        def read() -> QImage:
            from gui.predict import pictures

            return pictures.preview(path, _SIDE)

        def show(photo: QImage) -> None:
            self.image = photo
            self.photo.show_photo(photo, row.name)

        self._preview = self._desk.tasks.run(self, read, show, self._on_no_photo)

    def _on_no_photo(self, error: WhiskerError) -> None:
        self.photo.show_missing(error.message)

    def _tint(self) -> None:
        self.copy.setIcon(self._desk.theme.icon("copy", "muted"))
