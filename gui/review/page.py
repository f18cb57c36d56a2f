"""The Review page: what the active model was least sure of, one photo after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.page_header import PageHeader
from gui.pages import Page
from gui.predict.class_picker import ClassPicker
from gui.problems import InlineMessage
from gui.review.class_keys import KEYS
from gui.review.finding import Found, samples
from gui.review.keyboard import Keyboard
from gui.review.look_view import LookView
from gui.review.pause_view import FOLDER_TIP, PauseView
from gui.review.queue import Queue
from gui.review.round import Round
from gui.review.search import Search

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.card import Card
    from gui.intake import Intake

LINE = "Say what a photo is, and the next training learns from it"


class ReviewPage(Page):
    drop_words = ("Drop to look through them", "Photos or whole folders; those the model is least sure of come first.")

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._card: Card | None = None
        self._found = Found([])
        self._folders: list[Path] = []
        self.setAccessibleName("Review")
        self.header = PageHeader("Review", LINE)
        self.folder = push("Choose a folder…", FOLDER_TIP)
        self.folder.clicked.connect(self.browse_folder)
        self.header.buttons.addWidget(self.folder)
        self.message = InlineMessage(desk.theme)
        self.look = LookView(desk.theme)
        self.pause = PauseView(desk.theme)
        self.picker = ClassPicker(desk.theme, self.look)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.pause)
        self.stack.addWidget(self.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        column.addWidget(self.message)
        column.addWidget(self.stack, 1)
        self.search = Search(desk, self)
        self.round = Round(desk, self.look, self)
        self._keyboard = self._make_keyboard()
        self._wire()
        self._pause()

    def begin(self) -> None:
        """Look for recent photos that the model was not sure of."""
        # A folder that could not be looked through stays for "Try again" alone.
        self._folders = []
        if (card := self._begin_looking()) is not None:
            self.search.among_recent(card, frozenset(self.round.asked))

    def begin_folder(self, paths: list[Path]) -> None:
        """Ask the model about the pictures in `paths`, then look through them."""
        self._folders = list(paths)
        if self._begin_looking() is not None:
            self.search.in_folders(paths)

    def confirm(self) -> None:
        """The model is right."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton) and focused.hasFocus() and not focused.isCheckable():
            # Who has walked to a button by keyboard means the button.
            focused.click()
        else:
            self.round.confirm()

    def choose_class(self) -> None:
        if self._card is not None and self._looking_at_one and self.look.keys.has_more:
            self.picker.ask(self._card.classes)

    def browse_folder(self) -> None:
        dialog = QFileDialog(self, "Choose a folder of photos")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.begin_folder([Path(folder)]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, intake: Intake) -> bool:
        if intake.paths:
            self.begin_folder(intake.paths)
        return bool(intake.paths)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._looking_at_one and not self.search.under_way:
            self.begin()

    @property
    def queue(self) -> Queue:
        """The photos of this round."""
        return self.round.queue

    @property
    def _looking_at_one(self) -> bool:
        return self.stack.currentWidget() is self.look

    def _make_keyboard(self) -> Keyboard:
        keys: dict[str, Callable[[], None]] = {key: partial(self.look.keys.press, key) for key in KEYS}
        keys |= {"Return": self.confirm, "Enter": self.confirm, "S": self.round.skip, "C": self.choose_class}
        always = {"Ctrl+Shift+O": self.browse_folder}
        return Keyboard(self, self.picker, looking=keys, back=self.round.back, stop=self.search.stop, always=always)

    def _wire(self) -> None:
        self.picker.chosen.connect(self.round.label)
        self.look.keys.more_asked.connect(self.choose_class)
        self.pause.more_asked.connect(self._on_more)
        self.pause.folder_asked.connect(self.browse_folder)
        self.pause.samples_asked.connect(self._on_samples)
        self.pause.cancel_asked.connect(self.search.stop)
        self.pause.back_asked.connect(self.round.back)
        self.search.progressed.connect(self.pause.show_looking)
        self.search.found.connect(self._on_found)
        self.search.failed.connect(self._on_trouble)
        self.round.came.connect(self._bring_to_front)
        self.round.over.connect(self._on_over)
        self.round.not_kept.connect(self._on_not_kept)
        self._desk.model.changed.connect(self._on_model)
        self._desk.news.news.connect(self._hear)

    def _begin_looking(self) -> Card | None:
        """Clear the table; the model that will be asked, None while there is none."""
        self.message.clear()
        self.search.drop()
        self.round.clear()
        model = self._desk.model
        self._card = model.card
        self._pause()
        if model.card is None and model.error is not None:
            self.pause.show_trouble(model.error.message, model.error.hint)
        else:
            self.pause.show_looking(None)
        return model.card

    def _pause(self) -> None:
        self.round.pause()
        self.picker.hide()
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus():
            # Else Qt looks for somebody to have the keyboard, and finds the rail.
            self.setFocus()
        self.stack.setCurrentWidget(self.pause)
        self.header.line.setText(LINE)
        self._keyboard.follow(False)
        self.folder.hide()

    def _bring_to_front(self) -> None:
        if not self._looking_at_one:
            self.stack.setCurrentWidget(self.look)
            self._keyboard.follow(True)
            self.folder.show()

    def _on_found(self, found: Found) -> None:
        self._found = found
        if not found.photos:
            self._show_nothing()
        elif self._card is not None:
            self.header.line.setText(f"What “{self._card.title}” was least sure of{_where(self._folders)}")
            self.round.begin(found.photos, self._card.classes)

    def _show_nothing(self) -> None:
        folders, self._folders = self._folders, []
        if folders and self._found.unread:
            self.pause.show_trouble(f"No photo in {folders[0].name} can be opened.", "Choose another folder.")
        elif folders and not self.search.stopped:
            self.pause.show_trouble(
                f"There is no photo in {folders[0].name} that was not labelled before.", "Choose another folder."
            )
        else:
            self.pause.show_nothing(samples() is not None)

    def _on_over(self) -> None:
        self._folders = []
        self._pause()
        # One that was said wrongly at the very end can be taken back as well.
        self._keyboard.follow(False, back=self.queue.can_go_back)
        self.pause.show_done(self.queue, self._found.more, self._found.unread)
        self.pause.more.setFocus()

    def _on_more(self) -> None:
        if self._desk.model.card is None:
            self._desk.model.load()
        if self._folders:
            self.begin_folder(self._folders)
        else:
            self.begin()

    def _on_samples(self) -> None:
        if (folder := samples()) is not None:
            self.begin_folder([folder])

    def _on_trouble(self, error: WhiskerError) -> None:
        self._pause()
        self.pause.show_trouble(error.message, error.hint)

    def _on_not_kept(self, name: str, error: WhiskerError) -> None:
        self.message.show_message(f"What you said of {name or 'a photo'} was not kept. {error.message}", error.hint)
        if self.queue.now is None:
            self.pause.show_done(self.queue, self._found.more, self._found.unread)

    def _on_model(self) -> None:
        card = self._desk.model.card
        same = card is not None and self._card is not None and card.sha256 == self._card.sha256
        if same and self._desk.model.error is None and (self._looking_at_one or self.search.under_way):
            return
        if card is None and self._desk.model.error is None:
            return
        if not self.isVisible():
            # Another model has other doubts; they are looked for when the page is next seen.
            self.search.drop()
            self._card = None
            self._folders = []
            self._pause()
        elif self._card is None and self._folders:
            # Named before there was a model to ask.
            self.begin_folder(self._folders)
        else:
            self.begin()

    def _hear(self, news: News) -> None:
        from engine.bulletin import HistoryCleared

        if isinstance(news, HistoryCleared) and not self._looking_at_one and self.isVisible():
            self.begin()


def _where(folders: list[Path]) -> str:
    if not folders:
        return " lately"
    return f", in {folders[0].name}" + (f" and {len(folders) - 1} more" if len(folders) > 1 else "")
