"""How far the answering is, how long it will take, and the way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from gui import words
from gui.buttons import push
from gui.predict.many.run import ManyRun, Phase


class ProgressLine(QWidget):
    """Hidden when there is nothing to tell."""

    def __init__(self, run: ManyRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.text = QLabel()
        self.text.setProperty("role", "secondary")
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.cancel = push("Cancel", "Stop; what is answered stays (Esc)")
        self.cancel.clicked.connect(run.cancel)
        self.resume = push("Continue", "Go on with the others")
        self.resume.clicked.connect(run.resume)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.bar, 1)
        row.addWidget(self.text)
        row.addWidget(self.cancel)
        row.addWidget(self.resume)
        run.moved.connect(self._on_moved)
        self._on_moved()

    def _on_moved(self) -> None:
        run = self._run
        self.setVisible(run.busy or run.phase is Phase.STOPPED)
        if self.isHidden():
            return
        self.cancel.setVisible(run.busy)
        self.resume.setVisible(run.phase is Phase.STOPPED)
        looking = run.phase is Phase.LOOKING
        self.bar.setRange(0, 0 if looking else max(1, run.found))
        self.bar.setValue(run.done)
        said = self._words()
        if said != self.text.text():
            self._make_room(said)
            self.text.setText(said)
            self.bar.setAccessibleDescription(said)

    def _make_room(self, said: str) -> None:
        # A label of fixed size lets its words change without the whole page being laid out again each time.
        metrics = self.text.fontMetrics()
        width = metrics.horizontalAdvance(said) + 4
        if width > self.text.width() or self.text.minimumWidth() != self.text.maximumWidth():
            self.text.setFixedSize(width + 24, metrics.height() + 4)

    def _words(self) -> str:
        run = self._run
        if run.phase is Phase.LOOKING:
            return f"Looking for photos… {run.found:,} found" if run.found else "Looking for photos…"
        so_far = f"{run.done:,} of {run.found:,}"
        if run.phase is Phase.STOPPED:
            return f"Stopped at {so_far}"
        left = run.seconds_left
        return so_far if left is None else f"{so_far}  ·  {words.duration(left)} left"
