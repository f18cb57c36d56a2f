"""The Models page: what is on the shelf, how good it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.models import file_questions, reading
from gui.models.actions import ShelfActions
from gui.models.busy_strip import BusyStrip
from gui.models.columns import Columns
from gui.models.compare_view import CompareView
from gui.models.model_card import ModelCard
from gui.models.reading import Model, Shelf
from gui.models.version_row import VersionRow
from gui.page_header import PageHeader
from gui.pages import Page
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.model_shelf import Entry
    from gui.intake import Intake

LINE = "Every model on this computer, with its score on photos it never saw"


class ModelsPage(Page):
    drop_words = ("Drop a model to put it on the shelf", "A bundle folder, a ZIP of one, or an ONNX file.")

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._reading = False
        self._stale = True
        self._wanted: tuple[str, bool] | None = None
        self.shelf: Shelf | None = None
        self.setAccessibleName("Models")
        self.header = PageHeader("Models", LINE)
        self.roll_back = push("Roll back", "Back to the model that was active before")
        self.roll_back.setEnabled(False)
        self.bring_in = push("Import…", "Put a model from elsewhere on the shelf (Ctrl+O), or drop it here")
        self.message = InlineMessage(desk.theme)
        self.damaged = InlineMessage(desk.theme)
        self.busy = BusyStrip()
        self.compare = CompareView(desk)
        self.stack = QStackedWidget(self)
        self.area = Columns(self.stack)
        self.actions_of_shelf = ShelfActions(desk, self)
        self._place()
        self._wire()

    def read(self) -> None:
        """Read the shelf anew, but never twice at once."""
        self._stale = True
        if self._reading or not self.isVisible():
            return
        self._reading, self._stale = True, False
        shelf = self._desk.whisker.shelf
        self._desk.tasks.run(self, lambda: reading.read(shelf), self._on_shelf, self._on_unread, urgent=True)

    @property
    def cards(self) -> list[ModelCard]:
        return self.area.cards

    def row(self, reference: str) -> VersionRow | None:
        """The row of a version, if it is shown."""
        return self.area.row(reference)

    def show_compare(self, before: Entry, after: Entry) -> None:
        self.message.clear()
        self.stack.setCurrentWidget(self.compare)
        self._enable_compare_keys(True)
        self.roll_back.hide()
        self.bring_in.hide()
        self.compare.show_models(before, after)

    def show_version(self, reference: str, *, compare: bool = False) -> None:
        """Bring a version into view with its details; or, before it answers, what it would change."""
        self._wanted = (reference, compare)
        if self.shelf is not None and not self._reading:
            self._show_wanted()

    def _show_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or self.shelf is None:
            return
        reference, compare = wanted
        entry, active = self.shelf.find(reference), self.shelf.active
        if entry is None:
            self.message.show_message(f"{reference.replace('@', ' v')} is no longer on the shelf.", kind="info")
        elif compare and active is not None and active.reference != reference:
            self.show_compare(active, entry)
        else:
            if self.stack.currentWidget() is self.compare:
                self.show_all()
            self.area.reveal(reference)

    def show_all(self) -> None:
        """Back to the shelf."""
        shown = self.compare.after
        self.compare.leave()
        self.stack.setCurrentWidget(self.area)
        self._enable_compare_keys(False)
        self.roll_back.show()
        self.bring_in.show()
        if shown is not None and self.row(shown.reference) is not None:
            self.area.hold(shown.reference)

    def take(self, intake: Intake) -> bool:
        from engine.image_formats import SUFFIXES

        if not intake.paths or all(path.suffix.lower() in SUFFIXES for path in intake.paths):
            return False
        self.import_models(intake.paths)
        return True

    def import_models(self, paths: list[Path]) -> None:
        self.message.clear()
        self.actions_of_shelf.bring_in(paths)

    def export(self, entry: Entry, form: str) -> None:
        """Ask where to, then copy the model there."""
        self.message.clear()
        file_questions.for_destination(self, lambda paths: self.actions_of_shelf.export(entry, paths[0], form))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.read()

    def _place(self) -> None:
        for button in (self.roll_back, self.bring_in):
            self.header.buttons.addWidget(button)
        self.stack.addWidget(self.area)
        self.stack.addWidget(self.compare)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        column.addWidget(self.message)
        column.addWidget(self.busy)
        column.addWidget(self.damaged)
        column.addWidget(self.stack, 1)

    def _wire(self) -> None:
        actions = self.actions_of_shelf
        self.roll_back.clicked.connect(actions.roll_back)
        self.bring_in.clicked.connect(self._open_import_menu)
        self.area.row_gone.connect(self.setFocus)
        self.compare.back_asked.connect(self.show_all)
        self.compare.use_asked.connect(self._on_use)
        actions.acted.connect(self.message.clear)
        actions.failed.connect(self._on_failed)
        actions.began.connect(self._on_began)
        self._key(QKeySequence.StandardKey.Open, self._open_import_menu)
        self._key("F2", self._on_rename_key)
        self._key(QKeySequence.StandardKey.Undo, self._on_undo)
        self._back_key = self._key("Esc", self.show_all)
        self._enter_keys = [self._key("Return", self._on_enter), self._key("Enter", self._on_enter)]
        self._enable_compare_keys(False)
        self._desk.news.news.connect(self._hear)

    def _key(self, sequence: str | QKeySequence.StandardKey, do: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(sequence), self)
        shortcut.activated.connect(do)
        return shortcut

    def _on_shelf(self, shelf: Shelf) -> None:
        self._reading = False
        self.shelf = shelf
        open_details = {row.entry.reference for row in self.area.rows() if row.details.isChecked()}
        start = reading.axis_start(shelf.entries())
        before = {card.model.name: card for card in self.cards}
        cards = []
        for model in shelf.models:
            card = before.get(model.name)
            if card is not None and card.shows(model, start):
                # Making a card anew costs the window some milliseconds.
                cards.append(card)
            else:
                cards.append(self._new_card(model, start, open_details))
        self.area.show_cards(cards)
        self.roll_back.setEnabled(shelf.earlier is not None)
        earlier = f": {shelf.earlier.replace('@', ' v')}" if shelf.earlier else ""
        self.roll_back.setToolTip(f"Back to the model that was active before{earlier}")
        self._show_damaged(shelf)
        self._check_compare(shelf)
        self._show_wanted()
        if self._stale:
            self.read()

    def _new_card(self, model: Model, start: float, open_details: set[str]) -> ModelCard:
        card = ModelCard(self._desk.theme, model, self._entries, start, self._connect)
        card.renamed.connect(partial(self.actions_of_shelf.retitle, model.name))
        if open_details & {entry.reference for entry in model.versions} - {row.entry.reference for row in card.rows}:
            card.show_older()
        for row in card.rows:
            row.details.setChecked(row.entry.reference in open_details)
        return card

    def _connect(self, row: VersionRow) -> None:
        entry = row.entry
        row.use_asked.connect(partial(self._on_use_asked, entry))
        row.compare_asked.connect(partial(self._on_compare_asked, entry))
        row.export_asked.connect(partial(self.export, entry))
        row.remove_asked.connect(partial(self.actions_of_shelf.remove, entry))

    def _entries(self) -> list[Entry]:
        return self.shelf.entries() if self.shelf is not None else []

    def _show_damaged(self, shelf: Shelf) -> None:
        if shelf.problems:
            many = len(shelf.problems)
            text = (
                "A model on the shelf is damaged and left out."
                if many == 1
                else f"{many} models on the shelf are damaged and left out."
            )
            self.damaged.show_message(text, "\n".join(shelf.problems))
        else:
            self.damaged.clear()
        if not shelf.models:
            self.area.loading.setText("There is no model on the shelf. Install Whisker again, or import one.")
            self.area.loading.show()

    def _check_compare(self, shelf: Shelf) -> None:
        """What is compared may be gone or active by now."""
        view = self.compare
        if view.before is None or view.after is None:
            return
        before, after = shelf.find(view.before.reference), shelf.find(view.after.reference)
        if before is None or after is None:
            gone = view.before if before is None else view.after
            self.show_all()
            self.message.show_message(f"{gone.title} v{gone.version} is no longer on the shelf.", kind="info")

    def _on_use_asked(self, entry: Entry) -> None:
        active = self.shelf.active if self.shelf is not None else None
        if active is not None and active.reference != entry.reference:
            self.show_compare(active, entry)
        else:
            self.actions_of_shelf.use(entry, None)

    def _on_compare_asked(self, entry: Entry, reference: str) -> None:
        other = self.shelf.find(reference) if self.shelf is not None else None
        if other is not None:
            # The one that could be used stands second.
            self.show_compare(*((entry, other) if entry.active else (other, entry)))

    def _on_use(self) -> None:
        after = self.compare.after
        if after is not None:
            former = self.shelf.active if self.shelf is not None else None
            self.show_all()
            self.actions_of_shelf.use(after, former)

    def _enable_compare_keys(self, on: bool) -> None:
        for key in (self._back_key, *self._enter_keys):
            key.setEnabled(on)

    def _on_enter(self) -> None:
        focused = self.focusWidget()
        if isinstance(focused, QPushButton) and focused.hasFocus():
            focused.click()
        elif self.compare.use.isVisible():
            self.compare.use.click()

    def _on_rename_key(self) -> None:
        focused = self.focusWidget()
        card = next((card for card in self.cards if focused is not None and card.isAncestorOf(focused)), None)
        if card is not None:
            card.ask_title()

    def _on_undo(self) -> None:
        # Beside a comparison nobody would see what comes back.
        if self.stack.currentWidget() is self.area:
            self.actions_of_shelf.undo()

    def _on_began(self, what: str, patience: str) -> None:
        if what:
            self.busy.show_work(what, patience, self.actions_of_shelf.cancel)
        else:
            self.busy.leave()

    def _on_failed(self, error: WhiskerError) -> None:
        self.message.show_message(error.message, error.hint)
        self.read()

    def _on_unread(self, error: WhiskerError) -> None:
        self._reading = False
        self.message.show_message(error.message, error.hint, action=("Try again", self.read))

    def _open_import_menu(self) -> None:
        below = self.bring_in.mapToGlobal(QPoint(0, self.bring_in.height()))
        file_questions.import_menu(self, self.import_models).popup(below)

    def _hear(self, news: News) -> None:
        from engine.bulletin import ModelActivated, ShelfChanged

        if isinstance(news, ModelActivated | ShelfChanged):
            self.read()
