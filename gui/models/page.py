"""The Models page: what is on the shelf, how good it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.models import reading
from gui.models.actions import LABELS, ShelfActions
from gui.models.busy_strip import BusyStrip
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

COLUMNS_FROM = 1400
"""From this width of the page on, cards stand in two columns."""
_ARCHIVES = (".zip", ".onnx")
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
        self.cards: list[ModelCard] = []
        self.setAccessibleName("Models")
        self.header = PageHeader("Models", LINE)
        self.roll_back = push("Roll back", "Back to the model that was active before")
        self.roll_back.setEnabled(False)
        self.bring_in = push("Import…", "Put a model from elsewhere on the shelf (Ctrl+O), or drop it here")
        self.message = InlineMessage(desk.theme)
        self.damaged = InlineMessage(desk.theme)
        self.busy = BusyStrip()
        self.compare = CompareView(desk)
        self._box = QWidget()
        self._columns = [QVBoxLayout() for _ in range(2)]
        self._beside = False
        self.area = QScrollArea()
        self.loading = QLabel("Reading the shelf…")
        self.stack = QStackedWidget()
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

    def row(self, reference: str) -> VersionRow | None:
        """The row of a version, if it is shown."""
        return next((row for card in self.cards for row in card.rows if row.entry.reference == reference), None)

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
            self._bring_into_view(reference)

    def _bring_into_view(self, reference: str) -> None:
        if self.stack.currentWidget() is self.compare:
            self.show_all()
        if self.row(reference) is None:
            for card in self.cards:
                if any(entry.reference == reference for entry in card.model.versions):
                    card.show_older()
        row = self.row(reference)
        if row is not None:
            row.details.setChecked(True)
            # Once it is laid out it has its place.
            QTimer.singleShot(0, row, lambda: self.area.ensureWidgetVisible(row))
            (row.use if not row.use.isHidden() else row.details).setFocus()

    def show_all(self) -> None:
        """Back to the shelf."""
        shown = self.compare.after
        self.compare.leave()
        self.stack.setCurrentWidget(self.area)
        self._enable_compare_keys(False)
        self.roll_back.show()
        self.bring_in.show()
        row = self.row(shown.reference) if shown is not None else None
        if row is not None:
            self._hold(row.entry.reference)

    def take(self, intake: Intake) -> bool:
        from engine.image_formats import SUFFIXES

        if not intake.paths or all(path.suffix.lower() in SUFFIXES for path in intake.paths):
            return False
        self.import_models(intake.paths)
        return True

    def import_models(self, paths: list[Path]) -> None:
        self.message.clear()
        self.actions_of_shelf.bring_in(paths)

    def browse(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in (*_ARCHIVES, *LABELS))
        self._ask(QFileDialog.FileMode.ExistingFiles, "Choose a model", self.import_models, f"Models ({patterns})")

    def browse_folder(self) -> None:
        self._ask(QFileDialog.FileMode.Directory, "Choose a bundle folder", self.import_models)

    def export(self, entry: Entry, form: str) -> None:
        """Ask where to, then copy the model there."""
        self.message.clear()
        self._ask(
            QFileDialog.FileMode.Directory,
            "Choose where to put it",
            lambda paths: self.actions_of_shelf.export(entry, paths[0], form),
        )

    def import_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, do in (
            ("A file (ZIP, or ONNX with its labels)…", self.browse),
            ("A bundle folder…", self.browse_folder),
        ):
            action = QAction(text, menu)
            action.triggered.connect(do)
            menu.addAction(action)
        return menu

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.width() >= COLUMNS_FROM) != self._beside:
            self._beside = not self._beside
            self._arrange()

    def _place(self) -> None:
        for button in (self.roll_back, self.bring_in):
            self.header.buttons.addWidget(button)
        row = QHBoxLayout(self._box)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(16)
        for column in self._columns:
            column.setSpacing(16)
            row.addLayout(column, 1)
        self.loading.setProperty("role", "secondary")
        self._columns[0].addWidget(self.loading)
        self.area.setWidget(self._box)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
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
        self.compare.back_asked.connect(self.show_all)
        self.compare.use_asked.connect(self._on_use)
        actions.failed.connect(self._on_failed)
        actions.began.connect(self._on_began)
        self._key(QKeySequence.StandardKey.Open, self._open_import_menu)
        self._key("F2", self._on_rename_key)
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
        open_details = {row.entry.reference for card in self.cards for row in card.rows if row.details.isChecked()}
        at = self.area.verticalScrollBar().value()
        held = self._held()
        self.loading.hide()
        start = reading.axis_start(shelf.entries())
        before = {card.model.name: card for card in self.cards}
        self.cards = []
        for model in shelf.models:
            card = before.get(model.name)
            if card is not None and card.shows(model, start):
                # Making a card anew costs the window some milliseconds.
                del before[model.name]
            else:
                card = self._new_card(model, start, open_details)
            self.cards.append(card)
        self._arrange()
        for card in before.values():
            card.hide()
            card.deleteLater()
        self.area.verticalScrollBar().setValue(at)
        self._hold(held)
        self.roll_back.setEnabled(shelf.earlier is not None)
        earlier = f": {shelf.earlier.replace('@', ' v')}" if shelf.earlier else ""
        self.roll_back.setToolTip(f"Back to the model that was active before{earlier}")
        self._show_damaged(shelf)
        self._check_compare(shelf)
        self._show_wanted()
        if self._stale:
            self.read()

    def _held(self) -> str | None:
        """The version whose row has the keyboard, "" when it is elsewhere on the shelf, None when it is not here."""
        focused = self.focusWidget()
        if focused is None or not focused.hasFocus() or not self._box.isAncestorOf(focused):
            return None
        rows = [row for card in self.cards for row in card.rows if row.isAncestorOf(focused)]
        return rows[0].entry.reference if rows else ""

    def _hold(self, held: str | None) -> None:
        """Give the keyboard to the same version's new row; else Qt looks for somebody and finds the rail."""
        if held is None:
            return
        row = self.row(held)
        if row is None:
            self.setFocus()
        else:
            (row.use if not row.use.isHidden() else row.details).setFocus()

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

    def _arrange(self) -> None:
        """One column, or two that are about as long."""
        for column in self._columns:
            while column.count():
                column.takeAt(0)
        heights = [0, 0]
        for card in self.cards:
            at = heights.index(min(heights)) if self._beside else 0
            self._columns[at].addWidget(card)
            heights[at] += 60 + 60 * len(card.rows)
        if not self.cards:
            self._columns[0].addWidget(self.loading)
        for column in self._columns:
            column.addStretch(1)
        row = self._box.layout()
        assert isinstance(row, QHBoxLayout)
        row.setStretch(1, 1 if self._beside else 0)
        row.setSpacing(16 if self._beside else 0)

    def _show_damaged(self, shelf: Shelf) -> None:
        if shelf.problems:
            many = len(shelf.problems)
            text = "A model on the shelf is damaged and left out." if many == 1 else f"{many} models are damaged."
            self.damaged.show_message(text, "\n".join(shelf.problems))
        else:
            self.damaged.clear()
        if not shelf.models:
            self.loading.setText("There is no model on the shelf. Install Whisker again, or import one.")
            self.loading.show()

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
        self.import_menu().popup(self.bring_in.mapToGlobal(QPoint(0, self.bring_in.height())))

    def _ask(
        self, mode: QFileDialog.FileMode, title: str, then: Callable[[list[Path]], None], filters: str = ""
    ) -> None:
        dialog = QFileDialog(self, title)
        dialog.setFileMode(mode)
        if filters:
            dialog.setNameFilter(filters)
        dialog.filesSelected.connect(lambda files: then([Path(file) for file in files]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _hear(self, news: News) -> None:
        from engine.bulletin import ModelActivated, ShelfChanged

        if isinstance(news, ModelActivated | ShelfChanged):
            self.read()
