"""Wrong? A key per class says what it really is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.flow_layout import FlowLayout

KEYS = 9
"""With so many classes or fewer, each has a key of its own; with more, the keys stand for the classes shown."""


class CorrectionBar(QWidget):
    """Signals:
    chosen: What it really is.
    more_asked: All classes are wanted to choose from.
    """

    chosen = Signal(str)
    more_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyed: list[str] = []
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        self.choices: list[QPushButton] = []
        self._chips = QWidget()
        flow = FlowLayout(self._chips, spacing=6)
        for number in range(1, KEYS + 1):
            chip = push("", "", kind="choice")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, number=number: self.press(number))
            self.choices.append(chip)
            flow.addWidget(chip)
        self.more = push(
            "C  Choose…",
            "Choose what it really is from all classes (C)",
            name="Choose what it really is",
            kind="choice",
        )
        self.more.clicked.connect(self.more_asked)
        flow.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self._chips)

    def offer(self, classes: Sequence[str], shown: Sequence[str], correction: str | None, predicted: str) -> None:
        """Offer a key for each class, or for those that are shown when there are too many."""
        few = 0 < len(classes) <= KEYS
        self._keyed = list(classes if few else shown)
        for index, chip in enumerate(self.choices):
            chip.setVisible(few and index < len(self._keyed))
            if index < len(self._keyed):
                name = self._keyed[index]
                chip.setText(f"{index + 1}  {name}")
                chip.setChecked(name == correction)
                chip.setAccessibleName(f"It is {name}")
                chip.setToolTip(f"It is {name} ({index + 1})")
        self.more.setVisible(not few)
        if correction is not None and correction == predicted:
            self.line.setText(f"You confirmed: {correction}.")
        elif correction is not None:
            self.line.setText(f"You corrected this to {correction}.")
        elif few:
            self.line.setText("Wrong? Press its key:")
        else:
            self.line.setText("Wrong? Press the number of the right one above, or C:")

    def press(self, number: int) -> None:
        """As if the key `number`, from 1, was pressed."""
        if 1 <= number <= len(self._keyed):
            self.chosen.emit(self._keyed[number - 1])
