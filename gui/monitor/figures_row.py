"""How good the active model is, as a row of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import words
from gui.elided_label import ElidedLabel
from gui.model_state import ModelState

if TYPE_CHECKING:
    from engine.card import Card

RIGHT = "Of 100 photos like those it was judged by, how many it gets right (accuracy)."
FIGURES = (
    ("precision", "Precision", "Of the photos called a class, how many are of it; the mean over the classes"),
    ("recall", "Recall", "Of the photos of a class, how many are called it; the mean over the classes"),
    ("f1", "F1", "Precision and recall in one figure (their harmonic mean); the mean over the classes"),
)


INTERVAL_FROM = 760
"""Below this width the interval of the accuracy is told by its tooltip alone."""


class Figure(QWidget):
    """A value with its name above and, if there is one, a line beside it."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(name)
        title.setProperty("role", "status")
        self.value = QLabel("–")  # noqa: RUF001 - a dash
        self.value.setProperty("role", "figure")
        self.beside = QLabel()
        self.beside.setProperty("role", "secondary")
        self._name = name
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.value)
        line.addWidget(self.beside)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addLayout(line)
        self.setToolTip(tip)

    def say(self, value: str, beside: str = "") -> None:
        self.value.setText(value)
        self.beside.setText(beside)
        self.beside.setVisible(bool(beside))
        self.setAccessibleName(f"{self._name}: {value} {beside}".strip())


class FiguresRow(QFrame):
    def __init__(self, model: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setProperty("surface", "card")
        self.name = ElidedLabel()
        self.name.setProperty("role", "heading")
        self.about = ElidedLabel()
        self.about.setProperty("role", "secondary")
        who = QVBoxLayout()
        who.setSpacing(2)
        who.addWidget(self.name)
        who.addWidget(self.about)
        self.accuracy = Figure("Right", RIGHT)
        self.others = {key: Figure(name, tip) for key, name, tip in FIGURES}
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 10, 20, 10)
        row.setSpacing(28)
        row.addLayout(who, 2)
        row.addWidget(self.accuracy)
        for figure in self.others.values():
            row.addWidget(figure)
        model.changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        beside = self.accuracy.beside
        beside.setVisible(bool(beside.text()) and self.width() >= INTERVAL_FROM)

    def _show(self) -> None:
        card, error = self._model.card, self._model.error
        if card is None:
            self.name.set_full_text("Loading the model…" if error is None else "No model can answer")
            self.about.set_full_text("" if error is None else words.sentence(error))
            self._blank()
            return
        self.name.set_full_text(f"{card.title} · v{card.version}")
        self._show_scores(card)

    def _show_scores(self, card: Card) -> None:
        metrics = card.metrics
        if not metrics:
            self.about.set_full_text("It was not judged on photos of its own, so there are no scores")
            self._blank()
            return
        self.about.set_full_text(f"Judged on {words.count(metrics['images'], 'photo', 'photos')} it had not seen")
        low, high = metrics["accuracy_interval"]
        self.accuracy.say(_exact(metrics["accuracy"]), f"{low * 100:.1f} to {high * 100:.1f}\u00a0%")
        self.accuracy.setToolTip(
            f"{RIGHT} With 95\u00a0% certainty it lies between {low * 100:.1f} and {high * 100:.1f}\u00a0%."
        )
        self._make_room()
        for key, figure in self.others.items():
            figure.say(_exact(metrics[key]))

    def _blank(self) -> None:
        for figure in (self.accuracy, *self.others.values()):
            figure.say("–")  # noqa: RUF001 - a dash


def _exact(share: float) -> str:
    return f"{share * 100:.1f}\u00a0%"
