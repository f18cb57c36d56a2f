"""All answers: a bar to narrow them, a table to go through them, and the chosen one beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.desk import Desk
from gui.history import said
from gui.history.beside import Beside
from gui.history.export_line import ExportLine
from gui.history.filter_bar import FilterBar
from gui.history.forget_card import ForgetCard
from gui.history.rows_model import RowsModel
from gui.history.table import Table
from gui.predict.class_picker import ClassPicker
from gui.predict.corrections import Corrections
from gui.predict.many.nothing import Nothing
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.errors import WhiskerError
    from engine.history_search import Choices

PATIENCE_MS = 250
"""A search that takes longer is said to be under way."""
ANY_CLASS = "Any class"
SIDE_SHARE, SIDE_LEAST, SIDE_MOST = 0.38, 312, 520
"""How wide the chosen answer stands beside the table, until the person draws it otherwise."""


class AnswersView(QWidget):
    """Signals:
    first_asked: There is no answer yet; Predict gives the first.
    """

    first_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._stale = True
        self._split = False
        self._read_ahead = False
        self._again: tuple[set[int], int | None] = (set(), None)
        self.message = InlineMessage(desk.theme)
        self.bar = FilterBar(desk.theme)
        self.rows = RowsModel(desk, self)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.list = QFrame(self.splitter)
        self.stack = QStackedWidget(self.list)
        self.table = Table(desk, self.rows, self.stack)
        self.side = QStackedWidget(self.splitter)
        self.corrections = Corrections(desk, self)
        self.beside = Beside(desk, self.corrections, self.side)
        self.forget = ForgetCard(desk, self.side)
        self.export = ExportLine(desk, lambda: self.bar.search)
        self.nothing = Nothing(self.stack)
        self.count = QLabel("Reading the history…")
        self.count.setProperty("role", "secondary")
        self._place()
        self.picker = ClassPicker(desk.theme, self, "Which class?")
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._wire()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._split:
            side = max(SIDE_LEAST, min(SIDE_MOST, round(self.width() * SIDE_SHARE)))
            self.splitter.setSizes([self.width() - side - self.splitter.handleWidth(), side])

    def look(self) -> None:
        """Look for what the bar says, and for what there is to choose."""
        self._stale = False
        self.message.clear()
        self.rows.find(self.bar.search)
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: whisker.history.choices(), self._on_choices, lambda _error: None)
        if not self._read_ahead:
            self._read_ahead = True
            self._desk.tasks.run(self, lambda: whisker.history.read_ahead(), lambda _: None, lambda _error: None)

    def see(self) -> None:
        """The view can be seen now."""
        self.bar.sure_from(float(self._desk.whisker.settings["sure_above"]))
        if self._stale:
            self.look()
        else:
            self.rows.catch_up()

    def hear(self, news: News) -> None:
        from engine.bulletin import HistoryCleared, SettingChanged

        self.rows.hear(news, visible=self.isVisible())
        if isinstance(news, HistoryCleared) and not news.rows and self.isVisible():
            self.rows.look_whether_gone(self._look_again)
        elif isinstance(news, HistoryCleared):
            self._look_again()
        elif isinstance(news, SettingChanged) and news.key == "sure_above" and self.isVisible():
            self.see()
            self.table.viewport().update()
            self._show_current()

    def focus_search(self) -> None:
        self.bar.field.setFocus()
        self.bar.field.selectAll()

    def leave_one(self) -> bool:
        """Go one step back, as Escape does; whether there was one."""
        pickers = [picker for picker in (self.picker, self.beside.picker) if picker.isVisible()]
        if pickers:
            pickers[0].leave()
        elif self.forget.isVisible():
            self.forget.leave()
        elif self.bar.field.hasFocus() and self.bar.field.text():
            self.bar.field.clear()
        else:
            return False
        return True

    def _place(self) -> None:
        self.list.setProperty("surface", "card")
        inside = QVBoxLayout(self.list)
        inside.setContentsMargins(8, 8, 8, 8)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.nothing)
        inside.addWidget(self.stack)
        self.side.addWidget(self.beside)
        self.side.addWidget(self.forget)
        self.splitter.setHandleWidth(16)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.splitterMoved.connect(self._on_split)
        line = self.bar.line
        line.addWidget(self.count, 4)
        line.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.message)
        column.addWidget(self.bar)
        column.addWidget(self.splitter, 1)

    def _wire(self) -> None:
        self.bar.changed.connect(self.look)
        # The button goes with what it has cleared; the keyboard goes on among what was found.
        self.bar.clear.clicked.connect(self.table.setFocus)
        self.bar.down_asked.connect(self._on_down)
        self.bar.class_asked.connect(self._on_class_asked)
        self.picker.chosen.connect(lambda name: self.bar.choose_class(None if name == ANY_CLASS else name))
        self.rows.moved.connect(self._on_moved)
        self.rows.arrived.connect(self._on_arrived)
        self.rows.failed.connect(self._on_failed)
        self.rows.dataChanged.connect(self._show_current)
        self._patience.timeout.connect(lambda: self.count.setText("Searching…"))
        self.table.current_changed.connect(lambda _row: self._show_current())
        self.table.activated.connect(lambda _index: self.open())
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu)
        self.beside.open_asked.connect(self.open)
        self.beside.copy_asked.connect(self.copy_paths)
        self.beside.forget_asked.connect(self.ask_forget)
        self.forget.left.connect(self._on_forget_over)
        self.forget.done.connect(self._on_forget_over)
        self.forget.failed.connect(self._on_forget_failed)
        self.export.saving.failed.connect(self._on_failed_to_save)
        for number in range(1, 10):
            self._key(str(number), partial(self._on_number, number))
        self._key("C", self._on_choose)
        self._key(QKeySequence.StandardKey.Undo, self.corrections.undo)
        self._key(QKeySequence.StandardKey.Find, self.focus_search)
        self._key(QKeySequence.StandardKey.Copy, self.copy_paths)
        self._key("Delete", self._on_delete)
        self._key("Ctrl+E", self.export.open_menu)
        self._key("Ctrl+0", self.bar.clear_all)

    def _key(self, sequence: str | QKeySequence.StandardKey, do: Callable[[], object]) -> None:
        QShortcut(QKeySequence(sequence), self).activated.connect(do)

    def open(self) -> None:
        """Show the chosen answer in Predict."""
        row = self.table.row()
        if row is not None and len(self.table.chosen()) <= 1:
            self._desk.ways.answer_asked.emit(row)

    def copy_paths(self) -> None:
        paths = [str(row.path) for row in self.table.chosen() if row.path is not None]
        if paths:
            QGuiApplication.clipboard().setText("\n".join(paths))
            self._desk.toast("Path copied" if len(paths) == 1 else f"{len(paths):,} paths copied", None)

    def ask_forget(self) -> None:
        """Say what would go if the chosen ones were forgotten."""
        rows = self.table.chosen()
        if rows:
            self.message.clear()
            self.side.setCurrentWidget(self.forget)
            path = rows[0].path if len(rows) == 1 else None
            self.forget.ask(rows, None if path is None else self.beside.image or self.table.picture(path))

    def _on_number(self, number: int) -> None:
        # While it is asked whether to forget it, nothing is said of it.
        if self.beside.isVisible():
            self.beside.press(number)

    def _on_choose(self) -> None:
        if self.beside.isVisible():
            self.beside.ask_class()

    def _on_delete(self) -> None:
        if self.forget.isVisible():
            self.forget.forget()
        else:
            self.ask_forget()

    def _on_forget_over(self) -> None:
        self.side.setCurrentWidget(self.beside)
        self.table.setFocus()

    def _on_forget_failed(self, error: WhiskerError) -> None:
        self._on_forget_over()
        self.message.show_message(error.message, error.hint)

    def _on_menu(self, at: QPoint) -> None:
        rows = self.table.chosen()
        if not rows:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(rows) == 1:
            menu.addAction("Open in Predict").triggered.connect(self.open)
            menu.addAction("Choose what it is…").triggered.connect(self.beside.ask_class)
        copy = menu.addAction("Copy path" if len(rows) == 1 else "Copy paths")
        copy.setEnabled(any(row.path is not None for row in rows))
        copy.triggered.connect(self.copy_paths)
        menu.addSeparator()
        menu.addAction(self.beside.forget.text()).triggered.connect(self.ask_forget)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _on_class_asked(self) -> None:
        self.bar.choose_class(self.bar.search.class_name)
        self.picker.ask([ANY_CLASS, *self.bar.choices.classes], self.bar.classes)

    def _on_down(self) -> None:
        self.table.setFocus()
        if not self.table.currentIndex().isValid() and self.rows.rowCount():
            self.table.setCurrentIndex(self.rows.index(0, 0))

    def _on_choices(self, choices: Choices) -> None:
        self.bar.choices = choices

    def _on_moved(self) -> None:
        if self.rows.searching:
            if not self._patience.isActive():
                self._patience.start()
            return
        self._patience.stop()
        found = self.rows.found
        if found is None and self.rows.complete:
            # Whatever is counted, all of it is here.
            found = len(self.rows.rows)
        self.count.setText(said.found(found, self.bar.search.narrows))
        self.export.allow(bool(self.rows.rows))
        self._show_place()

    def _show_place(self) -> None:
        empty = not self.rows.rows
        narrowed = self.bar.search.narrows
        if empty and narrowed:
            self.nothing.say("Nothing found", "No answer fits all of this.", "Clear filters", self.bar.clear_all)
        elif empty:
            self.nothing.say(
                "No answers yet",
                "Whatever is asked, here or through the terminal and the API, is listed here with its photo.",
                "Ask about a photo",
                self.first_asked.emit,
            )
        self.stack.setCurrentWidget(self.nothing if empty else self.table)
        plain = empty and not narrowed
        self.bar.setVisible(not plain)
        self.side.setVisible(not empty)

    def _look_again(self) -> None:
        self.table.thumbs.clear()
        self._remember_choice()
        self._stale = True
        if self.isVisible():
            self.look()

    def _remember_choice(self) -> None:
        row = self.table.row()
        self._again = ({row.id for row in self.table.chosen()}, row.id if row is not None else None)

    def _on_arrived(self) -> None:
        chosen, current = self._again
        self._again = (set(), None)
        if chosen:
            self.table.choose(chosen, current)
        if not self.table.selectionModel().hasSelection() and self.rows.rowCount():
            first = self.rows.index(0, 0)
            self.table.setCurrentIndex(first)
            self.table.scrollToTop()
        self._show_current()

    def _show_current(self) -> None:
        chosen = self.table.chosen()
        row = self.table.row()
        if self.side.currentWidget() is self.forget and [each.id for each in chosen] == []:
            self.forget.leave()
        self.beside.show_row(row if chosen else None, len(chosen))

    def _on_failed(self, error: WhiskerError) -> None:
        self._patience.stop()
        self._stale = True
        self.count.setText("The history could not be read")
        self.message.show_message(error.message, error.hint, action=("Try again", self.look))

    def _on_failed_to_save(self, error: WhiskerError) -> None:
        self.message.show_message(error.message, error.hint, action=("Export…", self.export.open_menu))

    def _on_split(self) -> None:
        self._split = True
