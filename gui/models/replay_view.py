"""What another model would say of recent photos: asked off the GUI thread, the answers that differ as tiles."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.flow_layout import FlowLayout
from gui.models.change_tile import ChangeTile
from gui.models.replay_run import ReplayRun, Step, Tally


class ReplayView(QWidget):
    """Signals:
    said: What it has come to is another sentence.
    """

    said = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._same_classes = True
        self._trouble = ""
        self.run = ReplayRun(desk, self)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.headline)
        column.addWidget(self.line)
        column.addLayout(progress)
        column.addWidget(self.area, 1)
        self.run.moved.connect(self._on_moved)
        self.run.changed.connect(self._on_changed)
        self.run.failed.connect(self._on_failed)

    def start(self, before: str, after: str, *, same_classes: bool) -> None:
        """Ask the models of these references; `same_classes` says whether a label means the same to both."""
        self._same_classes = same_classes
        self._trouble = ""
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.run.start(before, after)

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
        self.said.emit()

    def _words(self) -> str:
        run, lines = self.run, []
        if run.running:
            lines.append(f"Asked about {run.done:,} of {run.total:,} recent photos.")
        elif run.done < run.total:
            lines.append(f"Stopped at {run.done:,} of {run.total:,} recent photos.")
        # Right by other classes' names is not right.
        if self._same_classes:
            lines += _tallied(run.confirmed, "whose answer you confirmed")
            lines += _tallied(run.corrected, "whose answer you corrected")
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
        self.said.emit()


def _tallied(tally: Tally, which: str) -> list[str]:
    if not tally.photos:
        return []
    photos = words.count(tally.photos, "photo", "photos")
    return [f"Of {photos} {which}, {tally.before:,} right before and {tally.after:,} after."]
