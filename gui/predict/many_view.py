"""Many photos at once: the grid, what streams into it, and what a person can do with it.

This widget only ties its parts together: `many.run` does the work, `many.grid_model` holds the pictures, and each
part of the page is a widget of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from gui import words
from gui.desk import Desk
from gui.predict.class_picker import ClassPicker
from gui.predict.correction_bar import KEYS
from gui.predict.many import export
from gui.predict.many.beside import Beside
from gui.predict.many.chips import Chips
from gui.predict.many.grid import Grid
from gui.predict.many.grid_model import GridModel
from gui.predict.many.nothing import Nothing
from gui.predict.many.order import Filter, Order
from gui.predict.many.picture import Picture, State
from gui.predict.many.progress_line import ProgressLine
from gui.predict.many.run import ManyRun, Phase
from gui.predict.many.said import ManyCorrections
from gui.predict.many.sort_panel import SortPanel
from gui.predict.many.thumbnails import Thumbnails
from gui.predict.many.toolbar import Toolbar

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.dataset.sorter import Journal, SortPlan

REMEMBER_AFTER_MS = 400
"""A splitter that is being dragged is remembered once, where it was let go."""


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
        self._sorted_last = False
        self.setAccessibleName("Many photos")
        self.run = ManyRun(desk, self)
        self.model = GridModel(float(desk.whisker.settings["sure_above"]), self)
        self.thumbnails = Thumbnails(desk.tasks, parent=self)
        self.corrections = ManyCorrections(desk, self.model)
        self.toolbar = Toolbar(desk.theme)
        self.chips = Chips(desk.theme, self.model)
        self.progress = ProgressLine(self.run)
        self.sorting = SortPanel(desk, self.model)
        self.grid = Grid(desk.theme, self.model, self.thumbnails)
        self.nothing = Nothing()
        self.beside = Beside(desk, self.corrections)
        self.picker = ClassPicker(desk.theme, self)
        self._place()
        self._wire()
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
        self.sorting.hide()
        self.sorting.destination.clear()
        self.beside.forget()
        self.beside.hide()
        self.thumbnails.clear()
        self.corrections.forget()
        self.model.clear()
        self._sorted_last = False

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
        self._sorted_last = False
        self.corrections.say(self._meant(), label)

    def undo(self) -> None:
        """Take the last correction or sorting back."""
        if self._sorted_last:
            self._undo_sorting()
        else:
            self.corrections.undo()

    # Keys: over everything here but a text that is being typed

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._action(event):
            # Its key comes here then, and not to a shortcut of the page.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._action(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def _action(self, event: QKeyEvent):  # type: ignore[no-untyped-def]
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.NoModifier:
            if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
                return lambda: self._press(key - Qt.Key.Key_1)
            plain = {
                Qt.Key.Key_Escape: self._step_back,
                Qt.Key.Key_H: self._toggle_why,
                Qt.Key.Key_C: self._ask_class,
            }
            if self.zoomed:
                plain |= {
                    Qt.Key.Key_Space: lambda: self.zoom(False),
                    Qt.Key.Key_Left: lambda: self.grid.step(-1),
                    Qt.Key.Key_Up: lambda: self.grid.step(-1),
                    Qt.Key.Key_Right: lambda: self.grid.step(1),
                    Qt.Key.Key_Down: lambda: self.grid.step(1),
                }
            return plain.get(Qt.Key(key))
        with_control = {
            QKeySequence("Ctrl+Z"): self.undo,
            QKeySequence("Ctrl+F"): self._search,
            QKeySequence("Ctrl+0"): lambda: self._filter(Filter()),
            QKeySequence("Ctrl+E"): self._export,
            QKeySequence("Ctrl+A"): self._select_all,
            QKeySequence("Ctrl+Shift+S"): lambda: self._show_sorting(self.sorting.isHidden()),
        }
        return with_control.get(QKeySequence(event.keyCombination()))

    def _step_back(self) -> None:
        """One thing less; at last, the start."""
        if self.zoomed:
            self.zoom(False)
        elif not self.sorting.isHidden() and not self.sorting.busy:
            self._show_sorting(False)
        elif self.toolbar.search.hasFocus() or self.model.filter.name:
            self.toolbar.search.clear()
            self.grid.setFocus()
        elif self.grid.selected():
            self.grid.clearSelection()
            self.grid.setFocus()
        elif not self.model.filter.all:
            self._filter(Filter())
        elif self.run.busy:
            self.run.cancel()
        else:
            self.home_asked.emit()

    def _press(self, number: int) -> None:
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

    def _toggle_why(self) -> None:
        if self.grid.current is not None:
            self._show_beside()
            self.beside.single.toggle_why()

    def _ask_class(self) -> None:
        if self._meant():
            self.picker.ask(self._current_classes())

    def _search(self) -> None:
        self.zoom(False)
        self.toolbar.search.setFocus()
        self.toolbar.search.selectAll()

    def _select_all(self) -> None:
        self.grid.selectAll()
        self.grid.setFocus()

    # What is shown

    def _filter(self, wanted: Filter) -> None:
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
            self._apply_split()
            self._reveal()
        at, of = self.grid.currentIndex().row() + 1, len(self.model.shown)
        self.beside.show_picture(current, at, of, self.grid.chosen_count())

    def _on_shown(self) -> None:
        """The words above the grid, and those in its place when it is empty."""
        total, shown = len(self.model.pictures), len(self.model.shown)
        self.toolbar.title.setText(words.count(total, "photo", "photos"))
        chosen = self.grid.chosen_count()
        self.toolbar.line.set_full_text(self._line(total, shown, chosen))
        answered = total - self.model.counts[State.WAITING]
        self.toolbar.export.setEnabled(answered > 0)
        self.toolbar.sort.setEnabled(answered > 0)
        if shown:
            self._left.setCurrentWidget(self.grid)
            return
        if self.run.phase is Phase.LOOKING:
            self.nothing.say("Looking for pictures…")
        elif not total:
            hint = "Drop others, or go back to the start."
            self.nothing.say("There are no photos in there", hint, "Back", self.home_asked.emit)
        elif self.model.filter.name:
            hint = f"None of these has “{self.model.filter.name}” in its name."
            self.nothing.say("Nothing found", hint, "Show all", self._show_all)
        else:
            self.nothing.say("None of these", "There is nothing of this kind any more.", "Show all", self._show_all)
        self._left.setCurrentWidget(self.nothing)

    def _line(self, total: int, shown: int, chosen: int) -> str:
        if chosen:
            return f"{chosen:,} selected  ·  wrong? {self._keys()}"
        if shown < total:
            return f"{shown:,} shown"
        card = self._desk.model.card
        return f"Answered by {card.name} v{card.version}" if card is not None else ""

    def _keys(self) -> str:
        """Which keys correct what is selected."""
        classes = self._current_classes()
        if 0 < len(classes) <= 4:
            return ", ".join(f"{number} {name}" for number, name in enumerate(classes, start=1))
        return "1 to 9, or C" if len(classes) <= KEYS else "1 to 5, or C"

    def _show_all(self) -> None:
        self.toolbar.search.clear()
        self._filter(Filter())
        self.grid.setFocus()

    # Export and sorting

    def _export(self) -> None:
        shown = len(self.model.shown)
        title = f"Export {words.count(shown, 'answer', 'answers')}"
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Table (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("whisker.csv")
        dialog.fileSelected.connect(lambda file: self.export_to(Path(file)))
        dialog.open()

    def export_to(self, file: Path) -> None:
        """Write what is shown, in its order, as a CSV file."""
        pictures = list(self.model.shown)

        def done(rows: int) -> None:
            self._desk.toast(f"{words.count(rows, 'row', 'rows')} saved in {file.name}", None)

        self._desk.tasks.run(self, lambda: export.write(file, pictures), done, self.failed.emit)

    def _show_sorting(self, on: bool) -> None:
        self.toolbar.sort.setChecked(on)
        if on:
            self.sorting.open_for(self.model.pictures)
        else:
            self.sorting.hide()
            self.grid.setFocus()

    def _on_sorted(self, plan: SortPlan, journal: Journal) -> None:
        if plan.move:
            self._repath({str(move.source): str(move.target) for move in plan.moves})
        self._show_sorting(False)
        self._sorted_last = True
        verb = "moved" if plan.move else "copied"
        said = f"{words.count(journal.sorted, 'photo', 'photos')} {verb} to {plan.destination.name}"
        if journal.cancelled:
            said = f"Stopped: {said}"
        if journal.skipped:
            said += f", {len(journal.skipped):,} skipped"
        self._desk.toast(said, self._undo_sorting if journal.sorted else None)

    def _undo_sorting(self) -> None:
        self._sorted_last = False
        journals = self._desk.whisker.home.journals

        def undo() -> int:
            from engine.dataset import sorter

            return sorter.undo(journals)

        def done(files: int) -> None:
            self._repath({})
            self._desk.toast(f"{words.count(files, 'photo', 'photos')} put back", None)

        self._desk.tasks.run(self, undo, done, self.failed.emit)

    def _repath(self, moved: dict[str, str]) -> None:
        """Files that were moved are found in their new place; or, with none, in their first one again."""
        self.model.repath(moved)

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

    def _apply_split(self) -> None:
        width = max(1, self.splitter.width())
        beside = round(width * float(self._desk.whisker.settings["many_split"]))
        self.splitter.setSizes([width - beside, beside])

    def _remember_split(self) -> None:
        left, right = self.splitter.sizes()
        if not left or not right:
            return
        share = min(0.9, max(0.1, right / (left + right)))
        settings = self._desk.whisker.settings
        self._desk.tasks.run(self, lambda: settings.set("many_split", share), lambda _: None, self.failed.emit)

    def _place(self) -> None:
        self._left = QStackedWidget()
        self._left.addWidget(self.grid)
        self._left.addWidget(self.nothing)
        self._left.setMinimumWidth(320)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(16)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._left)
        self.splitter.addWidget(self.beside)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.handle(1).setAccessibleName("Width of the photo beside the grid")
        self.beside.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.toolbar, self.chips, self.progress, self.sorting):
            column.addWidget(widget)
        column.addWidget(self.splitter, 1)
        self.setFocusProxy(self.grid)

    def _wire(self) -> None:
        self._remember = QTimer(self, singleShot=True, interval=REMEMBER_AFTER_MS)
        self._remember.timeout.connect(self._remember_split)
        self.splitter.splitterMoved.connect(lambda *_: self._remember.start())
        self.run.pictures.connect(self.model.add)
        self.run.answered.connect(self.model.answer)
        self.run.moved.connect(self._on_moved)
        self.run.trouble.connect(self.failed)
        self.model.counted.connect(self._on_counted)
        self.model.rearranged.connect(self._on_shown)
        self.grid.chosen.connect(self._on_chosen)
        self.grid.zoom_asked.connect(lambda: self.zoom(True))
        self.beside.closed.connect(self._on_beside_closed)
        self.chips.chosen.connect(self._filter)
        self.picker.chosen.connect(self.correct)
        self.toolbar.back_asked.connect(self.home_asked)
        self.toolbar.name_changed.connect(self._on_name)
        self.toolbar.order_chosen.connect(self._on_order)
        self.toolbar.export_asked.connect(self._export)
        self.toolbar.sort_asked.connect(self._show_sorting)
        self.sorting.closed.connect(lambda: self._show_sorting(False))
        self.sorting.sorted.connect(self._on_sorted)
        self._desk.news.news.connect(self._hear)

    def _on_beside_closed(self) -> None:
        if self.zoomed:
            self.zoom(False)
        else:
            self.grid.clearSelection()
