"""The answer in words and bars, why, and what it really is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from gui import words
from gui.buttons import push, tool
from gui.elided_label import ElidedLabel
from gui.predict.answer import Answer
from gui.predict.class_bars import INSET, ClassBars
from gui.predict.correction_bar import CorrectionBar
from gui.predict.neighbour_row import NeighbourRow
from gui.predict.skeleton import Skeleton
from gui.theme import ICON, Theme

WHY, SHORT_WHY = "Why: what the model looked at", "Why: what it looked at"
SHORT_BELOW = 340
WHY_TIP = "Show on the photo what the model looked at (H)"


class AnswerPanel(QWidget):
    """Signals:
    copy_asked: The answer is wanted on the clipboard.
    why_toggled: Whether to show what the model looked at.
    """

    copy_asked = Signal()
    why_toggled = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.name = ElidedLabel()
        self.name.setProperty("role", "secondary")
        self.copy = tool("Copy the answer (Ctrl+C)", name="Copy the answer")
        self.copy.clicked.connect(self.copy_asked)
        self.headline = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.headline.setProperty("role", "answer")
        self.line = QLabel()
        self.line.setWordWrap(True)
        self.pill = QLabel()
        self.pill.setProperty("verdict", "unknown")
        self.bars = ClassBars(theme)
        self.why = push(WHY, WHY_TIP, kind="why")
        self.why.setCheckable(True)
        self.why.setIconSize(QSize(ICON, ICON))
        key = QLabel("H")
        key.setProperty("role", "key")
        key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = QHBoxLayout(self.why)
        inside.setContentsMargins(0, 0, 12, 0)
        inside.addWidget(key, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.why.toggled.connect(self._on_why)
        self.neighbours = NeighbourRow(theme)
        self.corrections = CorrectionBar()
        self.footer = QLabel()
        self.footer.setProperty("role", "status")
        self.footer.setWordWrap(True)
        self._skeleton = Skeleton(theme)
        self._place()
        theme.changed.connect(self._tint)
        self._tint()

    def show_loading(self) -> None:
        self._stack.setCurrentIndex(0)

    def show_answer(self, answer: Answer, classes: Sequence[str], sure_above: float) -> None:
        """`classes` are all that the model knows, empty when that is not known any more."""
        verdict = answer.verdict(sure_above)
        self.name.set_full_text(answer.name, str(answer.path or answer.name))
        self.headline.set_full_text(answer.headline(sure_above))
        self.line.setText(answer.line())
        self.line.setVisible(bool(answer.line()))
        self.pill.setText(answer.pill(sure_above))
        self.pill.setAccessibleName(answer.pill(sure_above))
        self.pill.setProperty("verdict", verdict)
        self.pill.style().polish(self.pill)
        numbered = not 0 < len(classes) <= len(self.corrections.choices)
        self.bars.show_classes(answer.top, numbered=numbered, quiet=verdict == "unknown")
        self.neighbours.show_neighbours([])
        self.show_correction(answer, classes)
        self.footer.setText(self._footer(answer))
        self._stack.setCurrentIndex(1)

    def show_correction(self, answer: Answer, classes: Sequence[str]) -> None:
        self.corrections.setVisible(answer.row is not None)
        shown = [name for name, _ in answer.top]
        self.corrections.offer(classes, shown, answer.correction, answer.predicted_class)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.why.setText(SHORT_WHY if self.width() < SHORT_BELOW else WHY)

    def _footer(self, answer: Answer) -> str:
        model = f"{answer.model} v{answer.model_version}"
        if answer.at is not None:
            return "  ·  ".join([words.when(answer.at, datetime.now(UTC)), model, "nothing left this computer"])
        return "  ·  ".join([words.milliseconds(answer.elapsed_ms), model, "nothing left this computer"])

    def _place(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        self.copy.setFixedSize(24, 24)
        top.addWidget(self.copy)
        top.setContentsMargins(INSET, 0, 0, 0)
        self._column.addLayout(top)
        self._add(self.headline, 4)
        self._add(self.line, 8)
        pill = QHBoxLayout()
        pill.setContentsMargins(INSET, 0, INSET, 0)
        pill.addWidget(self.pill)
        pill.addStretch(1)
        self._column.addLayout(pill)
        self._column.addSpacing(20)
        self._column.addWidget(self.bars)
        self._column.addSpacing(12)
        self._add(self.why, 20)
        self._add(self.neighbours, 0)
        self._column.addStretch(1)
        self._column.addSpacing(16)
        self._add(self.corrections, 12)
        self._add(self.footer, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._skeleton)
        self._stack.addWidget(scroll)

    def _add(self, widget: QWidget, space: int) -> None:
        """In line with the words of the bars, whose focus ring reaches further out."""
        row = QHBoxLayout()
        row.setContentsMargins(INSET, 0, INSET, 0)
        row.addWidget(widget)
        self._column.addLayout(row)
        self._column.addSpacing(space)

    def _on_why(self, on: bool) -> None:
        self._tint()
        self.why_toggled.emit(on)

    def _tint(self) -> None:
        self.copy.setIcon(self._theme.icon("copy", "muted"))
        self.why.setIcon(self._theme.icon("heat", "on_accent_soft" if self.why.isChecked() else "muted"))
