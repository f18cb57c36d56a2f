"""A version of a model: how good it is, how it was made, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from gui.buttons import push, tool
from gui.elided_label import ElidedLabel
from gui.models import said
from gui.models.range_bar import RangeBar
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.model_shelf import Entry

FORMS = {
    "onnx": "ONNX kit, runs without Whisker…",
    "keras": "Keras…",
    "tflite": "TensorFlow Lite, for phones…",
}
_BAR = 3


class VersionRow(QFrame):
    """Signals:
    use_asked: This version should answer.
    compare_asked: The reference of another version to compare it with.
    export_asked: One of FORMS.
    remove_asked: It should go.
    """

    use_asked = Signal()
    compare_asked = Signal(str)
    export_asked = Signal(str)
    remove_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        entry: Entry,
        others: Callable[[], list[Entry]],
        start: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._others = others
        self.entry = entry
        title = said.full_title(entry)
        self.setAccessibleName(f"{title}, {said.score(entry.card)}{', active' if entry.active else ''}")
        self.version = QLabel(f"v{entry.version}")
        self.version.setProperty("role", "heading")
        self.version.setFixedWidth(32)
        self.score = QLabel(said.score(entry.card))
        self.between = QLabel(said.interval_words(entry.card))
        self.between.setProperty("role", "status")
        self.made = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.how = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.how.setProperty("role", "status")
        self.details = tool("What it was made from, and how", name=f"Details of {title}")
        self.details.setCheckable(True)
        self.details.toggled.connect(self._on_details)
        self.use = push("Use…", f"See what {title} would change, then let it answer", name=f"Use {title}")
        self.use.clicked.connect(self.use_asked)
        self.active = QLabel("Active")
        self.active.setProperty("role", "active")
        self.more = tool("Compare, export, remove", name=f"More about {title}")
        self.more.clicked.connect(self._open_menu)
        self._facts: QWidget | None = None
        self._place(start)
        theme.changed.connect(self._tint)
        self._tint()

    def menu(self) -> QMenu:
        """What can be done with this version."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        others = [entry for entry in self._others() if entry.reference != self.entry.reference]
        compare = menu.addMenu("Compare with")
        compare.setEnabled(bool(others))
        for other in others:
            action = QAction(said.full_title(other), compare)
            action.triggered.connect(lambda _=False, other=other: self.compare_asked.emit(other.reference))
            compare.addAction(action)
        export = menu.addMenu("Export as")
        for form, title in FORMS.items():
            action = QAction(title, export)
            action.triggered.connect(lambda _=False, form=form: self.export_asked.emit(form))
            export.addAction(action)
        menu.addSeparator()
        if self.entry.builtin:
            menu.addAction("Built in: it stays").setEnabled(False)
        else:
            menu.addAction("Remove").triggered.connect(self.remove_asked)
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.entry.active:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(QRectF(0, 8, _BAR, self.height() - 16), _BAR / 2, _BAR / 2)

    def _place(self, start: float) -> None:
        card = self.entry.card
        score = QVBoxLayout()
        score.setSpacing(2)
        score.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.score)
        line.addWidget(self.between, 1, Qt.AlignmentFlag.AlignBottom)
        score.addLayout(line)
        between, accuracy = said.interval(card), said.accuracy(card)
        if between is not None and accuracy is not None:
            bar = RangeBar(self._theme)
            bar.show_score(accuracy, *between, start, active=self.entry.active)
            score.addWidget(bar)
        else:
            self.score.setProperty("role", "secondary")
        score.addStretch(1)
        first = [said.made_words(card, datetime.now(UTC)), said.photos(card)]
        self.made.set_full_text("  ·  ".join(filter(None, first)), f"Made {card.created or 'elsewhere'}")
        self.how.set_full_text("  ·  ".join(filter(None, (said.recipe(card), said.network(card)))))
        facts = QVBoxLayout()
        facts.setSpacing(2)
        facts.addWidget(self.made)
        facts.addWidget(self.how)
        row = QHBoxLayout()
        row.setSpacing(16)
        # As high with the Active mark as with the button.
        row.addStrut(self.use.sizeHint().height())
        row.addWidget(self.version)
        score_box = QWidget()
        score_box.setFixedWidth(224)
        score.setContentsMargins(0, 0, 0, 0)
        score_box.setLayout(score)
        row.addWidget(score_box)
        row.addLayout(facts, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.active)
        buttons.addWidget(self.use)
        buttons.addSpacing(4)
        buttons.addWidget(self.details)
        buttons.addWidget(self.more)
        row.addLayout(buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 8, 8)
        self._column.setSpacing(10)
        self._column.addLayout(row)
        self.active.setVisible(self.entry.active)
        self.use.setVisible(not self.entry.active)

    def _on_details(self, on: bool) -> None:
        if on and self._facts is None:
            self._facts = _facts(said.facts(self.entry.card))
            self._column.addWidget(self._facts)
        if self._facts is not None:
            self._facts.setVisible(on)
        self._tint()

    def _open_menu(self) -> None:
        self.menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _tint(self) -> None:
        self.details.setIcon(self._theme.icon("chevron-up" if self.details.isChecked() else "chevron-down", "muted"))
        self.more.setIcon(self._theme.icon("more", "muted"))


def _facts(facts: list[tuple[str, str]]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(48, 0, 16, 8)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for at, (what, says) in enumerate(facts):
        name, text = QLabel(what), QLabel(says)
        name.setProperty("role", "secondary")
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setAccessibleName(f"{what}: {says}")
        grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(text, at, 1)
    return box
