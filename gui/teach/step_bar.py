"""Where in the wizard one is: a quiet breadcrumb, whose passed steps lead back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from gui.buttons import push

STEPS = ("Photos", "Recipe", "Training", "Result")


class StepBar(QWidget):
    """Signals:
    chosen: The number of a step, 0 to 3.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Steps")
        self.buttons: list[QPushButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for number, name in enumerate(STEPS):
            if number:
                mark = QLabel("/")
                mark.setProperty("role", "secondary")
                row.addWidget(mark)
            button = push(name, f"Step {number + 1} of 4: {name}", kind="step", flush=not number)
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            self.buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)

    def show_step(self, current: int, reachable: set[int]) -> None:
        for number, button in enumerate(self.buttons):
            button.setProperty("here", number == current)
            button.style().polish(button)
            button.setEnabled(number in reachable or number == current)
            where = "you are here" if number == current else ""
            button.setAccessibleDescription(where)
