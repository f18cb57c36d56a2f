"""What is looked for: a search field and a chip for each condition; pressed chips narrow what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.history_search import Choices, Search
from gui.buttons import push
from gui.flow_layout import FlowLayout
from gui.history import said
from gui.history.time_range import TimeRange
from gui.theme import Theme

TYPING_MS = 160
"""A pause in typing as long as this starts the search."""
_CORRECTED = {True: "Corrected by you", False: "Not corrected"}


class FilterBar(QWidget):
    """Attributes:
    search: What is looked for.

    line: The row of the search field, with room for what belongs beside it.

    Signals:
        changed: It is another search now.
        class_asked: One of all classes is to be chosen.
        down_asked: The keyboard should go to what was found.
    """

    changed = Signal()
    class_asked = Signal()
    down_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.search = Search()
        self.choices = Choices((), (), ())
        self.setAccessibleName("Show only")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._on_typed)
        self.field = _Field()
        self.field.setPlaceholderText("Search file names")
        self.field.setAccessibleName("Search file names")
        self.field.setToolTip("Words of the file's name, in any order (Ctrl+F)")
        self.field.setClearButtonEnabled(True)
        self.field.setProperty("role", "search")
        self._glass = self.field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._glass.setText("Search")
        self.field.textChanged.connect(lambda _: self._typing.start())
        self.field.returnPressed.connect(self._on_return)
        self.field.down_pressed.connect(self.down_asked)
        self.classes = self._chip("Class", "Only what was answered, or said by you, to be one class")
        self.classes.clicked.connect(self.class_asked)
        self.times = self._chip("When", "Only what was asked in a span of time")
        self.times.clicked.connect(partial(self._open, self.times, self._fill_times))
        self.sources = self._chip("Asked by", "Only what the window, the terminal or the API asked")
        self.sources.clicked.connect(partial(self._open, self.sources, self._fill_sources))
        self.models = self._chip("Model", "Only the answers of one model or one version of it")
        self.models.clicked.connect(partial(self._open, self.models, self._fill_models))
        self.unsure = self._chip("Not sure", "Only what the model was not sure of")
        self.unsure.clicked.connect(partial(self._on_verdict, "unsure"))
        self.unknown = self._chip("Unknown", "Only what was unlike anything the model was shown")
        self.unknown.clicked.connect(partial(self._on_verdict, "unknown"))
        self.corrected = self._chip("Corrected", "Only what you have corrected, or have not")
        self.corrected.clicked.connect(partial(self._open, self.corrected, self._fill_corrected))
        self.clear = push("Clear filters", "Show everything again (Ctrl+0)", kind="quiet")
        self.clear.clicked.connect(self.clear_all)
        self.range = TimeRange()
        self.range.changed.connect(self._on_range)
        self._menu: QMenu | None = None
        self._place()
        theme.changed.connect(self._tint)
        self._say()

    @property
    def chips(self) -> tuple[QPushButton, ...]:
        return (
            self.classes,
            self.times,
            self.sources,
            self.models,
            self.unsure,
            self.unknown,
            self.corrected,
        )

    def clear_all(self) -> None:
        """Look for everything again."""
        self._typing.stop()
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        self.range.show_range(None, None)
        self._set(Search(sure_above=self.search.sure_above))

    def choose_class(self, name: str | None) -> None:
        self._set(replace(self.search, class_name=name))

    def sure_from(self, share: float) -> None:
        """What counts as sure is another share now."""
        if share != self.search.sure_above:
            self.search = replace(self.search, sure_above=share)
            if self.search.verdict is not None:
                self.changed.emit()

    def menu(self) -> QMenu | None:
        """The one that was opened last."""
        return self._menu

    def _place(self) -> None:
        chips = QWidget()
        flow = FlowLayout(chips, spacing=6)
        for widget in (*self.chips, self.clear):
            flow.addWidget(widget)
        self.field.setMinimumWidth(200)
        self.field.setMaximumWidth(360)
        self.line = QHBoxLayout()
        self.line.setSpacing(12)
        self.line.addWidget(self.field, 3)
        dates = QHBoxLayout()
        dates.addWidget(self.range)
        dates.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.line)
        column.addWidget(chips)
        column.addLayout(dates)
        self.range.hide()

    def _chip(self, words: str, tip: str) -> QPushButton:
        chip = push(words, tip, kind="choice")
        chip.setCheckable(True)
        return chip

    def _set(self, search: Search) -> None:
        changed = search != self.search
        self.search = search
        self._say()
        if changed:
            self.changed.emit()

    def _say(self) -> None:
        """Each chip says what it stands for, and is pressed while it narrows."""
        search = self.search
        model = f"{search.model} v{search.version}" if search.version is not None else search.model
        source = None if search.source is None else said.SOURCES.get(search.source, search.source)
        corrected = None if search.corrected is None else _CORRECTED[search.corrected]
        for chip, name, value, opens in (
            (self.classes, "Class", search.class_name, True),
            (self.times, "When", self.range.said(search.since, search.until), True),
            (self.sources, "Asked by", source, True),
            (self.models, "Model", model, True),
            (self.unsure, "Not sure", None, False),
            (self.unknown, "Unknown", None, False),
            (self.corrected, "Corrected", corrected, True),
        ):
            short = value if value is None or len(value) <= 24 else f"{value[:22]}…"
            text = f"{name}: {short}" if short else name
            if chip is self.corrected and short:
                text = short
            chip.setText(f"{text}  ▾" if opens else text)
            chip.setAccessibleName(f"{name}: {value}" if value else name)
            chip.setChecked(value is not None)
        self.unsure.setChecked(search.verdict == "unsure")
        self.unknown.setChecked(search.verdict == "unknown")
        self.clear.setVisible(search.narrows)
        for chip in self.chips:
            chip.updateGeometry()

    def _open(self, chip: QPushButton, fill: Callable[[QMenu], None]) -> None:
        self._say()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill(menu)
        self._menu = menu
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height())))

    def _choice(self, menu: QMenu, words: str, chosen: bool, search: Search) -> None:
        action = QAction(words, menu, checkable=True, checked=chosen)
        action.triggered.connect(lambda: self._set(search))
        menu.addAction(action)

    def _fill_sources(self, menu: QMenu) -> None:
        self._choice(menu, "Anyone", self.search.source is None, replace(self.search, source=None))
        for source in self.choices.sources:
            words = said.SOURCES.get(source, source)
            self._choice(menu, words, self.search.source == source, replace(self.search, source=source))

    def _fill_models(self, menu: QMenu) -> None:
        now = (self.search.model, self.search.version)
        self._choice(menu, "All models", now == (None, None), replace(self.search, model=None, version=None))
        before = None
        several = {
            name for name, _ in self.choices.models if sum(model == name for model, _ in self.choices.models) > 1
        }
        for name, version in self.choices.models:
            if name != before and name in several:
                search = replace(self.search, model=name, version=None)
                self._choice(menu, f"{name}, all versions", now == (name, None), search)
            before = name
            search = replace(self.search, model=name, version=version)
            self._choice(menu, f"{name} v{version}", now == (name, version), search)

    def _fill_corrected(self, menu: QMenu) -> None:
        now = self.search.corrected
        self._choice(menu, "All", now is None, replace(self.search, corrected=None))
        for value, words in _CORRECTED.items():
            self._choice(menu, words, now is value, replace(self.search, corrected=value))

    def _fill_times(self, menu: QMenu) -> None:
        now = (self.search.since, self.search.until)
        for words, since, until in self.range.spans():
            action = QAction(words, menu, checkable=True, checked=now == (since, until))
            action.triggered.connect(lambda _=False, span=(since, until): self._on_span(*span))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Choose days…").triggered.connect(self._on_days)

    def _on_span(self, since: object, until: object) -> None:
        self.range.hide()
        self._set(replace(self.search, since=since, until=until))  # type: ignore[arg-type]

    def _on_days(self) -> None:
        self.range.show_range(self.search.since, self.search.until)
        self.range.show()
        self.range.first.setFocus()
        self._on_range()

    def _on_range(self) -> None:
        since, until = self.range.range()
        self._set(replace(self.search, since=since, until=until))

    def _on_verdict(self, verdict: str) -> None:
        self._set(replace(self.search, verdict=None if self.search.verdict == verdict else verdict))

    def _on_typed(self) -> None:
        self._set(replace(self.search, text=self.field.text().strip()))

    def _on_return(self) -> None:
        self._typing.stop()
        self._on_typed()
        self.down_asked.emit()

    def _tint(self) -> None:
        self._glass.setIcon(self._theme.icon("search", "muted"))


class _Field(QLineEdit):
    """A field from which Down leads to what was found; Escape empties it first.

    Signals:
        down_pressed: Down.
    """

    down_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        else:
            super().keyPressEvent(event)
