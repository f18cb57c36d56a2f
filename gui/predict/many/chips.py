"""How many of which, as chips that show only those when they are pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from gui import words
from gui.buttons import Chip
from gui.predict.many.grid_model import GridModel
from gui.predict.many.order import Filter
from gui.predict.many.picture import Group, State
from gui.theme import Theme

EVERY_MS = 200
"""Numbers that change faster cannot be read."""

_STATES = {
    State.UNSURE: ("not sure", "question", "Those the model is not sure of"),
    State.UNKNOWN: ("unknown", "question", "Those unlike anything the model was shown"),
    State.FAILED: ("failed", "warning", "Those that could not be read, each with its reason"),
}
_TOKENS = {State.UNSURE: "unsure", State.UNKNOWN: "unknown", State.FAILED: "wrong"}


class Chips(QWidget):
    """Signals:
    chosen: The `Filter` wanted, without the name.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, model: GridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._classes: dict[str, QPushButton] = {}
        self._ranked: list[str] = []
        self.setAccessibleName("Show only")
        self.all = self._chip("all", "Show all (Ctrl+0)", Filter())
        self.states = {state: self._chip(name, tip, Filter(group=state)) for state, (name, _, tip) in _STATES.items()}
        self.corrected = self._chip("corrected", "Those you corrected", Filter(corrected=True))
        self.more = self._chip("more", "Choose one of the other classes", None)
        self._menu = QMenu(self)
        self.more.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        for chip in (self.all, self.more, *self.states.values(), self.corrected):
            self._row.addWidget(chip)
        self._row.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._timer.timeout.connect(self.show_counts)
        model.counted.connect(self._on_counted)
        model.rearranged.connect(self.show_counts)
        model.modelReset.connect(self._on_counted)
        theme.changed.connect(self._tint)
        self._tint()
        self.show_counts()

    def chip(self, group: Group) -> QPushButton | None:
        """The chip of a class or a state, if it has one of its own."""
        return self._classes.get(group) if isinstance(group, str) else self.states.get(group)

    def show_counts(self) -> None:
        """Read the numbers anew, at once."""
        self._timer.stop()
        counts, chosen = self._model.counts, self._model.filter
        total = len(self._model.pictures)
        self._say(self.all, "all", total, chosen.group is None and not chosen.corrected)
        for state, chip in self.states.items():
            self._say(chip, _STATES[state][0], counts[state], chosen.group is state)
            chip.setVisible(counts[state] > 0 or chosen.group is state)
        self._say(self.corrected, "corrected", self._model.corrected, chosen.corrected)
        self.corrected.setVisible(self._model.corrected > 0 or chosen.corrected)
        self._show_classes()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_classes()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

    def _show_classes(self) -> None:
        """As many classes as there is room for, the most frequent first; the others are behind "more"."""
        counts, chosen = self._model.counts, self._model.filter.group
        named = [group for group, number in counts.items() if isinstance(group, str) and number > 0]
        if isinstance(chosen, str) and chosen not in named:
            named.append(chosen)
        named.sort(key=lambda name: (name != chosen, -counts[name], name.casefold()))
        # Few classes keep their order while the numbers run; a chip must not jump away under the mouse.
        if len(named) <= 6:
            named.sort(key=str.casefold)
        always = [self.all, self.corrected, *self.states.values()]
        room = self.width() - sum(chip.sizeHint().width() + 6 for chip in always if not chip.isHidden())
        shown: list[str] = []
        for name in named:
            chip = self._classes.get(name) or self._class_chip(name)
            self._say(chip, name, counts[name], chosen == name)
            room -= chip.sizeHint().width() + 6
            reserve = self.more.sizeHint().width() + 6 if len(shown) + 1 < len(named) else 0
            if room < reserve:
                break
            shown.append(name)
        self._place(shown)
        rest = len(named) - len(shown)
        self.more.setVisible(rest > 0)
        if rest > 0:
            self.more.setText(f"{rest:,} more")
            self.more.setAccessibleName(f"{words.count(rest, 'more class', 'more classes')}")
        self._ranked = named[len(shown) :]

    def _place(self, shown: list[str]) -> None:
        for name, chip in list(self._classes.items()):
            if name not in shown:
                chip.hide()
                if len(self._classes) > 30:
                    del self._classes[name]
                    chip.deleteLater()
        for place, name in enumerate(shown, start=1):
            chip = self._classes[name]
            if self._row.indexOf(chip) != place:
                self._row.removeWidget(chip)
                self._row.insertWidget(place, chip)
            chip.show()

    def _fill_menu(self) -> None:
        self._menu.clear()
        for name in self._ranked:
            action = QAction(f"{name}   {self._model.counts[name]:,}", self._menu)
            action.triggered.connect(lambda _=False, name=name: self.chosen.emit(Filter(group=name)))
            self._menu.addAction(action)

    def _class_chip(self, name: str) -> QPushButton:
        chip = self._chip(name, f"Show only {name}", Filter(group=name))
        self._classes[name] = chip
        self._row.insertWidget(1 + len(self._classes), chip)
        return chip

    def _chip(self, name: str, tip: str, wanted: Filter | None) -> QPushButton:
        chip = Chip(name, self)
        chip.setProperty("kind", "choice")
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setToolTip(tip)
        chip.setIconSize(QSize(14, 14))
        if wanted is not None:
            chip.setCheckable(True)
            chip.clicked.connect(lambda: self._on_clicked(wanted))
        return chip

    def _on_clicked(self, wanted: Filter) -> None:
        # A second press takes the filter off again.
        now = self._model.filter
        same = (now.group, now.corrected) == (wanted.group, wanted.corrected)
        self.chosen.emit(Filter() if same else wanted)
        self.show_counts()

    def _say(self, chip: QPushButton, name: str, number: int, checked: bool) -> None:
        text = f"{name}  {number:,}"
        if chip.text() != text:
            chip.setText(text)
            chip.setAccessibleName(f"{name}: {words.count(number, 'photo', 'photos')}")
        chip.setChecked(checked)

    def _on_counted(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _tint(self) -> None:
        for state, chip in self.states.items():
            chip.setIcon(self._theme.icon(_STATES[state][1], _TOKENS[state]))
        self.corrected.setIcon(self._theme.icon("check", "accent"))
