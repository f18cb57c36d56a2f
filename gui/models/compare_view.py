"""Two models side by side: their scores, and what each says of recent photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.elided_label import ElidedLabel
from gui.flow_layout import FlowLayout
from gui.models import said
from gui.models.change_tile import ChangeTile
from gui.models.range_bar import RangeBar
from gui.models.reading import axis_start
from gui.models.replay_run import ReplayRun, Step

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
        self._same_classes = True
        self.run = ReplayRun(desk, self)
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
        self.run.moved.connect(self._on_moved)
        self.run.changed.connect(self._on_changed)
        self.run.failed.connect(self._on_failed)
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
        self._same_classes = set(before.card.classes) == set(after.card.classes)
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._trouble = ""
        self.run.start(before.reference, after.reference)
        (self.use if not after.active else self.back).setFocus()

    def leave(self) -> None:
        self.run.cancel()
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
        self.headline = QLabel()
        self.headline.setProperty("role", "brand")
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.cancel = push("Cancel", "Stop asking about recent photos; what was found stays")
        self.cancel.clicked.connect(self.run.cancel)
        self._trouble = ""
        progress = QHBoxLayout()
        progress.setSpacing(16)
        progress.addWidget(self.bar, 1)
        progress.addWidget(self.cancel)
        tiles = QWidget()
        self._flow: FlowLayout = FlowLayout(tiles, spacing=8)
        self.area = QScrollArea()
        self.area.setWidget(tiles)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAccessibleName("Answers that would change")
        self.area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(card)
        column.setContentsMargins(20, 16, 8, 12)
        column.setSpacing(8)
        column.addWidget(self.headline)
        column.addWidget(self.line)
        column.addLayout(progress)
        column.addWidget(self.area, 1)
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

    def _on_moved(self) -> None:
        run = self.run
        self.bar.setVisible(run.running)
        self.cancel.setVisible(run.running)
        self.bar.setRange(0, run.total)
        self.bar.setValue(run.done)
        self.line.setVisible(True)
        if self._trouble:
            return
        if run.running and not run.done:
            self.headline.setText("What would change on your recent photos?")
            self.line.setText("Asking both models…")
        elif not run.total:
            self.headline.setText("No recent photos to compare on")
            self.line.setText("Classify some on Predict; their answers under both models then stand here.")
        else:
            asked = run.done - run.unread
            would = "answer would change" if run.changes == 1 else "answers would change"
            of = f"{run.changes:,} of {asked:,}" if run.changes else f"None of {asked:,}"
            self.headline.setText(f"{of} {would if run.changes else 'answers would change'}")
            self.line.setText(self._words())
            self.line.setVisible(bool(self.line.text()))

    def _words(self) -> str:
        run, lines = self.run, []
        if run.running:
            lines.append(f"Asked about {run.done:,} of {run.total:,} recent photos.")
        elif run.done < run.total:
            lines.append(f"Stopped at {run.done:,} of {run.total:,} recent photos.")
        # Right by other classes' names is not right.
        if run.labelled and self._same_classes:
            lines.append(
                f"Of {words.count(run.labelled, 'photo', 'photos')} you labelled, "
                f"{run.right_before:,} right before and {run.right_after:,} after."
            )
        if run.unread:
            lines.append(f"{words.count(run.unread, 'photo is', 'photos are')} gone and could not be asked about.")
        return " ".join(lines)

    def _on_changed(self, step: Step) -> None:
        if step.replayed is not None:
            self._flow.addWidget(ChangeTile(self._desk.theme, step.replayed, step.picture))

    def _on_failed(self, error: WhiskerError) -> None:
        self._trouble = error.message
        self.headline.setText("The recent photos could not be compared")
        self.line.setText(words.sentence(error))
        self.line.show()

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
