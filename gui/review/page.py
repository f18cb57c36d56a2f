"""The Review page: what the active model was least sure of, one photo after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.jobs import Job
from gui.page_header import PageHeader
from gui.pages import Page
from gui.predict.class_picker import ClassPicker
from gui.problems import InlineMessage
from gui.review import finding
from gui.review.class_keys import KEYS
from gui.review.finding import Found, Progress
from gui.review.labels import LabelWriter
from gui.review.look_view import LookView
from gui.review.pause_view import FOLDER_TIP, PauseView
from gui.review.preload import AHEAD, Preload
from gui.review.queue import Photo, Queue
from gui.task import Task

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
        self._asked: set[int] = set()
        self._found = Found([])
        self._folders: list[Path] = []
        self._task: Task | None = None
        self._sorting: Task | None = None
        self._halt = threading.Event()
        self._job: Job | None = None
        self._shown: int | None = None
        self.queue = Queue([])
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
        self.preload = Preload(desk.tasks, self)
        self.labels = LabelWriter(desk, self)
        self._add_keys()
        self._wire()
        self._pause()

    def begin(self) -> None:
        """Look for recent photos that the model was not sure of."""
        card = self._begin_looking()
        if card is None:
            return
        whisker, without = self._desk.whisker, frozenset(self._asked)
        self._task = self._desk.tasks.run(
            self, lambda: finding.among_recent(whisker, card, without), self._on_found, self._on_trouble
        )

    def begin_folder(self, paths: list[Path]) -> None:
        """Ask the model about the pictures in `paths`, then look through them."""
        self._folders = list(paths)
        if self._begin_looking() is None:
            return
        whisker, halt = self._desk.whisker, self._halt
        self._job = self._desk.jobs.begin("review", "Looking for photos to review", self.stop_looking)

        def look(stop: threading.Event) -> Iterator[Progress | Found]:
            return finding.in_folders(whisker, paths, stop, halt)

        self._task = self._desk.tasks.follow(self, look, self._on_news, lambda: None, self._on_trouble)

    def stop_looking(self) -> None:
        """Look through what was answered until now."""
        if self._task is None:
            return
        self._halt.set()
        if self._job is None:
            self._end_looking()
            self._on_found(Found([]))

    def confirm(self) -> None:
        """The model is right; where it said that it does not know, the photo is none of its classes."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton) and focused.hasFocus() and not focused.isCheckable():
            # Who has walked to a button by keyboard means the button.
            focused.click()
        elif self.queue.now is not None and self.queue.now.unknown:
            self.skip()
        elif self.queue.now is not None:
            self.label(self.queue.now.predicted)

    def label(self, label: str) -> None:
        """Say what the photo is, and go on."""
        photo = self.queue.now
        if photo is None or self._shown != photo.row:
            return
        self.queue.label(label)
        self.labels.write(photo.row, label)
        self._go_on()

    def skip(self) -> None:
        if self.queue.now is not None and self._shown == self.queue.now.row:
            self.queue.skip()
            self._go_on()

    def back(self) -> None:
        """Return to the photo before, and take back what was said of it."""
        said = self.queue.back()
        if said is None:
            return
        if said.label is not None:
            self.labels.write(said.photo.row, None)
        self._go_on()

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
        if not intake.paths:
            return False
        self.begin_folder(intake.paths)
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._looking_at_one and self._task is None:
            self.begin()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.picker and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            # Its field takes letters itself, but Enter would be the page's.
            self._enable_keys(event.type() == QEvent.Type.Hide and self._looking_at_one)
        return super().eventFilter(watched, event)

    @property
    def _looking_at_one(self) -> bool:
        return self.stack.currentWidget() is self.look

    def _add_keys(self) -> None:
        keys: dict[str, Callable[[], None]] = {key: partial(self.look.keys.press, key) for key in KEYS}
        keys |= {"Return": self.confirm, "Enter": self.confirm, "S": self.skip, "C": self.choose_class}
        self._keys = [self._key(sequence, do) for sequence, do in keys.items()]
        self._keys.append(self._key(QKeySequence.StandardKey.Undo, self.back))
        self._stop_key = self._key("Esc", self.stop_looking)
        self._key("Ctrl+Shift+O", self.browse_folder)

    def _key(self, sequence: str | QKeySequence.StandardKey, do: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(sequence), self)
        # A key held down must not label what nobody has looked at.
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(do)
        return shortcut

    def _wire(self) -> None:
        self.picker.installEventFilter(self)
        self.picker.chosen.connect(self.label)
        self.look.keys.chosen.connect(self.label)
        self.look.keys.more_asked.connect(self.choose_class)
        self.look.skip_asked.connect(self.skip)
        self.look.back_asked.connect(self.back)
        self.look.resized.connect(self._want)
        self.pause.more_asked.connect(self._on_more)
        self.pause.folder_asked.connect(self.browse_folder)
        self.pause.samples_asked.connect(self._on_samples)
        self.pause.cancel_asked.connect(self.stop_looking)
        self.pause.back_asked.connect(self.back)
        self.preload.ready.connect(self._on_ready)
        self.labels.failed.connect(self._on_not_kept)
        self._desk.model.changed.connect(self._on_model)
        self._desk.news.news.connect(self._hear)

    def _begin_looking(self) -> Card | None:
        """Clear the table; the model that will be asked, None while there is none."""
        self.message.clear()
        self._end_looking()
        if self._sorting is not None:
            self._sorting.cancel()
        self._halt = threading.Event()
        self.preload.clear()
        self.queue = Queue([])
        model = self._desk.model
        self._card = model.card
        self._pause()
        if model.card is not None:
            self.pause.show_looking(None)
        elif model.error is not None:
            self.pause.show_trouble(model.error.message, model.error.hint)
        else:
            self.pause.show_looking(None)
        return model.card

    def _end_looking(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._job is not None:
            self._job.end()
            self._job = None

    def _pause(self) -> None:
        self._shown = None
        self.picker.hide()
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus():
            # Else Qt looks for somebody to have the keyboard, and finds the rail.
            self.setFocus()
        self.stack.setCurrentWidget(self.pause)
        self.header.line.setText(LINE)
        self._enable_keys(False)

    def _enable_keys(self, on: bool) -> None:
        for key in self._keys:
            key.setEnabled(on)
        self._stop_key.setEnabled(not on and not self.picker.isVisible())
        self.folder.setVisible(self._looking_at_one)

    def _on_news(self, news: list[Progress | Found]) -> None:
        for one in news:
            if isinstance(one, Found):
                self._on_found(one)
                return
        last = news[-1]
        if isinstance(last, Progress) and self._job is not None:
            self.pause.show_looking(last)
            self._job.progress(last.done, last.total)

    def _on_found(self, found: Found) -> None:
        self._end_looking()
        self._found = found
        self.queue = Queue(found.photos)
        if not found.photos:
            self._show_nothing()
            return
        assert self._card is not None
        self.header.line.setText(f"What “{self._card.title}” was least sure of{_where(self._folders)}")
        self.stack.setCurrentWidget(self.look)
        self._enable_keys(True)
        self._go_on()
        if len(found.photos) > 2 * AHEAD:
            self._sort_by_looks()

    def _show_nothing(self) -> None:
        folders, self._folders = self._folders, []
        if folders and self._found.unread:
            self.pause.show_trouble(f"No photo in {folders[0].name} can be opened.", "Choose another folder.")
        elif folders and not self._halt.is_set():
            self.pause.show_trouble(
                f"There is no photo in {folders[0].name} that was not labelled before.", "Choose another folder."
            )
        else:
            self.pause.show_nothing(_samples() is not None)

    def _sort_by_looks(self) -> None:
        """While the first photos are looked at, put copies and bursts among the others last."""
        queue, whisker = self.queue, self._desk.whisker
        photos = queue.all()[: finding.POOL]

        def sort(stop: threading.Event) -> Iterator[list[int]]:
            return finding.similar_last(whisker, photos, stop)

        def sorted_out(orders: list[list[int]]) -> None:
            if queue is self.queue:
                queue.rearrange([*orders[-1], *range(len(photos), len(queue))], AHEAD)
                self._want()

        # In the order they have they are worth a look as well: a failure here costs nothing.
        self._sorting = self._desk.tasks.follow(self, sort, sorted_out, lambda: None, lambda _error: None)

    def _go_on(self) -> None:
        """Show the present photo, or that all were looked at."""
        while True:
            photo = self.queue.now
            if photo is None:
                self._finish()
                return
            ready = self.preload.get(photo)
            if not isinstance(ready, WhiskerError):
                break
            self.queue.pass_over()
        assert self._card is not None
        if not self._looking_at_one:
            self.stack.setCurrentWidget(self.look)
            self._enable_keys(True)
        self._asked.add(photo.row)
        self.look.show_place(self.queue)
        self.look.show_guess(photo, self._card.classes)
        self._want()
        if ready is None:
            self._shown = None
            self.look.photo.show_loading()
        else:
            self._show(photo, ready)

    def _show(self, photo: Photo, image: QImage) -> None:
        self._shown = photo.row
        self.look.show_photo(image, photo)

    def _want(self) -> None:
        if self.queue.now is not None:
            self.preload.want(self.queue.ahead(AHEAD), self.look.room())

    def _finish(self) -> None:
        if self._sorting is not None:
            self._sorting.cancel()
        self._folders = []
        # One that was said wrongly at the very end can be taken back as well.
        can_undo = self.queue.can_go_back
        self._pause()
        self._keys[-1].setEnabled(can_undo)
        self.pause.show_done(self.queue, self._found.more, self._found.unread)
        self.pause.more.setFocus()

    def _on_ready(self, row: int) -> None:
        photo = self.queue.now
        if photo is not None and photo.row == row and self._shown != row and self._looking_at_one:
            self._go_on()

    def _on_more(self) -> None:
        if self._desk.model.card is None:
            self._desk.model.load()
        if self._folders:
            self.begin_folder(self._folders)
        else:
            self.begin()

    def _on_samples(self) -> None:
        samples = _samples()
        if samples is not None:
            self.begin_folder([samples])

    def _on_trouble(self, error: WhiskerError) -> None:
        self._end_looking()
        self._pause()
        self.pause.show_trouble(error.message, error.hint)

    def _on_not_kept(self, row: int, error: WhiskerError) -> None:
        name = self.queue.unsay(row)
        self.message.show_message(f"What you said of {name or 'a photo'} was not kept. {error.message}", error.hint)
        if self.queue.now is None:
            self.pause.show_done(self.queue, self._found.more, self._found.unread)

    def _on_model(self) -> None:
        card = self._desk.model.card
        same = card is not None and self._card is not None and card.sha256 == self._card.sha256
        if same and self._desk.model.error is None and (self._looking_at_one or self._task is not None):
            return
        if card is None and self._desk.model.error is None:
            return
        if not same:
            self._folders = []
        if self.isVisible():
            self.begin()
        else:
            # Another model has other doubts; they are looked for when the page is next seen.
            self._end_looking()
            self._card = None
            self._pause()

    def _hear(self, news: News) -> None:
        from engine.bulletin import HistoryCleared

        if isinstance(news, HistoryCleared) and not self._looking_at_one and self.isVisible():
            self.begin()


def _where(folders: list[Path]) -> str:
    if not folders:
        return " lately"
    others = f" and {len(folders) - 1} more" if len(folders) > 1 else ""
    return f", in {folders[0].name}{others}"


def _samples() -> Path | None:
    from engine import paths

    return paths.samples() if any(paths.samples().glob("*.jpg")) else None
