"""A key for each class: digits first, then letters; too many classes leave the likeliest and a picker."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QPushButton, QWidget

from gui.buttons import push
from gui.flow_layout import FlowLayout

# S skips and C opens the picker.
KEYS = "123456789ABDEFGHIJKLMNOPQRTUVWXYZ"
"""In the order in which classes get them."""
EACH_UP_TO = 24
"""With so many classes each has a key of its own; more would be a wall, and nobody learns it."""


class _Chip(QPushButton):
    """Wide enough for its words when they are bold, which they are while it is marked."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "choice")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        words = self.text().replace("&&", "&")
        more = QFontMetrics(bold).horizontalAdvance(words) - self.fontMetrics().horizontalAdvance(words)
        hint = super().sizeHint()
        return QSize(hint.width() + max(0, more) + 4, hint.height())


class ClassKeys(QWidget):
    """Signals:
    chosen: The class that was pressed.
    more_asked: All classes are wanted to choose from.
    """

    chosen = Signal(str)
    more_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is it?")
        self._names: list[str] = []
        self._each = True
        self.chips: list[QPushButton] = []
        self._flow = FlowLayout(self, spacing=6)
        self.more = push("C   Another…", "Choose from all classes (C)", name="Choose from all classes", kind="choice")
        self.more.clicked.connect(self.more_asked)
        self._flow.addWidget(self.more)

    def offer(self, classes: Sequence[str], top: Sequence[str], marked: str | None) -> None:
        """Offer the model's classes for a photo whose likeliest classes are `top`, best first; mark what it thinks."""
        self._each = len(classes) <= EACH_UP_TO
        self._names = list(classes) if self._each else [name for name in top if name in set(classes)]
        while len(self.chips) < len(self._names):
            self._add()
        for at, chip in enumerate(self.chips):
            chip.setVisible(at < len(self._names))
            if at < len(self._names):
                name, key = self._names[at], KEYS[at]
                chip.setText(f"{key}   {name}".replace("&", "&&"))
                chip.setChecked(name == marked)
                chip.setAccessibleName(f"It is {name}")
                also = " or Enter" if chip.isChecked() else ""
                chip.setToolTip(f"It is {name} ({key}{also})")
        self.more.setVisible(not self._each)
        self.updateGeometry()

    @property
    def names(self) -> list[str]:
        """The classes that have a key, in the order of the keys."""
        return list(self._names)

    @property
    def has_more(self) -> bool:
        """Whether there are classes without a key."""
        return not self._each

    def press(self, key: str) -> None:
        """As if the key was pressed."""
        at = KEYS.find(key)
        if 0 <= at < len(self._names):
            self.chosen.emit(self._names[at])

    def _add(self) -> None:
        key = KEYS[len(self.chips)]
        chip = _Chip()
        chip.clicked.connect(lambda: self._on_chip(chip, key))
        self.chips.append(chip)
        # The way to the others stands last.
        self._flow.removeWidget(self.more)
        self._flow.addWidget(chip)
        self._flow.addWidget(self.more)

    def _on_chip(self, chip: QPushButton, key: str) -> None:
        # A mark says what the model thinks; pressing says what is true and moves no mark.
        chip.setChecked(not chip.isChecked())
        self.press(key)
