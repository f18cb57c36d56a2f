"""Many photos at once: the grid, what streams into it, and what a person can do with it.

This widget only ties its parts together: `many.run` does the work, `many.grid_model` holds the pictures, and each
part of the page is a widget of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gui import words
from gui.desk import Desk
from gui.predict.class_picker import ClassPicker
from gui.predict.correction_bar import KEYS
from gui.predict.many import headings, keys
from gui.predict.many.beside import Beside
from gui.predict.many.chips import Chips
from gui.predict.many.filing import Filing
from gui.predict.many.grid import Grid
from gui.predict.many.grid_model import GridModel
from gui.predict.many.nothing import Nothing
from gui.predict.many.order import Filter, Order
from gui.predict.many.picture import Picture, State
from gui.predict.many.progress_line import ProgressLine
from gui.predict.many.run import ManyRun, Phase
from gui.predict.many.said import ManyCorrections
from gui.predict.many.split import Split
from gui.predict.many.thumbnails import Thumbnails
from gui.predict.many.toolbar import Toolbar

if TYPE_CHECKING:
    from engine.bulletin import News


class ManyView(QWidget):
    """Signals:
    failed: A WhiskerError to show; whatever could be done was done.
    home_asked: The person wants back to the start.
    """

    failed = Signal(object)
    home_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAccessibleName("Many photos")
        self.run = ManyRun(desk, self)
        self.model = GridModel(float(desk.whisker.settings["sure_above"]), self)
        self.thumbnails = Thumbnails(desk.tasks, parent=self)
        self.corrections = ManyCorrections(desk, self.model)
        self.toolbar = Toolbar(desk.theme)
        self.chips = Chips(desk.theme, self.model)
        self.progress = ProgressLine(self.run)
        self.filing = Filing(desk, self.model, self)
        self.sorting = self.filing.panel
        self.grid = Grid(desk.theme, self.model, self.thumbnails)
        self.nothing = Nothing()
        self.beside = Beside(desk, self.corrections)
        self.picker = ClassPicker(desk.theme, self)
        self._place()
        self._wire()
        keys.add_shortcuts(self)
        self._on_shown()

    def start(self, paths: Sequence[Path]) -> None:
        """Classify files and folders (walked recursively), besides what is here already."""
        self.run.start(list(paths))
        self._on_shown()
        self.grid.setFocus()

    def stop(self) -> None:
        """Stop, and forget these pictures."""
        self.run.clear()
        self.zoom(False)
        self.toolbar.search.clear()
        self.filing.clear()
        self.beside.forget()
        self.beside.hide()
        self.thumbnails.clear()
        self.corrections.forget()
        self.model.clear()

    def zoom(self, on: bool) -> None:
        """Show the current picture as large as there is room."""
        if on == self.zoomed or (on and self.grid.current is None):
            return
        for widget in (self.toolbar, self.chips, self._left):
            widget.setVisible(not on)
        self.progress.setMaximumHeight(0 if on else 16_777_215)
        self.beside.show_alone(on)
        if on:
            self._show_beside()
            self.beside.setFocus()
        else:
            self.beside.setVisible(bool(self.grid.selected()))
            self.grid.setFocus()
            self._reveal()

    @property
    def zoomed(self) -> bool:
        return self._left.isHidden()

    def correct(self, label: str) -> None:
        """The selected pictures are `label`."""
        self.filing.last = False
        self.corrections.say(self._meant(), label)

    def undo(self) -> None:
        """Take the last correction or sorting back."""
        if self.filing.last:
            self.filing.undo()
        else:
            self.corrections.undo()

    # What keys do; which ones stands in many.keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and keys.action(self, event):
            # Its key comes here then, and not to a shortcut of the page.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = keys.action(self, event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def step_back(self) -> None:
        """One thing less; at last, the start."""
        if self.zoomed:
            self.zoom(False)
        elif not self.sorting.isHidden() and not self.sorting.busy:
            self.filing.show_panel(False)
        elif self.toolbar.search.hasFocus() or self.model.filter.name:
            self.toolbar.search.clear()
            self.grid.setFocus()
        elif self.grid.selected():
            self.grid.clearSelection()
            self.grid.setFocus()
        elif not self.model.filter.all:
            self.show_only(Filter())
        elif self.run.busy:
            self.run.cancel()
        else:
            self.home_asked.emit()

    def press(self, number: int) -> None:
        """What is selected is of the class with this number, from 0."""
        current = self._current_classes()
        if len(current) > KEYS and self.grid.current is not None and self.grid.current.kept is not None:
            # Of very many classes the keys stand for those that the photo beside the grid shows.
            outcome = self.grid.current.kept.prediction(Path(self.grid.current.path))
            current = tuple(name for name, _ in outcome.top(5))
        if number < len(current):
            self.correct(current[number])

    def _current_classes(self) -> tuple[str, ...]:
        current = self.grid.current
        if current is not None and current.kept is not None:
            return current.kept.classes
        card = self._desk.model.card
        return tuple(card.classes) if card is not None else ()

    def _meant(self) -> list[Picture]:
        current = self.grid.current
        return self.grid.selected() or ([current] if current is not None else [])

    def toggle_why(self) -> None:
        if self.grid.current is not None:
            self._show_beside()
            self.beside.single.toggle_why()

    def ask_class(self) -> None:
        # A photo without an answer has nothing that could be put right.
        if any(picture.kept is not None for picture in self._meant()):
            self.picker.ask(self._current_classes())

    def search(self) -> None:
        self.zoom(False)
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def select_all(self) -> None:
        self.grid.selectAll()
        self.grid.setFocus()

    # What is shown

    def show_only(self, wanted: Filter) -> None:
        from dataclasses import replace

        self.model.choose(filter=replace(wanted, name=self.model.filter.name))
        self.grid.show_lines(wanted.group is State.FAILED)
        self.chips.show_counts()
        self.grid.scrollToTop()

    def _on_name(self, text: str) -> None:
        from dataclasses import replace

        self.model.choose(filter=replace(self.model.filter, name=text.strip()))

    def _on_order(self, order: Order) -> None:
        self.toolbar.show_order(order)
        self.model.choose(order=order)
        self.grid.scrollToTop()

    def _on_chosen(self) -> None:
        if self.zoomed or (self.grid.selected() and self.grid.current is not None):
            self._show_beside()
        else:
            self.beside.hide()
        self._on_shown()

    def _show_beside(self) -> None:
        current = self.grid.current
        if self.beside.isHidden():
            self.beside.show()
            self.splitter.apply()
            self._reveal()
        at, of = self.grid.currentIndex().row() + 1, len(self.model.shown)
        self.beside.show_picture(current, at, of, self.grid.chosen_count())

    def _on_shown(self) -> None:
        """The words above the grid, and those in its place when it is empty."""
        total, shown = len(self.model.pictures), len(self.model.shown)
        self.toolbar.title.setText(words.count(total, "photo", "photos"))
        chosen = self.grid.chosen_count()
        card = self._desk.model.card
        self.toolbar.line.set_full_text(headings.line(total, shown, chosen, self._current_classes(), card))
        answered = total - self.model.counts[State.WAITING]
        self.toolbar.export.setEnabled(answered > 0)
        self.toolbar.sort.setEnabled(answered > 0)
        if shown:
            self._left.setCurrentWidget(self.grid)
            return
        if self.run.phase is Phase.LOOKING:
            self.nothing.say("Looking for photos…")
        else:
            said = headings.nothing_there(total, self.model.filter.name)
            self.nothing.say(*said, self._show_all if total else self.home_asked.emit)
        self._left.setCurrentWidget(self.nothing)

    def _show_all(self) -> None:
        self.toolbar.search.clear()
        self.show_only(Filter())
        self.grid.setFocus()

    def _on_sorting_shown(self, on: bool) -> None:
        self.toolbar.sort.setChecked(on)
        if not on:
            self.grid.setFocus()

    # News, and putting things in their places

    def _hear(self, news: News) -> None:
        from engine.bulletin import SettingChanged

        if isinstance(news, SettingChanged) and news.key == "sure_above":
            self.model.judge(float(self._desk.whisker.settings["sure_above"]))

    def _on_moved(self) -> None:
        if self.run.phase in (Phase.DONE, Phase.STOPPED, Phase.LOOKING):
            self._on_shown()

    def _on_counted(self) -> None:
        self._on_shown()
        picture = self.beside.picture
        if not self.beside.isHidden() and picture is not None and picture is self.grid.current:
            self._show_beside()

    def _reveal(self) -> None:
        """Show the current tile, once the grid has its new width."""
        QTimer.singleShot(0, self, lambda: self.grid.scrollTo(self.grid.currentIndex()))

    def _place(self) -> None:
        self._left = QStackedWidget()
        self._left.addWidget(self.grid)
        self._left.addWidget(self.nothing)
        self._left.setMinimumWidth(320)
        self.splitter = Split(self._desk)
        self.splitter.hold(self._left, self.beside)
        self.beside.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.toolbar, self.chips, self.progress, self.sorting):
            column.addWidget(widget)
        column.addWidget(self.splitter, 1)
        self.setFocusProxy(self.grid)

    def _wire(self) -> None:
        self.splitter.failed.connect(self.failed)
        self.run.pictures.connect(self.model.add)
        self.run.answered.connect(self.model.answer)
        self.run.moved.connect(self._on_moved)
        self.run.trouble.connect(self.failed)
        self.model.counted.connect(self._on_counted)
        self.model.rearranged.connect(self._on_shown)
        self.grid.chosen.connect(self._on_chosen)
        self.grid.zoom_asked.connect(lambda: self.zoom(True))
        self.beside.closed.connect(self._on_beside_closed)
        self.chips.chosen.connect(self.show_only)
        self.picker.chosen.connect(self.correct)
        self.toolbar.back_asked.connect(self.home_asked)
        self.toolbar.name_changed.connect(self._on_name)
        self.toolbar.order_chosen.connect(self._on_order)
        self.toolbar.export_asked.connect(self.filing.ask_for_table)
        self.toolbar.sort_asked.connect(self.filing.show_panel)
        self.filing.shown.connect(self._on_sorting_shown)
        self.filing.failed.connect(self.failed)
        self._desk.news.news.connect(self._hear)

    def _on_beside_closed(self) -> None:
        if self.zoomed:
            self.zoom(False)
        else:
            self.grid.clearSelection()
