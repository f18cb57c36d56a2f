"""Two models side by side: their scores, and what each says of recent photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gui.buttons import push
from gui.desk import Desk
from gui.elided_label import ElidedLabel
from gui.models import said
from gui.models.range_bar import RangeBar
from gui.models.reading import axis_start
from gui.models.replay_view import ReplayView

if TYPE_CHECKING:
    from engine.model_shelf import Entry


class CompareView(QWidget):
    """Signals:
    back_asked: Back to the shelf.
    use_asked: The second model should answer.
    """

    back_asked = Signal()
    use_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.before: Entry | None = None
        self.after: Entry | None = None
        self.replay = ReplayView(desk)
        self.back = push("All models", "Back to all models (Esc)")
        self.back.clicked.connect(self.back_asked)
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.title.setProperty("role", "brand")
        self.use = push("Use it", "Let this model answer from now on (Enter)", kind="primary")
        self.use.clicked.connect(self.use_asked)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        head.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self._scores())
        column.addWidget(self._replay(), 1)
        desk.theme.changed.connect(self._tint)
        self._tint()

    def show_models(self, before: Entry, after: Entry) -> None:
        """Compare the two; `after` is the one that could be used."""
        self.before, self.after = before, after
        self.title.set_full_text(f"{said.full_title(before)}  →  {said.full_title(after)}")
        self.use.setVisible(not after.active)
        self.use.setText(f"Use {said.full_title(after)}")
        self.use.setAccessibleName(self.use.text())
        self._fill_scores(before, after)
        same = set(before.card.classes) == set(after.card.classes)
        self.replay.start(before.reference, after.reference, same_classes=same)
        (self.use if not after.active else self.back).setFocus()

    def leave(self) -> None:
        self.replay.run.cancel()
        self.before = self.after = None

    def _scores(self) -> QFrame:
        card = QFrame()
        card.setProperty("surface", "card")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self._names: list[QLabel] = []
        self._rights: list[QLabel] = []
        self._betweens: list[QLabel] = []
        self._bars: list[RangeBar] = []
        for at in range(2):
            name, right, between, bar = QLabel(), QLabel(), QLabel(), RangeBar(self._desk.theme)
            name.setProperty("role", "heading")
            between.setProperty("role", "secondary")
            for column, widget in enumerate((name, bar, right, between)):
                self._grid.addWidget(widget, at, column)
            for widgets, widget in ((self._names, name), (self._rights, right), (self._betweens, between)):
                widgets.append(widget)
            self._bars.append(bar)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setProperty("role", "secondary")
        column_box = QVBoxLayout(card)
        column_box.setContentsMargins(20, 16, 20, 16)
        column_box.setSpacing(12)
        column_box.addLayout(self._grid)
        column_box.addWidget(self.verdict)
        return card

    def _replay(self) -> QFrame:
        card = QFrame()
        card.setProperty("surface", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(20, 16, 8, 12)
        column.addWidget(self.replay)
        return card

    def _fill_scores(self, before: Entry, after: Entry) -> None:
        start = axis_start([before, after])
        for at, entry in enumerate((before, after)):
            self._names[at].setText(f"{said.full_title(entry)}{'  ·  active' if entry.active else ''}")
            self._rights[at].setText(said.score(entry.card))
            self._betweens[at].setText(said.interval_words(entry.card))
            between, accuracy = said.interval(entry.card), said.accuracy(entry.card)
            self._bars[at].setVisible(between is not None)
            if between is not None and accuracy is not None:
                self._bars[at].show_score(accuracy, *between, start, active=entry.active)
        self.verdict.setText(verdict(before, after))

    def _tint(self) -> None:
        self.back.setIcon(self._desk.theme.icon("arrow-left", "text"))


def verdict(before: Entry, after: Entry) -> str:
    """What the two scores say of each other."""
    first, second = said.interval(before.card), said.interval(after.card)
    if set(before.card.classes) != set(after.card.classes):
        return "They know different classes, so their scores say nothing about each other. Your photos do."
    if first is None or second is None:
        return "One of them was never scored on photos, so only yours can tell."
    prints = [str(entry.card.lineage.get("data_fingerprint") or "") for entry in (before, after)]
    own = "" if prints[0] and prints[0] == prints[1] else " Each was scored on photos of its own."
    if first[0] <= second[1] and second[0] <= first[1]:
        return f"Too close to tell: their 95\u00a0% ranges overlap.{own}"
    better = after if second[0] > first[1] else before
    return f"{said.full_title(better)} is better: the 95\u00a0% ranges do not overlap.{own}"
