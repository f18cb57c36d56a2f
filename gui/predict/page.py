"""The Predict page: takes whatever comes in and shows it as one photo or as many."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import ModelError, WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.not_remembered import NotRememberedLine
from gui.page_header import PageHeader
from gui.pages import Page
from gui.predict.arrivals import Arrivals
from gui.predict.empty_view import BROWSE_TIP, EmptyView
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.history import Row
    from gui.intake import Intake
    from gui.predict.many_view import ManyView
    from gui.predict.recent_list import RecentList
    from gui.predict.single_view import SingleView

COLUMNS_FROM = 1440
"""From this width of the page on, recent predictions stand beside the photo instead of below it."""
STRIP_FROM = 640
"""Below this height there is no room for them under the photo."""


class PredictPage(Page):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._waiting: Intake | None = None
        self._begun = False
        self.setAccessibleName("Predict")
        self.header = PageHeader("Predict", "Drop photos or a folder anywhere in this window")
        self.message = InlineMessage(desk.theme)
        self.not_remembered = NotRememberedLine(desk, self)
        self.stack = QStackedWidget()
        self.empty = EmptyView(desk)
        self.stack.addWidget(self.empty)
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.body.setSpacing(16)
        self.body.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        column.addWidget(self.message)
        column.addWidget(self.not_remembered)
        column.addLayout(self.body, 1)
        self._add_actions()
        self.arrivals = Arrivals(desk, self)
        self.arrivals.one.connect(self._on_one)
        self.arrivals.several.connect(self._on_several)
        self.arrivals.refused.connect(self._on_refused)
        self.arrivals.failed.connect(self._on_failed)
        self.empty.browse_asked.connect(self.browse)
        self.empty.sample_chosen.connect(lambda path: self.open([path]))
        desk.model.changed.connect(self._on_model)
        desk.news.news.connect(self._hear)

    def started(self) -> None:
        """Make what is not seen at first; then show what came in meanwhile."""
        self._make_views()
        self._begun = True
        self.recent.read()
        self.empty.read_samples()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.take(waiting)

    def take(self, intake: Intake) -> bool:
        if not self._begun:
            self._waiting = intake
            return True
        self.message.clear()
        self.arrivals.take(intake)
        return True

    def open(self, paths: list[Path]) -> None:
        """Show one file as one photo; several, or a folder, as many."""
        self.message.clear()
        self.arrivals.open(paths)

    def show_answer(self, row: Row) -> None:
        """Show an answer of the history as it was given."""
        self.many.stop()
        self._on_recent(row)

    def paste(self) -> None:
        from gui.intake import read

        self.take(read(QGuiApplication.clipboard().mimeData()))

    def browse(self) -> None:
        from engine.image_formats import SUFFIXES

        patterns = " ".join(sorted(f"*{suffix}" for suffix in SUFFIXES))
        self._ask(QFileDialog.FileMode.ExistingFiles, "Choose photos", f"Photos ({patterns});;All files (*)")

    def browse_folder(self) -> None:
        self._ask(QFileDialog.FileMode.Directory, "Choose a folder of photos", "")

    def go_home(self) -> None:
        """Back to the start."""
        self.message.clear()
        self.many.stop()
        self._show(self.empty)
        self.recent.mark(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._begun:
            self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # The window gives the keyboard to the page that it shows.
        if self._begun and self.stack.currentWidget() is self.many:
            self.many.setFocus()

    def _make_views(self) -> None:
        from gui.predict.corrections import Corrections
        from gui.predict.many_view import ManyView
        from gui.predict.no_model_view import NoModelView
        from gui.predict.recent_list import RecentList
        from gui.predict.single_view import SingleView

        self.corrections = Corrections(self._desk, self)
        self.single: SingleView = SingleView(self._desk, self.corrections)
        self.many: ManyView = ManyView(self._desk)
        self.no_model = NoModelView(self._desk.theme)
        self.recent: RecentList = RecentList(self._desk)
        for view in (self.single, self.many, self.no_model):
            self.stack.addWidget(view)
        self.body.addWidget(self.recent)
        self.single.failed.connect(self._on_failed)
        self.single.named.connect(self.setWindowTitle)
        self.single.answered.connect(self.recent.mark)
        self.many.failed.connect(self._on_failed)
        self.many.home_asked.connect(self.go_home)
        self.recent.chosen.connect(self._on_recent)
        self.no_model.retry_asked.connect(self._desk.model.load)
        self.no_model.choose_asked.connect(self._choose_model)
        self._add_single_keys()
        self._arrange()

    def _add_actions(self) -> None:
        self.paste_button = push("Paste", "Paste a photo, files or a path (Ctrl+V)", name="Paste a photo")
        self.paste_button.clicked.connect(self.paste)
        self.browse_button = push("Browse…", BROWSE_TIP, name="Browse for photos", kind="primary")
        self.browse_button.clicked.connect(self.browse)
        for button in (self.paste_button, self.browse_button):
            button.hide()
            self.header.buttons.addWidget(button)
        self._key(QKeySequence.StandardKey.Open, self.browse)
        self._key("Ctrl+Shift+O", self.browse_folder)
        self._key(QKeySequence.StandardKey.Paste, self.paste)

    def _add_single_keys(self) -> None:
        single = self.single
        corrections = single.panel.corrections
        keys = [self._key("H", single.toggle_why), self._key("C", single.ask_class)]
        keys.append(self._key(QKeySequence.StandardKey.Copy, single.copy_answer))
        for number in range(1, 10):
            keys.append(self._key(str(number), partial(corrections.press, number)))
        self._single_keys = keys
        self._undo_key = self._key(QKeySequence.StandardKey.Undo, self.corrections.undo)
        self._home_key = self._key("Esc", self.go_home)
        self._show(self.empty)

    def _key(self, sequence: str | QKeySequence.StandardKey, do: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(sequence), self)
        shortcut.activated.connect(do)
        return shortcut

    def _show(self, view: QWidget) -> None:
        self.stack.setCurrentWidget(view)
        single = view is self.single
        for key in self._single_keys:
            key.setEnabled(single)
        # Many photos have keys of their own.
        self._undo_key.setEnabled(view is not self.many)
        self._home_key.setEnabled(view not in (self.empty, self.many))
        for button in (self.paste_button, self.browse_button):
            button.setVisible(view in (self.single, self.many))
        if view is self.empty:
            self.setWindowTitle("")
        self._arrange()

    def _arrange(self) -> None:
        beside = self.width() >= COLUMNS_FROM
        across = QBoxLayout.Direction.LeftToRight
        direction = across if beside else QBoxLayout.Direction.TopToBottom
        if self.body.direction() != direction:
            self.body.setDirection(direction)
            self.body.setSpacing(24 if beside else 16)
            self.recent.set_column(beside)
        fits = beside or self.height() >= STRIP_FROM
        self.recent.want(fits and self.stack.currentWidget() in (self.empty, self.single))

    def _on_one(self, path: Path, name: str) -> None:
        # One photo more is added to the many that are there.
        if self.stack.currentWidget() is self.many:
            self._on_several([path])
        else:
            self._show_picture(path, name)

    def _on_several(self, paths: list[Path]) -> None:
        self._show(self.many)
        self.setWindowTitle("many photos" if len(paths) > 1 else paths[0].name)
        self.many.start(paths)

    def _on_refused(self, text: str, hint: str) -> None:
        self.message.show_message(text, hint, kind="info")

    def _show_picture(self, path: Path, name: str = "") -> None:
        self.many.stop()
        self.single.show_picture(path, name)
        self._show(self.single)

    def _on_recent(self, row: Row) -> None:
        self.message.clear()
        self.single.show_row(row)
        self._show(self.single)

    def _hear(self, news: News) -> None:
        from engine.bulletin import HistoryCleared

        if not self._begun or not isinstance(news, HistoryCleared) or self.single.answer is None:
            return
        if self.single.answer.row in news.rows:
            # Forgotten: it must not go on being shown, nor be corrected.
            self.single.forget()
            if self.stack.currentWidget() is self.single:
                self.go_home()

    def _on_failed(self, error: WhiskerError) -> None:
        if isinstance(error, ModelError):
            self._desk.model.load()
        if self.stack.currentWidget() is self.single and self.single.answer is None:
            self._show(self.empty)
        self.message.show_message(error.message, error.hint)

    def _on_model(self) -> None:
        if not self._begun:
            return
        model = self._desk.model
        if model.card is None and model.error is not None:
            self.no_model.show_error(model.error)
            self.message.clear()
            self._show(self.no_model)
        elif model.error is not None:
            self.message.show_message(model.error.message, model.error.hint)
        elif self.stack.currentWidget() is self.no_model:
            self._show(self.empty)
        elif self.stack.currentWidget() is self.single:
            self._ask_again()

    def _ask_again(self) -> None:
        """Another model is active: what is shown is answered by it."""
        answer, card = self.single.answer, self._desk.model.card
        if answer is None or card is None or answer.path is None:
            return
        if answer.at is None and (answer.model, answer.model_version) != (card.name, card.version):
            self.single.show_picture(answer.path, answer.name)

    def _choose_model(self) -> None:
        from gui.status_bar import StatusBar

        bar = self.window().findChild(StatusBar)
        if bar is not None:
            bar.choose_model()

    def _ask(self, mode: QFileDialog.FileMode, title: str, filters: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if filters:
            dialog.setNameFilter(filters)
        dialog.filesSelected.connect(lambda files: self.open([Path(file) for file in files]))
        dialog.open()
